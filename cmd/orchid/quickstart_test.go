package main

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/internal/numtest"
)

// TestQuickstart runs every command of docs/quickstart.md in order, but for what
// fetches: the data are those in ../shared. The training is cut short, the server
// takes a free port.
func TestQuickstart(t *testing.T) {
	if testing.Short() {
		t.Skip("it reads 67,349 texts")
	}
	shared := numtest.Shared(t, "data", "glue", "SST-2", "train.tsv")
	shared = strings.TrimSuffix(shared, filepath.Join("data", "glue", "SST-2", "train.tsv"))
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("there is no curl")
	}
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("ORCHID_LISTEN", "127.0.0.1:0")
	dir, server, asked, fetched := t.TempDir(), "", 0, 0
	for _, line := range commandsOf(t, "../../docs/quickstart.md") {
		args := fields(line)
		switch {
		case strings.HasPrefix(line, "git clone "), line == "cd orchid", line == "go install ./cmd/orchid":
			// that is what runs this test
		case strings.HasPrefix(line, "curl -LO "), strings.HasPrefix(line, "unzip "):
			fetched++
		case args[0] == "ln":
			target := filepath.Join(shared, strings.TrimPrefix(args[2], "../shared/"))
			if err := os.Symlink(target, filepath.Join(dir, args[3])); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(filepath.Join(dir, args[3])); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
		case args[0] == "orchid" && args[1] == "train":
			args = append(args[1:], "width=16", "depth=1", "epochs=0", "steps=5", "baseline=false")
			if stdout, stderr, code := call(t, dir, args...); code != 0 || !strings.Contains(stdout, "accuracy") {
				t.Fatalf("%s: exit %d: %s%s", line, code, stdout, stderr)
			}
		case args[0] == "orchid" && args[1] == "serve":
			server = served(t, dir, args[1:])
		case args[0] == "curl":
			answer := asks(t, curl, strings.Replace(line, "http://127.0.0.1:6464", server, 1))
			if data, ok := answer["data"].([]any); !ok || len(data) == 0 || answer["model"] != "sst2" {
				t.Errorf("%s: %v", line, answer)
			}
			asked++
		case args[0] == "orchid":
			if stdout, stderr, code := call(t, dir, args[1:]...); code != 0 {
				t.Errorf("%s: exit %d: %s%s", line, code, stdout, stderr)
			}
		default:
			t.Errorf("no rule to run %q", line)
		}
	}
	if asked != 2 || fetched != 3 {
		t.Errorf("%d questions and %d lines that fetch, want 2 and 3", asked, fetched)
	}
}

// served starts a server and returns its address; it ends with the test.
func served(t *testing.T, dir string, args []string) string {
	t.Helper()
	c := command(dir, args...)
	said, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Process.Signal(os.Interrupt)
		c.Wait()
	})
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if url := regexp.MustCompile(`serving on (http://\S+);`).FindStringSubmatch(lines.Text()); url != nil {
			return url[1]
		}
	}
	t.Fatalf("it does not serve: %s", lines.Text())
	return ""
}

// asks runs a line of curl, with its quotes, and returns the JSON object it prints.
func asks(t *testing.T, curl, line string) (answer map[string]any) {
	t.Helper()
	var args []string
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			args = append(args, part)
		} else {
			args = append(args, strings.Fields(part)...)
		}
	}
	out, err := exec.Command(curl, append([]string{"-sS", "--fail-with-body"}, args[1:]...)...).Output()
	if err == nil {
		err = json.Unmarshal(out, &answer)
	}
	if err != nil {
		t.Fatalf("%s: %v: %s", line, err, out)
	}
	return answer
}
