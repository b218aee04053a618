# Completion of orchid in fish. Now: orchid completion fish | source
# Always: put this file into ~/.config/fish/completions
function __orchid_complete
	set -l words (commandline -opc)
	set -l word (commandline -ct)
	set -l program $words[1]
	set -e words[1]
	set -l found ($program complete -- $words "$word" 2>/dev/null)
	if test (count $found) -gt 0
		printf '%s\n' $found
	else if string match -q '*=*' -- "$word"
		# Names of files behind key=
		set -l parts (string split -m 1 = -- "$word")
		for path in (__fish_complete_path $parts[2])
			echo $parts[1]=$path
		end
	else
		__fish_complete_path "$word"
	end
end
complete -c orchid -f -a '(__orchid_complete)'
