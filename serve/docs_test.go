package serve_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/serve"
	"github.com/orchid-seq/orchid/serve/page"
)

// TestDocs runs every curl of docs/serving.md.
func TestDocs(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("no curl: install it to run what docs/serving.md shows")
	}
	text, err := os.ReadFile("../docs/serving.md")
	if err != nil {
		t.Fatal(err)
	}
	s := serving(t, serve.Options{Page: page.Handler()}, reviews(), rhyme())
	ran, answers := 0, ""
	for i, block := range strings.Split(string(text), "```sh\n") {
		block, _, _ = strings.Cut(block, "```")
		if i == 0 || !strings.HasPrefix(block, "curl") {
			continue
		}
		for _, command := range strings.Split(strings.TrimSpace(strings.ReplaceAll(block, "\\\n", " ")), "\n") {
			c := exec.Command("sh", "-c", "set -e; curl() { command curl -sS --fail-with-body \"$@\"; }; "+strings.ReplaceAll(command, "http://127.0.0.1:6464", s.url))
			out, err := c.CombinedOutput()
			if err != nil {
				t.Errorf("%s: %v: %s", command, err, out)
			}
			ran++
			answers += string(out)
		}
	}
	if ran < 17 {
		t.Errorf("%d commands", ran)
	}
	for _, want := range []string{`"truncated_tokens":7`, `"label":"positive"`, `["the cat"]`, `"chunks":[{"start":0`, "orchid_requests_total"} {
		if !strings.Contains(answers, want) {
			t.Errorf("no %s in %s", want, answers)
		}
	}
}
