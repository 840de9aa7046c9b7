noinst_LTLIBRARIES += libpolicy.la
libpolicy_la_CFLAGS = $(AM_CFLAGS) $(YAML_CFLAGS) $(JANSSON_CFLAGS)
libpolicy_la_SOURCES = \
	%D%/policy.h
