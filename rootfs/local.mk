noinst_LTLIBRARIES += librootfs.la
librootfs_la_SOURCES = \
	%D%/overlay/changes.c %D%/overlay/changes.h \
	%D%/overlay/remove.c \
	%D%/skel/skel.c %D%/skel/skel.h
