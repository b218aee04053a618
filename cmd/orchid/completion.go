package main

import (
	"embed"
	"fmt"

	"github.com/alecthomas/kong"
)

// completionScripts ask "orchid complete" for the words at each press of a key.
//
//go:embed completion
var completionScripts embed.FS

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help shows examples below the flags.
func (completionCmd) Help() string {
	return `The words are those of this binary: verbs, flags, tasks, presets, key=value.

Examples:
  source <(orchid completion bash)
  orchid completion bash > ~/.local/share/bash-completion/completions/orchid
  orchid completion zsh > ~/.zfunc/_orchid      a folder of $fpath
  orchid completion fish > ~/.config/fish/completions/orchid.fish`
}

// Run prints the script.
func (c completionCmd) Run() error {
	script, err := completionScripts.ReadFile("completion/orchid." + c.Shell)
	if err != nil {
		return err
	}
	_, err = stdout.Write(script)
	return err
}

type completeCmd struct {
	Words []string `arg:"" optional:"" help:"Behind --: the words after orchid, the last one to complete."`
}

// Help says who asks.
func (completeCmd) Help() string {
	return "The scripts of orchid completion ask for words this way.\n\nExample:\n  orchid complete -- train rec"
}

// Run prints a line a word, and what it means behind a tab.
func (c completeCmd) Run(ctx *kong.Context) error {
	for _, w := range completions(ctx.Model.Node, c.Words) {
		fmt.Fprintf(stdout, "%s\t%s\n", w.text, w.means)
	}
	return nil
}
