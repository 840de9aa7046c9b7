sbxinclude_HEADERS += %D%/include/sbx/sbx.h %D%/include/sbx/err.h
nodist_sbxinclude_HEADERS += %D%/include/sbx/version.h

# libsbx is the same code as the program, shared. -version-info: raise the first
# number with every change of the interface.
lib_LTLIBRARIES += libsbx.la
libsbx_la_SOURCES =
libsbx_la_LIBADD = $(SBX_LIBS)
libsbx_la_LDFLAGS = $(AM_LDFLAGS) -no-undefined -version-info 0:0:0 \
	-Wl,-z,defs -Wl,--version-script=$(srcdir)/%D%/libsbx.map
EXTRA_libsbx_la_DEPENDENCIES = %D%/libsbx.map
EXTRA_DIST += %D%/libsbx.map
pkgconfig_DATA = %D%/sbx.pc
