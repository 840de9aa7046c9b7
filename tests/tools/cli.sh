# SPDX-License-Identifier: Apache-2.0
# The command line: help, version, and the one line for each malformed one.
. "$srcdir/tests/tap/tap.sh"

HOME=$tmp
export HOME

# Each case: a command line as the shell reads it, a tab, and what is said
# behind "sbx: ".
tab=$(printf '\t')
while IFS=$tab read -r words want; do
	[ -n "$words" ] || continue
	[ "$words" != NOTHING ] || words=
	eval "run \"\$SBX\" $words"
	is "$status:$out:$err_out" "125::sbx: $want" "refused: sbx $words"
done <<'END'
NOTHING	no verb given (see: sbx --help)
--	no verb given (see: sbx --help)
''	'': unknown verb (see: sbx --help)
-	'-': one argument too many (see: sbx --help)
-x	-x: unknown option (see: sbx --help)
--versoin	--versoin: unknown option; did you mean --version? (see: sbx --help)
--version=1	--version: takes no argument (see: sbx --help)
--version run	'run': one argument too many (see: sbx --help)
rnu	'rnu': unknown verb; did you mean run? (see: sbx --help)
frobnicate	'frobnicate': unknown verb (see: sbx --help)
RUN	'RUN': unknown verb (see: sbx --help)
run	run: no command given (see: sbx run --help)
run --	run: no command given (see: sbx run --help)
run -q --	run: no command given (see: sbx run --help)
run --polciy x -- y	run: --polciy: unknown option; did you mean --policy? (see: sbx run --help)
run --policy	run: --policy: needs an argument FILE|PRESET (see: sbx run --help)
run -p	run: -p: needs an argument FILE|PRESET (see: sbx run --help)
run --policy= true	run: --policy: its argument is empty (see: sbx run --help)
run -p '' true	run: --policy: its argument is empty (see: sbx run --help)
run -p a -p b true	run: --policy: given twice (see: sbx run --help)
run --set	run: --set: needs an argument KEY=VALUE (see: sbx run --help)
run --tty --no-tty true	run: --tty and --no-tty exclude each other (see: sbx run --help)
run --quiet --verbose true	run: --quiet and --verbose exclude each other (see: sbx run --help)
run --json true	run: --json: only together with --dry-run (see: sbx run --help)
run --dry-run --report r true	run: --dry-run and --report exclude each other (see: sbx run --help)
run --quiet=1 true	run: --quiet: takes no argument (see: sbx run --help)
run -Z true	run: -Z: unknown option (see: sbx run --help)
run -qZ true	run: -Z: unknown option (see: sbx run --help)
run --=x true	run: --: unknown option (see: sbx run --help)
run --no-such-option-that-is-longer-than-any-name-we-have-had-so-far-by-much true	run: --no-such-option-that-...: unknown option (see: sbx run --help)
policy	policy: no verb given (see: sbx policy --help)
policy --	policy: no verb given (see: sbx policy --help)
policy chekc x	policy: 'chekc': unknown verb; did you mean check? (see: sbx policy --help)
policy check	policy check: no policy (a file or a preset) given (see: sbx policy check --help)
policy check a b	policy check: 'b': one argument too many (see: sbx policy check --help)
policy schema x	policy schema: 'x': one argument too many (see: sbx policy schema --help)
policy explain --json default	policy explain: --json: unknown option (see: sbx policy explain --help)
policy check defualt	'defualt': no preset of this name; did you mean default? (a file is written ./defualt)
policy presets nonesuch	'nonesuch': no preset of this name
run -p nonesuch true	'nonesuch': no preset of this name (a file is written ./nonesuch)
discard	discard: name a RUN, or --all (see: sbx discard --help)
discard --all x	discard: --all and a RUN exclude each other (see: sbx discard --help)
changes a b	changes: 'b': one argument too many (see: sbx changes --help)
doctor now	doctor: 'now': one argument too many (see: sbx doctor --help)
help me	help: 'me': unknown verb (see: sbx help --help)
help policy me	help: 'me': unknown verb (see: sbx help --help)
help run policy	help: 'policy': unknown verb (see: sbx help --help)
completion	completion: no shell given (see: sbx completion --help)
completion fish	completion: 'fish': unknown shell; bash or zsh (see: sbx completion --help)
END

# What is not one line of plain text, not even when asked to print it.
esc=$(printf '\033')
run "$SBX" "${esc}[2J"
is "$err_out" "sbx: '\\x1b[2J': unknown verb (see: sbx --help)" \
	"an escape sequence is not passed on to the terminal"
run "$SBX" run --policy "a
b" true
is "$(printf '%s\n' "$err_out" | wc -l | tr -d ' ')" 1 \
	"a newline in an argument gives one line all the same"
long=$(printf '%0100000d' 0)
run "$SBX" "$long"
is "$status" 125 "a very long verb"
run "$SBX" run --set "$long" -- true
is "$status" 125 "a very long assignment"
is "$(printf '%s\n' "$err_out" | wc -l | tr -d ' ')" 1 "says one line"

# Help from the rows
run "$SBX" --help
is "$status:$err_out" "0:" "--help ends well"
help=$out
for verb in run policy changes discard doctor help completion; do
	has "$help" "
  $verb " "--help lists $verb"
	run "$SBX" "$verb" --help
	has "$out" "Usage: sbx $verb" "$verb --help"
	first=$out
	run "$SBX" help "$verb"
	is "$out" "$first" "help $verb says the same"
done
run "$SBX" help policy check
has "$out" "Usage: sbx policy check [OPTION]... FILE|PRESET" \
	"help of a verb below a verb"
run "$SBX" run --help
long_lines=$(printf '%s\n' "$out" | awk 'length > 80')
is "$long_lines" "" "help fits into 80 columns"

# Under another name
ln -s "$SBX" "$tmp/my-box"
run "$tmp/my-box" --version
has "$out" "my-box (sbx) " "another name: --version tells both"
run "$tmp/my-box" rnu
is "$err_out" "my-box: 'rnu': unknown verb; did you mean run? (see: my-box --help)" \
	"another name: messages"
run "$tmp/my-box" run --help
has "$out" "Usage: my-box run" "another name: help"
hasnt "$out" "sbx" "another name: nothing of the first"
run "$SBX" --version
is "$out" "sbx $(sed -n 's/^#define SBX_VERSION "\(.*\)"/\1/p' \
	"$builddir/runtime/include/sbx/version.h")" "--version"

# Nowhere to write
if [ -w /dev/full ]; then
	"$SBX" --help >/dev/full 2>"$tmp/e"
	is "$?:$(cat "$tmp/e")" \
		"125:sbx: standard output: No space left on device" \
		"a full standard output is an error"
fi
"$SBX" --version <&- 2>&- >"$tmp/o"
is "$?" 0 "closed standard descriptors are no trouble"
done_testing
