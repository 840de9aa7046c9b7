sbxinclude_HEADERS += %D%/include/sbx/sbx.h %D%/include/sbx/err.h
nodist_sbxinclude_HEADERS += %D%/include/sbx/version.h
