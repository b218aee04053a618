package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestReadme runs every command of the README and of docs/language.md, each page
// in a folder of its own, in order. Trainings are cut short by small settings;
// pictures and texts are made up.
func TestReadme(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("ORCHID_LISTEN", "127.0.0.1:0")
	for page, least := range map[string]int{"README.md": 17, "docs/language.md": 13, "docs/experiments.md": 10} {
		dir := t.TempDir()
		pictures(t, filepath.Join(dir, "mnist"))
		pictures(t, filepath.Join(dir, "cifar-10-batches-bin"))
		texts(t, dir)
		signals(t, dir)
		if err := os.CopyFS(filepath.Join(dir, "recipes"), os.DirFS("../../recipes")); err != nil {
			t.Fatal(err)
		}
		commands := commandsOf(t, filepath.Join("../..", page))
		if len(commands) < least {
			t.Fatalf("%s: found only %q", page, commands)
		}
		for _, line := range commands {
			args := fields(line)
			switch {
			case line == "go test ./...", line == "go install ./cmd/orchid":
				continue // that is what runs this test; .ci/run builds
			case strings.Contains(line, " --watch "):
				continue // it serves until Ctrl-C; TestReportWatch runs it
			case strings.HasPrefix(line, "orchid serve "):
				served(t, dir, args[1:]) // on a free port, until the test ends
				continue
			case strings.HasPrefix(line, "go run ./cmd/orchid "):
				args = args[3:]
			case args[0] == "orchid":
				args = args[1:]
			default:
				t.Errorf("no rule to run %q", line)
				continue
			}
			stdout, stderr, code := call(t, dir, shortened(args)...)
			if code != 0 || stdout == "" && args[0] != "report" { // which writes files
				t.Errorf("%s: exit %d: %s%s", line, code, stdout, stderr)
			}
		}
	}
}

// shortened makes a command that trains take a moment only.
func shortened(args []string) []string {
	// What > names is where a shell would put it.
	if i := slices.Index(args, ">"); i >= 0 {
		args = args[:i]
	}
	if args[0] != "train" {
		return args
	}
	small := []string{"width=16", "depth=1", "mlp-blocks=1", "filter-width=8", "epochs=1"}
	switch args[1] {
	case "recall", "--config":
		args = append(args, tiny...)
		for _, a := range args { // what those settings do not go with
			if key, _, _ := strings.Cut(a, "="); key == "lengths" {
				args = append(args, "lengths=12:2,16:1")
			} else if key == "form" {
				args = append(args, "length=32", "vocabulary=64")
			}
		}
		return args
	case "speech", "series":
		return append(args, append(small, "filter-features=5", "eval-every=0")...)
	case "image":
		return append(args, small...)
	case "mlm":
		args = append(args, "steps=2", "batch=4")
	default:
		args = append(args, "steps=2", "batch=4", "batch-tokens=0")
	}
	if !slices.ContainsFunc(args, func(s string) bool { return strings.HasPrefix(s, "from=") }) {
		args = append(args, "width=32", "depth=1", "filter-width=8", "max-length=256")
	}
	return args
}

// fields cuts a command at spaces outside of double quotes.
func fields(line string) (args []string) {
	for i, part := range strings.Split(line, `"`) {
		if i%2 == 1 {
			args = append(args, part)
		} else {
			args = append(args, strings.Fields(part)...)
		}
	}
	return args
}

