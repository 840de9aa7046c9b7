noinst_LTLIBRARIES += libcore.la
libcore_la_SOURCES = \
	%D%/doctor.h \
	%D%/doctor_judge.c \
	%D%/doctor_read.c \
	%D%/doctor_try.c \
	%D%/policy.c %D%/policy.h
