# SPDX-License-Identifier: Apache-2.0
# Every example of the README that is marked "sh" runs as it is written there.
. "$srcdir/tests/tap/tap.sh"

HOME=$tmp/home
export HOME
mkdir "$HOME" "$tmp/checkout" "$tmp/bin" "$tmp/blocks"
ln -s "$SBX" "$tmp/bin/sbx"
PATH=$tmp/bin:$PATH
tap_cleanup='"$SBX" discard --all --quiet'

awk -v dir="$tmp/blocks" '
	/^```sh$/ { file = sprintf("%s/%02d", dir, ++n); next }
	/^```$/ { file = ""; next }
	file { print >file }
' "$srcdir/README.md"

# What the reader is taken to have: a checkout with a Makefile.
cd "$tmp/checkout" || exit 99
printf 'all:\n\techo built >built\n' >Makefile

# sbx doctor says by its status whether jails can run: not an example's fault.
for block in "$tmp"/blocks/*; do
	name=$(head -n 1 "$block")
	run sh -eu "$block"
	[ "$name" = "sbx doctor" ] && [ "$status" -eq 1 ] && status=0
	is "$status" 0 "README: $name" || diag "$out" "$err_out"
done
is "$(find "$tmp/blocks" -type f | wc -l | tr -d ' ')" 5 \
	"README: all five things were tried"
is "$(ls)" "Makefile
deploy.yaml
run.json" "README: the checkout is as it was, but for what the reader wrote"
has "$(cat run.json)" '"cause": "exit"' "README: the report tells the cause"
has "$(cat run.json)" '"path": "built"' "README: and the changed file"

# The message that the README shows is the one that is given.
want=$(sed -n 's/^`\(deploy.yaml:[^`]*\)`$/\1/p' "$srcdir/README.md")
printf 'version: 1\nextends: default\n\nlimits: {memroy: 1G}\n' >deploy.yaml
run sbx policy check deploy.yaml
is "$err_out" "sbx: ${want}" "README: the error looks as it is shown"
for verb in $(grep -oE '`?sbx( policy)? [a-z]+' "$srcdir/README.md" |
	grep '^`\|sbx policy' | awk '{ print $NF }' | sort -u); do
	"$SBX" --help | grep -q "^  $verb " ||
		"$SBX" policy --help | grep -q "^  $verb "
	ok $? "README: there is a verb $verb"
done
done_testing
