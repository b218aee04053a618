package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestReadme runs every command of the README in a folder of its own, in
// order. Trainings are cut short by small settings; the pictures are made up.
func TestReadme(t *testing.T) {
	dir := t.TempDir()
	pictures(t, filepath.Join(dir, "mnist"))
	pictures(t, filepath.Join(dir, "cifar-10-batches-bin"))
	commands := readmeCommands(t)
	if len(commands) < 10 {
		t.Fatalf("found only %q", commands)
	}
	for _, line := range commands {
		args := strings.Fields(line)
		switch {
		case line == "go test ./...", line == "go install ./cmd/orchid":
			continue // that is what runs this test; .ci/run builds
		case strings.HasPrefix(line, "go run ./cmd/orchid "):
			args = args[3:]
		case args[0] == "orchid":
			args = args[1:]
		default:
			t.Errorf("no rule to run %q", line)
			continue
		}
		if args[0] == "train" {
			short := tiny
			if args[1] == "image" {
				short = []string{"width=16", "depth=1", "mlp-blocks=1", "filter-width=8", "epochs=1"}
			}
			args = append(args, short...)
		}
		stdout, stderr, code := call(t, dir, args...)
		if code != 0 || stdout == "" {
			t.Errorf("%s: exit %d: %s%s", line, code, stdout, stderr)
		}
	}
}

// readmeCommands returns the lines of the README's blocks of shell commands.
func readmeCommands(t *testing.T) (list []string) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		list = append(list, strings.Split(strings.TrimSpace(block[1]), "\n")...)
	}
	return list
}

// TestReadmeNamesEveryVerb keeps the table of verbs true.
func TestReadmeNamesEveryVerb(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	help, _, _ := call(t, ".", "--help")
	_, list, _ := strings.Cut(help, "Commands:\n")
	verbs := regexp.MustCompile(`(?m)^  (\w+)`).FindAllStringSubmatch(list, -1)
	if len(verbs) < 6 {
		t.Fatalf("--help lists only %v", verbs)
	}
	for _, v := range verbs {
		if !strings.Contains(string(text), "| `"+v[1]) {
			t.Errorf("the README's table lacks %s", v[1])
		}
	}
}

// TestLinks follows the links of README, CONTRIBUTING and docs to files.
func TestLinks(t *testing.T) {
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(files, "../../README.md", "../../CONTRIBUTING.md") {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`).FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(f), m[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", f, m[1])
			}
		}
	}
}

// TestExcerpts holds the blocks of Go in docs/adding-an-op.md to the files they
// come from: each run of lines without a gap stands in one of them, comments and
// the depth of the indentation aside.
func TestExcerpts(t *testing.T) {
	var tree []string
	err := filepath.WalkDir("../..", func(name string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".go") {
			return err
		}
		text, err := os.ReadFile(name)
		tree = append(tree, bare(string(text)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../docs/adding-an-op.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(blocks) < 8 {
		t.Fatalf("found only %d blocks", len(blocks))
	}
	for _, block := range blocks {
		for part := range strings.SplitSeq(block[1], "\n\n") {
			want := bare(part)
			if !slices.ContainsFunc(tree, func(file string) bool { return strings.Contains(file, want) }) {
				t.Errorf("no file holds\n%s", part)
			}
		}
	}
}

// bare removes indentation, empty lines and lines of comment.
func bare(source string) string {
	var b strings.Builder
	for line := range strings.Lines(source) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// pictures writes a set of 8x8 pictures in MNIST's form, a bright row a class.
func pictures(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	const n = 50
	pixels, labels := []byte{0, 0, 8, 3, 0, 0, 0, n, 0, 0, 0, 8, 0, 0, 0, 8}, []byte{0, 0, 8, 1, 0, 0, 0, n}
	for i := range n {
		labels = append(labels, byte(i%8))
		for p := range 64 {
			pixels = append(pixels, byte(31*i+17*p)%100+150*byte(max(0, 1-(p/8-i%8)*(p/8-i%8))))
		}
	}
	for name, b := range map[string][]byte{"images-idx3-ubyte": pixels, "labels-idx1-ubyte": labels} {
		for _, part := range []string{"train-", "t10k-"} {
			if err := os.WriteFile(filepath.Join(dir, part+name), slices.Clone(b), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
