# The rules that a machine can check: make lint [LINT_CHECKS="layers ..."]
EXTRA_DIST += .clang-format .clang-tidy .shellcheckrc \
	%D%/cppcheck.supp %D%/documented.awk %D%/layers %D%/layers.awk \
	%D%/run.bash

lint: all
	@LINT_CPPFLAGS="$(DEFS) $(AM_CPPFLAGS) $(CAP_CFLAGS) $(SECCOMP_CFLAGS) \
		$(NL_CFLAGS) $(YAML_CFLAGS) $(JANSSON_CFLAGS) $(SYSTEMD_CFLAGS) \
		-I$(abs_top_builddir)/runtime/include -I$(abs_top_builddir) \
		-DSBX_SCOPE=0" \
		bash '$(srcdir)/tests/lint/run.bash' '$(srcdir)' \
		'$(abs_top_builddir)' $(LINT_CHECKS)
.PHONY: lint
