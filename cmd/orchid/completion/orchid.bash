# Completion of orchid in bash. Now: source <(orchid completion bash)
# Always: put this file into ~/.local/share/bash-completion/completions/orchid
_orchid() {
	local line=${COMP_LINE:0:COMP_POINT} words candidate word said=''
	read -ra words <<<"$line"
	[[ $line == *[[:space:]] ]] && words+=('')
	word=${words[${#words[@]}-1]}
	# What stands before = is a word of its own for bash, and not to be said again.
	[[ $COMP_WORDBREAKS == *=* ]] && said=${word%"${word##*=}"}
	COMPREPLY=()
	while IFS=$'\t' read -r candidate _; do
		COMPREPLY+=("${candidate#"$said"}")
	done < <("${1/#\~/$HOME}" complete -- "${words[@]:1}" 2>/dev/null)
	# With nothing to offer, bash goes on with the names of files.
	[[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
	return 0
}
complete -o bashdefault -o default -F _orchid orchid
