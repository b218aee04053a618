package main

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/orchid-seq/orchid/experiment"
)

// A completion is a word that may come next.
type completion struct{ text, means string }

// completions returns what the last word may become; none where the name of a file
// is wanted, or nothing is known.
func completions(node *kong.Node, words []string) (list []completion) {
	if len(words) == 0 {
		words = []string{""}
	}
	last := words[len(words)-1]
	node, args, flag := walk(node, words[:len(words)-1])
	key, _, set := strings.Cut(last, "=")
	switch {
	case flag != nil:
		list = valuesOf(flag, args)
	case strings.HasPrefix(last, "-") && set:
		if f := flagNamed(node, key); f != nil {
			list = behind(key, valuesOf(f, args))
		}
	case strings.HasPrefix(last, "-"):
		for _, group := range node.AllFlags(true) {
			for _, f := range group {
				list = append(list, completion{"--" + f.Name, f.Help})
			}
		}
	case len(node.Children) > 0:
		for _, child := range node.Children {
			if !child.Hidden {
				list = append(list, completion{child.Name, child.Help})
			}
		}
	default:
		list = arguments(node, args, key, set)
	}
	return slices.DeleteFunc(list, func(c completion) bool { return !strings.HasPrefix(c.text, last) })
}

// walk goes along words to the verb they name. It returns the arguments behind it,
// and the flag whose value comes next, nil for none.
func walk(node *kong.Node, words []string) (verb *kong.Node, args []string, flag *kong.Flag) {
	for _, w := range words {
		i := slices.IndexFunc(node.Children, func(c *kong.Node) bool { return c.Name == w })
		switch {
		case flag != nil:
			flag = nil
		case strings.HasPrefix(w, "-"):
			if f := flagNamed(node, w); f != nil && !f.IsBool() {
				flag = f
			}
		case i >= 0:
			node = node.Children[i]
		default:
			args = append(args, w)
		}
	}
	return node, args, flag
}

// flagNamed returns the flag --name or -n of a verb, nil if there is none.
func flagNamed(node *kong.Node, word string) *kong.Flag {
	for _, group := range node.AllFlags(false) {
		for _, f := range group {
			if word == "--"+f.Name || f.Short != 0 && word == "-"+string(f.Short) {
				return f
			}
		}
	}
	return nil
}

// valuesOf returns what a flag may be, where that is a list.
func valuesOf(flag *kong.Flag, args []string) (list []completion) {
	if flag.Name == "preset" && len(args) > 0 {
		if e, err := experiment.New(args[0]); err == nil {
			return plain(e.Presets())
		}
	}
	if flag.Enum != "" {
		return plain(flag.EnumSlice())
	}
	return nil
}

// arguments returns what may stand behind a verb and the arguments it has.
func arguments(node *kong.Node, args []string, key string, set bool) (list []completion) {
	task := slices.IndexFunc(node.Positional, func(p *kong.Positional) bool { return p.Name == "task" })
	switch {
	case len(args) < len(node.Positional) && node.Positional[len(args)].Enum != "":
		return plain(node.Positional[len(args)].EnumSlice())
	case task >= 0 && len(args) <= task:
		return plain(experiment.Names())
	case task >= 0:
		if e, err := experiment.New(args[task]); err == nil {
			return settings(e, key, set)
		}
	case node.Name == "eval" && len(args) > 0:
		if e, err := experiment.ReadConfig(args[0]); err == nil {
			return settings(e, key, set)
		}
	}
	return nil
}

// settings returns the keys of an experiment, or the values of one.
func settings(e *experiment.Experiment, key string, set bool) (list []completion) {
	for _, s := range e.List() {
		switch _, truth := s.Value().(bool); {
		case !set:
			list = append(list, completion{s.Key + "=", "by default " + s.String()})
		case s.Key == key && truth:
			list = behind(key, plain([]string{"false", "true"}))
		case s.Key == key:
			list = behind(key, plain(choices(e, key)))
		}
	}
	return list
}

// choices returns the values that a setting may have, as the refusal of another one
// names them; none if it names none.
func choices(e *experiment.Experiment, key string) []string {
	if e.Override([]string{key + "=?"}) != nil {
		return nil
	}
	if err := e.Validate(); err != nil {
		for line := range strings.Lines(err.Error()) {
			if _, names, ok := strings.Cut(line, key+"=?: want one of "); ok {
				return strings.Split(strings.TrimSpace(names), ", ")
			}
		}
	}
	return nil
}

// behind puts key= before each word.
func behind(key string, list []completion) []completion {
	for i := range list {
		list[i].text = key + "=" + list[i].text
	}
	return list
}

// plain returns words that need no explanation.
func plain(words []string) (list []completion) {
	for _, w := range words {
		if w != "" {
			list = append(list, completion{text: w})
		}
	}
	return list
}
