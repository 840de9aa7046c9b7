# SPDX-License-Identifier: Apache-2.0
# Completion: what the scripts of bash and zsh offer, under any name.
. "$srcdir/tests/tap/tap.sh"

# Ask bash as its line editor would: words, the last one under the cursor.
cat >"$tmp/ask.bash" <<'END'
script=$1 name=$2
shift 2
compopt() { :; }
source "$script"
COMP_WORDS=("$name" "$@")
COMP_CWORD=$#
function=$(complete -p "$name" | sed 's/.*-F \([^ ]*\).*/\1/')
"$function" "$name" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\n' "${COMPREPLY[@]}"
END

offers() {
	( cd "$tmp/here" && bash ../ask.bash "$script" "$name" "$@" ) \
		2>&1 | sort | tr '\n' ' ' | sed 's/ $//'
}

in_bash() {
	name=$1
	script=$tmp/$name.bash
	"$tmp/$name" completion bash >"$script"
	ok $? "$name: the script is written"
	is "$(offers '')" \
		"--help --version changes completion discard doctor help policy run" \
		"$name: verbs, and options without a verb"
	is "$(offers d)" "discard doctor" "$name: verbs by their beginning"
	is "$(offers policy s)" "schema show" "$name: verbs below a verb"
	is "$(offers policy check --)" "--help --json --set" \
		"$name: options of a verb below a verb"
	has " $(offers run --) " " --dry-run " "$name: options of run"
	has " $(offers run --policy '') " " offline " "$name: presets"
	has " $(offers run -p '') " " deploy.yaml " "$name: and files"
	is "$(offers run --policy = d)" "default deploy.yaml" \
		"$name: an argument after the sign"
	has " $(offers run -q --set limits.mem) " " limits.memory= " \
		"$name: keys of the policy"
	is "$(offers completion '')" "bash zsh" "$name: words of a list"
	is "$(offers run -p default -- prin-this-)" "prin-this-command" \
		"$name: the command"
	is "$(offers run -- ls dep)" "deploy.yaml" "$name: its files"
	is "$(offers run -q ls --)" "" "$name: not our options for it"
	is "$(offers policy show --set x=1 off)" "offline" \
		"$name: behind an option's argument"
}

mkdir "$tmp/here" "$tmp/bin"
: >"$tmp/here/deploy.yaml"
printf '#!/bin/sh\n' >"$tmp/bin/prin-this-command"
chmod +x "$tmp/bin/prin-this-command"
PATH=$PATH:$tmp/bin
for n in sbx my-box; do
	ln -s "$SBX" "$tmp/$n"
	in_bash "$n"
done
hasnt "$(cat "$tmp/my-box.bash")" sbx "no trace of the first name"

# zsh: in a shell with a line editor of its own, by way of zpty. ^G ends it.
cat >"$tmp/ask.zsh" <<'END'
zmodload zsh/zpty
zpty z TERM=dumb zsh -f -i
wait_for() {
	local text=
	out=
	while [[ $out != *$1* ]] && zpty -r z text; do
		out+=$text
	done
}
zpty -w z 'PS1= PS2= COLUMNS=200 LISTMAX=0; unsetopt promptsp'
zpty -w z "fpath=($1 \$fpath); cd $2; autoload -Uz compinit; compinit -D -u"
zpty -w z 'finish() { BUFFER=; print EN""D; }; zle -N finish'
zpty -w z 'bindkey "^I" complete-word; bindkey "^G" finish; print RE""ADY'
wait_for READY
zpty -w -n z "$3"$'\t\a'
wait_for END
print -r -- "$out"
END

in_zsh() {
	PATH=$tmp:$PATH timeout 120 zsh -f "$tmp/ask.zsh" "$tmp/fpath" \
		"$tmp/here" "$1" 2>&1
}

if command -v zsh >/dev/null; then
	mkdir "$tmp/fpath"
	for n in sbx my-box; do
		"$tmp/$n" completion zsh >"$tmp/fpath/_$n"
		zsh -n "$tmp/fpath/_$n"
		ok $? "$n: zsh reads its script"
	done
	out=$(in_zsh 'my-box d')
	has "$out" "discard" "zsh: verbs"
	has "$out" "doctor" "zsh: both of them"
	has "$(in_zsh 'my-box run --dry')" "--dry-run " "zsh: options"
	has "$(in_zsh 'my-box run --policy=off')" "offline" "zsh: presets"
	has "$(in_zsh 'sbx policy check dep')" "deploy.yaml" "zsh: files"
	has "$(in_zsh 'sbx run --set limits.memo')" "limits.memory" "zsh: keys"
	has "$(in_zsh 'sbx run -- ls dep')" "deploy.yaml" \
		"zsh: the command's own words"
else
	skip "zsh completion" "zsh is not installed"
fi
done_testing
