#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# run.bash SRCDIR BUILDDIR [CHECK...]: the rules that a machine can check, as
# TAP. $LINT_CPPFLAGS is what the compiler is told. A check is a function that
# prints a line "file:line: what is wrong" for each offence, else nothing.
set -u -o pipefail
cd "$1" || exit 99
builddir=$2
shift 2
here=tests/lint
export LINT_CPPFLAGS

mapfile -t c_files < <(find runtime policy rootfs tools tests \
	-name '*.[ch]' | sort)
mapfile -t host_files < <(printf '%s\n' "${c_files[@]}" |
	grep -E '^(runtime|policy|rootfs)/')
mapfile -t code < <({
	printf '%s\n' "${c_files[@]}" quickstart .ci/run autogen.sh configure.ac \
		Makefile.am .clang-tidy build-aux/packages.debian
	find runtime policy rootfs tools tests -name local.mk -o -name '*.sh' \
		-o -name '*.bash' -o -name '*.awk' -o -name '*.py' -o -path \
		'tests/vm/guest/*' -type f
} | sort)
mapfile -t shell_files < <(grep -lE '^(#!.*(sh|bash)( |$)|# shellcheck shell=)' \
	"${code[@]}")

# A file may include only what its folder may.
check_layers() {
	mapfile -t layered < <(printf '%s\n' "${c_files[@]}" | grep -v '^tests/')
	awk -f "$here"/layers.awk "$here"/layers "${layered[@]}"
}

check_file_length() {
	awk 'FNR == 801 { print FILENAME ":801: longer than 800 lines" }' \
		"${c_files[@]}" "${shell_files[@]}"
}

check_spdx() {
	awk 'FNR <= 2 && /SPDX-License-Identifier: Apache-2\.0/ { has[FILENAME] = 1 }
		END { for (i = 1; i < ARGC; i++) if (!(ARGV[i] in has))
			print ARGV[i] ":1: no SPDX line" }' \
		"${c_files[@]}" "${shell_files[@]}"
	awk 'FNR == 2 && !/^\/\*/ {
		print FILENAME ":2: no sentence says what the file is for" }' \
		"${c_files[@]}"
}

# What is not done is an issue, or an error that the user sees.
check_unfinished() {
	grep -nHE '\b(TO''DO|FIX''ME|XX''X|HA''CK)\b' "${code[@]}"
}

check_messages() {
	grep -nHi '"[^"]*fail''ed to' "${c_files[@]}"
}

# No path, host or user of the machine where something was written.
check_paths() {
	grep -nHE '/wo''rk/(main|wt|shared)|/tm''p/b-|/home/[a-z]+/src' "${code[@]}"
}

# Only tools/ prints and only tools/ exits; programs of their own, which have a
# main(), may.
check_library_is_silent() {
	local -a silent
	mapfile -t silent < <(printf '%s\n' "${host_files[@]}" | grep '\.c$' |
		xargs grep -L '^int main(')
	grep -nHE '(^|[^_a-z])(printf|vprintf|puts|putchar|perror|exit|syslog)\(' \
		"${silent[@]}" | grep -vE '^[^:]*:[0-9]*: *\*'
	grep -nHE '#include <(err|error|syslog)\.h>' "${silent[@]}"
}

check_public_functions_are_documented() {
	awk -f "$here"/documented.awk runtime/include/sbx/*.h
}

check_headers_are_guarded() {
	local file
	for file in "${c_files[@]}"; do
		case $file in
		*.h) grep -q '^#ifndef SBX_' "$file" || echo "$file:1: no guard" ;;
		esac
	done
}

# Another project's first include, in C and in C++.
check_public_headers_stand_alone() {
	local header
	for header in runtime/include/sbx/*.h; do
		clang -fsyntax-only -Wall -Wextra -std=c11 -x c \
			-Iruntime/include "$header" 2>&1
		clang++ -fsyntax-only -Wall -Wextra -x c++ \
			-Iruntime/include "$header" 2>&1
	done | grep -E '(warning|error):'
}

check_exported_symbols() {
	local lib=$builddir/.libs/libsbx.so
	[ -e "$lib" ] || {
		echo "$lib: not built"
		return
	}
	nm -D --defined-only "$lib" | awk '$2 != "A" && $3 !~ /^sbx_/ {
		print "libsbx.so: exports " $3 }'
}

check_clang_format() {
	clang-format --dry-run -Werror "${c_files[@]}" 2>&1 |
		awk -F : '/error:/ && !seen[$1]++ { print $1 ":" $2 ": differs" }'
}

# The flags are to be split into words.
check_clang_tidy() {
	# shellcheck disable=SC2016
	printf '%s\n' "${c_files[@]}" | grep '\.c$' | xargs -P 2 -n 4 \
		sh -c 'clang-tidy --quiet "$@" -- -std=gnu11 $LINT_CPPFLAGS' _ \
		2>/dev/null | grep -E '(warning|error):'
}

check_cppcheck() {
	printf '%s\n' "${c_files[@]}" | grep '\.c$' | cppcheck --quiet -j 2 \
		--enable=warning,portability --inline-suppr --std=c11 \
		--library=posix --suppressions-list="$here"/cppcheck.supp \
		--template='{file}:{line}: {id}: {message}' -Iruntime/include -I. \
		--file-list=- 2>&1
}

check_shellcheck() {
	shellcheck -x -f gcc "${shell_files[@]}"
}

checks=${*:-$(declare -F | sed -n 's/^declare -f check_//p')}
count=0 failed=0
for name in $checks; do
	found=$("check_$name")
	count=$((count + 1))
	if [ -z "$found" ]; then
		echo "ok $count - lint: ${name//_/ }"
	else
		echo "not ok $count - lint: ${name//_/ }"
		printf '%s\n' "$found" | head -n 40 | sed 's/^/# /'
		failed=$((failed + 1))
	fi
done
echo "1..$count"
exit $((failed != 0))
