noinst_LTLIBRARIES += libcore.la
libcore_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
libcore_la_SOURCES = \
	%D%/doctor.c %D%/doctor.h \
	%D%/doctor_judge.c \
	%D%/doctor_read.c \
	%D%/doctor_try.c \
	%D%/kept.c \
	%D%/limits.c %D%/limits.h \
	%D%/policy.c %D%/policy.h \
	%D%/report.c \
	%D%/result.h \
	%D%/run.c \
	%D%/rundir.c %D%/rundir.h \
	%D%/spare.c %D%/spare.h
