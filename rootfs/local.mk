noinst_LTLIBRARIES += librootfs.la
librootfs_la_SOURCES = \
	%D%/overlay/changes.h
