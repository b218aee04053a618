package main

import "github.com/alecthomas/kong"

type helpCmd struct {
	Verb []string `arg:"" optional:"" help:"As in train, or bench operator; none for the list of all."`
}

// Help shows examples below the flags.
func (helpCmd) Help() string {
	return "Examples:\n  orchid help train\n  orchid help bench operator"
}

// Run shows what the flag --help of the verb shows.
func (c helpCmd) Run(ctx *kong.Context) error {
	// A word that is no verb may be an argument: of "help train recall" the last.
	about, err := kong.Trace(ctx.Kong, c.Verb)
	if err == nil {
		err = about.Error
	}
	if err != nil {
		return usageError{err}
	}
	return about.PrintUsage(false)
}
