package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/orchid-seq/orchid/internal/whole"
)

type manCmd struct {
	Dir string `arg:"" help:"Folder to write into; it is made."`
}

// Help shows an example below the flags.
func (manCmd) Help() string {
	return "Example:\n  orchid man man/man1 && man -l man/man1/orchid-train.1"
}

// Run writes orchid.1, and a page a verb.
func (c manCmd) Run(ctx *kong.Context) error {
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return err
	}
	for _, node := range append([]*kong.Node{ctx.Model.Node}, ctx.Model.Children...) {
		if node.Hidden {
			continue
		}
		if err := whole.WriteBytes(filepath.Join(c.Dir, manName(node)+".1"), []byte(manPage(node))); err != nil {
			return err
		}
	}
	return nil
}

// manName is the name of a page: orchid, or orchid-train.
func manName(n *kong.Node) string { return strings.ReplaceAll(n.FullPath(), " ", "-") }

// manPage writes the page of the program or of a verb in the language of man.
func manPage(n *kong.Node) string {
	var b strings.Builder
	// No date: the same source gives the same page.
	fmt.Fprintf(&b, ".TH %s 1 \"\" %q \"Orchid\"\n", strings.ToUpper(manName(n)), "orchid "+version())
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(manName(n)), roff(strings.TrimSuffix(n.Help, ".")))
	b.WriteString(".SH SYNOPSIS\n")
	for i, leaf := range leaves(n) {
		if i > 0 {
			b.WriteString(".br\n")
		}
		fmt.Fprintf(&b, ".B %s\n%s\n", roff(leaf.FullPath()), roff(usage(leaf)))
	}
	switch {
	case n.Parent == nil:
		manVerbs(&b, n)
	case len(n.Children) > 0:
		manDetail(&b, n.Detail, ".SH")
		for _, leaf := range leaves(n) {
			fmt.Fprintf(&b, ".SH %s\n%s\n", strings.ToUpper(roff(leaf.Name)), roff(leaf.Help))
			manDetail(&b, leaf.Detail, ".SS")
			manArguments(&b, leaf.Positional, ".SS")
			manFlags(&b, leaf.Flags, ".SS OPTIONS")
		}
		manFlags(&b, slices.Concat(n.AllFlags(true)...), ".SH COMMON OPTIONS")
	default:
		manDetail(&b, n.Detail, ".SH")
		manArguments(&b, n.Positional, ".SH")
		manFlags(&b, slices.Concat(n.AllFlags(true)...), ".SH OPTIONS")
	}
	b.WriteString(".SH SEE ALSO\n")
	if n.Parent != nil {
		b.WriteString(".BR orchid (1),\n")
	}
	b.WriteString("README.md and the folder docs of the source.\n")
	return b.String()
}

// leaves returns the verbs below a node that do something, or the node itself. The
// program has one line for all of its verbs.
func leaves(n *kong.Node) []*kong.Node {
	if n.Parent == nil || len(n.Children) == 0 {
		return []*kong.Node{n}
	}
	return n.Leaves(true)
}

// usage is what follows the verb on its line.
func usage(n *kong.Node) string {
	if n.Parent == nil {
		return "VERB [flags]"
	}
	var words []string
	for _, p := range n.Positional {
		words = append(words, p.Summary())
	}
	return strings.Join(append(words, "[flags]"), " ")
}

// manVerbs lists the verbs, and what holds for all of them.
func manVerbs(b *strings.Builder, n *kong.Node) {
	b.WriteString(".SH VERBS\n")
	for _, child := range n.Children {
		if !child.Hidden {
			fmt.Fprintf(b, ".TP\n.BR %s (1)\n%s\n", roff(manName(child)), roff(child.Help))
		}
	}
	manFlags(b, n.Flags, ".SH OPTIONS")
	b.WriteString(".SH EXIT STATUS\n")
	for _, s := range [][2]string{
		{"0", "Success."},
		{fmt.Sprint(exitFailure), "A failure."},
		{fmt.Sprint(exitUsage), "Bad usage."},
		{fmt.Sprint(exitInterrupted), "Interrupted; a training has saved where it stands."},
	} {
		fmt.Fprintf(b, ".TP\n.B %s\n%s\n", s[0], s[1])
	}
}

// manDetail writes the text below a verb's summary: paragraphs, and lines that are
// indented as they stand. "Example:" or "Examples:" is a heading.
func manDetail(b *strings.Builder, text, heading string) {
	if text == "" {
		return
	}
	if !strings.HasPrefix(text, "Example") {
		fmt.Fprintf(b, "%s %s\n", heading, "DESCRIPTION")
	}
	literal := false
	text = strings.ReplaceAll(text, "\n\nExample", "\nExample") // a heading begins a paragraph
	for _, line := range strings.Split(text, "\n") {
		if indented := strings.HasPrefix(line, "  "); indented != literal {
			literal = indented
			b.WriteString(map[bool]string{true: ".nf\n", false: ".fi\n"}[literal])
		}
		switch line {
		case "":
			b.WriteString(".PP\n")
		case "Example:", "Examples:":
			fmt.Fprintf(b, "%s %s\n", heading, strings.ToUpper(strings.TrimSuffix(line, ":")))
		default:
			b.WriteString(roff(strings.TrimPrefix(line, "  ")) + "\n")
		}
	}
	if literal {
		b.WriteString(".fi\n")
	}
}

// manArguments lists the arguments of a verb.
func manArguments(b *strings.Builder, list []*kong.Positional, heading string) {
	if len(list) > 0 {
		fmt.Fprintf(b, "%s ARGUMENTS\n", heading)
	}
	for _, p := range list {
		fmt.Fprintf(b, ".TP\n.I %s\n%s\n", roff(p.Summary()), roff(kong.DefaultHelpValueFormatter(p)))
	}
}

// manFlags lists flags under a heading.
func manFlags(b *strings.Builder, list []*kong.Flag, heading string) {
	fmt.Fprintln(b, heading)
	for _, f := range list {
		if f.Hidden {
			continue
		}
		name := "--" + f.Name
		if f.Short != 0 {
			name = "-" + string(f.Short) + ", " + name
		}
		if !f.IsBool() {
			name += "=" + f.FormatPlaceHolder()
		}
		fmt.Fprintf(b, ".TP\n.B %s\n%s\n", roff(name), roff(kong.DefaultHelpValueFormatter(f.Value)))
	}
}

// roff protects text from being read as commands of man.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "~", `\(ti`, "^", `\(ha`, "'", `\(aq`, "`", `\(ga`).Replace(text)
	if strings.HasPrefix(text, ".") {
		text = `\&` + text
	}
	return text
}
