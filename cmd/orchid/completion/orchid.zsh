#compdef orchid
# Completion of orchid in zsh. Now: source <(orchid completion zsh)
# Always: put this file, named _orchid, into a folder of $fpath.
_orchid() {
	local line name
	local -a names texts open openTexts
	for line in "${(@f)$("${(Q)words[1]/#\~/$HOME}" complete -- "${(@Q)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}"; do
		[[ -n $line ]] || continue
		name=${line%%$'\t'*}
		if [[ $name == *= ]]; then
			open+=("$name") openTexts+=("${line/$'\t'/  }")
		else
			names+=("$name") texts+=("${line/$'\t'/  }")
		fi
	done
	if (( $#names + $#open )); then
		compadd -l -d texts -a names
		compadd -l -S '' -d openTexts -a open
		return 0
	fi
	compset -P '*='
	_files
}
if [[ $funcstack[1] == _orchid ]]; then
	_orchid "$@"
else
	compdef _orchid orchid
fi
