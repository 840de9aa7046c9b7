# SPDX-License-Identifier: Apache-2.0
# Manual pages and installation, under the program's own name and another one.
. "$srcdir/tests/tap/tap.sh"

gen=$builddir/tools/man/gen
for name in sbx my-box; do
	"$gen" man "$name" <"$srcdir/tools/man/sbx.1.in" >"$tmp/$name.1"
	ok $? "$name(1) is written"
	"$gen" man "$name" <"$srcdir/tools/man/sbx-policy.5.in" \
		>"$tmp/$name-policy.5"
	ok $? "$name-policy(5) is written"
	hasnt "$(cat "$tmp/$name.1" "$tmp/$name-policy.5")" "@" \
		"$name: no placeholder is left"
done
hasnt "$(sed 's/"sbx [0-9.]*"//; s,/sbx\\fR,,' "$tmp/my-box.1")" "sbx" \
	"my-box(1) does not speak of sbx"

# Each option and each key has its place.
page=$(sed 's/\\-/-/g; s/\\fB//g; s/\\fR//g; s/\\fI//g' "$tmp/sbx.1")
for verb in run changes discard doctor; do
	for option in $("$SBX" "$verb" --help | grep -o -- '--[a-z-]* ' |
		sort -u); do
		has "$page" "$option" "sbx(1): $verb $option"
	done
done
page=$(sed 's/\\-/-/g; s/\\fB//g; s/\\fR//g' "$tmp/sbx-policy.5")
missing=$("$SBX" policy schema | grep -o '"limits"' | head -n 1)
is "$missing" '"limits"' "the schema has limits"
for key in version extends workdir limits.memory limits.time network.mode \
	env.pass mounts\[\].access seccomp.deny; do
	has "$page" "
$key " "sbx-policy(5): $key"
done
for preset in $("$SBX" policy presets | cut -d ' ' -f 1); do
	has "$page" ".SS $preset" "sbx-policy(5): preset $preset"
done
if command -v man >/dev/null; then
	run env MANROFFOPT=-Tutf8 LC_ALL=C.UTF-8 man --warnings -l "$tmp/sbx.1"
	is "$err_out" "" "man(1) has no complaint about sbx(1)"
	run env LC_ALL=C.UTF-8 man --warnings -l "$tmp/sbx-policy.5"
	is "$err_out" "" "man(1) has no complaint about sbx-policy(5)"
else
	skip "man(1) has no complaint" "man is not installed"
fi

# make install under another name
cd "$builddir" || exit 99
log=$tmp/install.log
make -s install DESTDIR="$tmp/root" prefix=/usr \
	program_transform_name='s/^sbx$$/jailbox/' >"$log" 2>&1 </dev/null
ok $? "make install under another name" || diag "$(tail -n 20 "$log")"
for file in bin/jailbox share/man/man1/jailbox.1 \
	share/man/man5/jailbox-policy.5 \
	share/bash-completion/completions/jailbox \
	share/zsh/site-functions/_jailbox include/sbx/sbx.h; do
	[ -f "$tmp/root/usr/$file" ]
	ok $? "installed: $file"
done
is "$(find "$tmp/root/usr/bin" "$tmp/root/usr/share/man" \
	"$tmp/root/usr/share/bash-completion" "$tmp/root/usr/share/zsh" \
	-name '*sbx*')" "" "nothing of the first name in their way"
run "$tmp/root/usr/bin/jailbox" rnu
has "$err_out" "jailbox: 'rnu': unknown verb" "the installed program's name"
has "$(cat "$tmp/root/usr/share/bash-completion/completions/jailbox")" \
	"complete -F _jailbox_complete jailbox" "the installed completion's"
make -s uninstall DESTDIR="$tmp/root" prefix=/usr \
	program_transform_name='s/^sbx$$/jailbox/' >"$log" 2>&1 </dev/null
is "$(find "$tmp/root" -type f)" "" "make uninstall takes it all away"
done_testing
