noinst_LTLIBRARIES += libbase.la
libbase_la_SOURCES = \
	%D%/buf.c %D%/buf.h \
	%D%/cleanup.h \
	%D%/err.c \
	%D%/io.c %D%/io.h \
	%D%/path.c %D%/path.h \
	%D%/strv.c %D%/strv.h \
	%D%/sys.h \
	%D%/utf8.c %D%/utf8.h