// texts makes the files that docs/language.md speaks of.
func texts(t *testing.T, dir string) {
	write := func(name, text string) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	words := []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", "'"}
	for c := 'a'; c <= 'z'; c++ {
		words = append(words, string(c), "##"+string(c))
	}
	write("vocab.txt", strings.Join(words, "\n")+"\n")
	prose := strings.Repeat("She opened the door and went in. It was late.\n\n", 40)
	for _, name := range []string{"books/a.txt", "books/b.txt", "held-out/c.txt", "wiki.test.txt", "book.txt"} {
		write(name, prose)
	}
	reviews := "review,stars\n" + strings.Repeat("a fine film,5\na bad film,1\n", 8)
	for _, name := range []string{"train.csv", "dev.csv", "reviews.csv"} {
		write(name, reviews)
	}
	for _, name := range []string{"train/pos/1.txt", "train/neg/2.txt", "test/pos/3.txt", "test/neg/4.txt"} {
		write(name, "a text of "+name)
	}
	for _, split := range []string{"train", "dev"} {
		write("glue/SST-2/"+split+".tsv", "sentence\tlabel\n"+strings.Repeat("a fine film\t1\na bad film\t0\n", 8))
		write("glue/RTE/"+split+".tsv", "index\tsentence1\tsentence2\tlabel\n"+strings.Repeat("0\ta man sleeps\ta man rests\tentailment\n1\ta man sleeps\ta dog runs\tnot_entailment\n", 8))
	}
	write("glue/MNLI/train.tsv", "index\tsentence1\tsentence2\tgold_label\n"+strings.Repeat("0\ta man\ta dog\tneutral\n1\ta man\tno man\tcontradiction\n2\ta man\ta man\tentailment\n", 4))
	for _, part := range []string{"dev_matched", "dev_mismatched"} {
		write("glue/MNLI/"+part+".tsv", "index\tsentence1\tsentence2\tgold_label\n0\ta man\ta dog\tneutral\n")
	}
}

// signals makes recordings of digits, a time series, genomes and a picture.
func signals(t *testing.T, dir string) {
	for _, name := range []string{"recordings", "BasicMotions", "genomes", "pictures"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write := func(name string, text []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 30, 40))); err != nil {
		t.Fatal(err)
	}
	write("pictures/0.png", picture.Bytes())
	for digit := range 2 {
		for _, index := range []int{0, 5, 6, 7} {
			wav := binary.LittleEndian.AppendUint32([]byte("RIFF"), 36+2*400)
			wav = append(wav, "WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data"...)
			wav = binary.LittleEndian.AppendUint32(wav, 2*400)
			for i := range 400 {
				wav = binary.LittleEndian.AppendUint16(wav, uint16((i*(index+3)*(digit+1))%2000))
			}
			write(fmt.Sprintf("recordings/%d_nobody_%d.wav", digit, index), wav)
		}
	}
	ts := "@problemName x\n@timeStamps false\n@univariate false\n@dimensions 2\n@equalLength true\n@seriesLength 4\n@classLabel true a b\n@data\n" +
		strings.Repeat("1,2,3,4:0,1,0,1:a\n4,3,2,1:1,0,1,0:b\n", 4)
	write("BasicMotions/BasicMotions_TRAIN.ts", []byte(ts))
	write("BasicMotions/BasicMotions_TEST.ts", []byte(ts))
	for _, class := range []string{"Birds", "Fish"} {
		var fasta strings.Builder
		for i := range 20 {
			fmt.Fprintf(&fasta, ">%s%d\n%s\n", class, i, strings.Repeat([]string{"ACGT", "AACC"}[len(class)%2], 9))
		}
		write("genomes/"+class+".fasta", []byte(fasta.String()))
	}
}

// commandsOf returns the lines of a page's blocks of shell commands.
func commandsOf(t *testing.T, page string) (list []string) {
	text, err := os.ReadFile(page)
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

// TestResults: the tables of docs/results.md that stand between markers are those of
// the records beside it.
func TestResults(t *testing.T) {
	const page = "../../docs/results.md"
	want, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "results.md")
	if err := os.WriteFile(copied, want, 0o644); err != nil {
		t.Fatal(err)
	}
	_, stderr, code := call(t, "../../docs", "report", "records", "--markdown", copied)
	if code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	got, err := os.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("docs/results.md is not what its records give: run orchid report docs/records --markdown docs/results.md")
	}
	for name := range strings.Lines(stderr) {
		if strings.Contains(name, "no runs of the table") {
			t.Error(name)
		}
	}
}
