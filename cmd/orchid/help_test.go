package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// verbs returns every verb, those with parts and the hidden ones too, as words.
func verbs(t *testing.T) (list [][]string) {
	t.Helper()
	app, err := newParser(new(cli))
	if err != nil {
		t.Fatal(err)
	}
	var visit func(n *kong.Node)
	visit = func(n *kong.Node) {
		for _, child := range n.Children {
			list = append(list, strings.Fields(child.FullPath())[1:])
			visit(child)
		}
	}
	visit(app.Model.Node)
	if len(list) < 15 {
		t.Fatalf("only %q", list)
	}
	return list
}

// TestHelp: every verb shows an example of itself, and "help VERB" is "VERB --help".
func TestHelp(t *testing.T) {
	for _, verb := range append(verbs(t), nil) {
		help, stderr, code := call(t, ".", append(verb, "--help")...)
		if code != 0 || stderr != "" {
			t.Errorf("%q --help: exit %d: %s", verb, code, stderr)
		}
		example := regexp.MustCompile(`(?m)^Examples?:\n(.*\n)*?  .*\borchid ` + strings.Join(verb, " ") + `\b`)
		if verb != nil && !example.MatchString(help) {
			t.Errorf("%q --help has no example of it:\n%s", verb, help)
		}
		if same, _, code := call(t, ".", append([]string{"help"}, verb...)...); code != 0 || same != help {
			t.Errorf("help %q: exit %d:\n%s\nwant\n%s", verb, code, same, help)
		}
	}
	if _, stderr, code := call(t, ".", "help", "trian"); code != exitUsage || !strings.Contains(stderr, "trian") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// TestMan: a page a verb, each flag and example on it, and no line of text that man
// would take for a command.
func TestMan(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "man1")
	if _, stderr, code := call(t, ".", "man", dir); code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	command := regexp.MustCompile(`^\.(TH|SH|SS|TP|PP|BR?|I|br|nf|fi)( |\n)`)
	for page, parts := range map[string][]string{
		"orchid.1":        {".SH VERBS", `.BR orchid\-train (1)`, ".SH EXIT STATUS"},
		"orchid-train.1":  {`.B \-\-seeds=N`, ".SH EXAMPLES\n.nf\norchid train recall"},
		"orchid-serve.1":  {`.B \-\-listen=`, "ORCHID_LISTEN"},
		"orchid-bench.1":  {".SH OPERATOR", ".SS EXAMPLES", `.B \-\-shapes=`, ".SH COMMON OPTIONS"},
		"orchid-verify.1": {"authors\\(aq layer"},
	} {
		text, err := os.ReadFile(filepath.Join(dir, page))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range parts {
			if !strings.Contains(string(text), part) {
				t.Errorf("%s lacks %q", page, part)
			}
		}
		for line := range strings.Lines(string(text)) {
			if line[0] == '\'' || line[0] == '.' && !command.MatchString(line) {
				t.Errorf("%s: %s", page, line)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "orchid-man.1")); err == nil {
		t.Error("a hidden verb has a page")
	}
}
