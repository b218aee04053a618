package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// hole makes a file that begins with some text and is 200 MB long, of zero bytes
// that take no room on the disk.
func hole(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := write(t, dir, name, text)
	if err := os.Truncate(path, 200<<20); err != nil {
		t.Fatal(err)
	}
	return path
}

// snapshot lists the files below a folder with what they hold.
func snapshot(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		var text []byte
		if info.Size() < 1<<20 { // not the holes
			text, err = os.ReadFile(path)
		}
		fmt.Fprintf(&b, "%s %d %x\n", path, info.Size(), text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestBadText gives each mistake in data or model its one clear line, and leaves
// what is there alone.
func TestBadText(t *testing.T) {
	dir := places(t)
	csv := func(name, rows string) string { return "data=" + write(t, dir, name, "text,label\n"+rows) }
	ab := strings.Repeat("one,a\ntwo,b\n", 60)
	good := csv("good.csv", ab)
	trainedOn(t, dir, "run", "text", good)
	write(t, dir, "book.txt", strings.Repeat("a fine book. ", 60))
	trainedOn(t, dir, "mlm", "mlm", "data=book.txt", "length=32", "holdout=0.3")
	swapped := copyDir(t, filepath.Join(dir, "run"))
	if err := os.Remove(filepath.Join(swapped, "tokenizer.json")); err != nil {
		t.Fatal(err)
	}
	words := append([]string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}, strings.Split("abcdefghij", "")...)
	trainedOn(t, dir, "wordpiece", "text", good, "tokenizer="+write(t, dir, "vocab.txt", strings.Join(words, "\n")+"\n"))
	if err := os.Link(filepath.Join(dir, "wordpiece", "tokenizer.json"), filepath.Join(swapped, "tokenizer.json")); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "glue/RTE/train.tsv", "index\tsentence1\tsentence2\tlabel\n0\ta\tb\tentailment\n1\ta\tb\tnot_entailment\n")
	write(t, dir, "long.jsonl", `{"text": "one"}`+"\n"+`{"text": "`+strings.Repeat("x", 100)+`"}`+"\n"+`{"text": "two"}`+"\n")
	write(t, dir, "first.jsonl", `{"text": "`+strings.Repeat("x", 100)+`"}`+"\n")
	hole(t, dir, "hole.jsonl", `{"text": "`)
	hole(t, dir, "hole.csv", "text,label\n\"")

	before := snapshot(t, dir)
	for _, c := range []struct {
		name string
		args []string
		code int
		says []string
	}{
		{"not UTF-8", []string{"train", "text", csv("latin.csv", "one,a\n\xe9t\xe9,b\n")}, exitFailure, []string{"latin.csv:3: not UTF-8 (0xE9 at byte 1)"}},
		{"a NUL byte", []string{"train", "text", csv("nul.csv", "one,a\nt\x00,b\n")}, exitFailure, []string{"nul.csv:3: a NUL byte at byte 2"}},
		{"an empty file", []string{"train", "text", "data=" + write(t, dir, "empty.csv", "")}, exitFailure, []string{"empty.csv: is empty"}},
		{"an empty text", []string{"train", "mlm", "length=32", "data=" + write(t, dir, "empty.txt", "")}, exitFailure, []string{"empty.txt: holds no text"}},
		{"missing column", []string{"train", "text", good, "text-column=review"}, exitFailure, []string{`good.csv: no column "review", but "text", "label"`}},
		{"unclosed quote", []string{"train", "text", csv("quote.csv", "one,a\n\"two,b\nthree,a\n")}, exitFailure, []string{"quote.csv:3: a quote is opened here and not closed"}},
		{"a longer text", []string{"train", "text", csv("long.csv", ab+strings.Repeat("x", 100)+",a\n")}, exitFailure, []string{"long.csv:122: 102 tokens where the model takes 64: truncate=true cuts it"}},
		{"equal labels", []string{"train", "text", csv("equal.csv", "one,a\ntwo,a\n")}, exitFailure, []string{`all labels are ["a"]: there is nothing to tell apart`}},
		{"200 MB in a row", []string{"train", "text", "data=hole.csv"}, exitFailure, []string{"hole.csv:2: a "}},
		{"200 MB of text", []string{"train", "mlm", "length=32", "data=hole.jsonl"}, exitFailure, []string{"hole.jsonl:1: a line of more than 64 MiB"}},
		{"no GLUE task", []string{"train", "glue", "name=rtl", "data=glue"}, exitUsage, []string{`no GLUE task "rtl": want one of MNLI, `}},
		{"no GLUE folder", []string{"train", "glue", "name=cola", "data=glue"}, exitFailure, []string{"glue/CoLA/train.tsv: no such file: put there CoLA from gluebenchmark.com"}},
		{"missing GLUE file", []string{"train", "glue", "name=rte", "data=glue"}, exitFailure, []string{"glue/RTE/dev.tsv: no such file: put there RTE from gluebenchmark.com"}},
		{"from no folder", []string{"train", "text", good, "from=none"}, exitFailure, []string{"from=none: no config.json there: name a folder"}},
		{"out exists", []string{"train", "text", good, "--out", "run"}, exitFailure, []string{"run exists: choose another --out"}},

		{"label never seen", []string{"eval", "run", "--data", csv("new.csv", "one,a\ntwo,c\n")[5:]}, exitFailure, []string{`new.csv:3: the label "c" is not among those of the model, "a", "b"`}},
		{"eval of no file", []string{"eval", "run", "--data", "none.csv"}, exitFailure, []string{"none.csv: no such file or folder"}},
		{"another vocabulary", []string{"predict", swapped, "long.jsonl"}, exitFailure, []string{"tokenizer.json: its SHA-256 is ", "SHA256SUMS says "}},
		{"eval with another vocabulary", []string{"eval", swapped}, exitFailure, []string{"tokenizer.json: 15 words (64 with pad-vocabulary=64), the model has 320: it was made with another tokenizer"}},
		{"predict a first text that is too long", []string{"predict", "run", "first.jsonl"}, exitFailure, []string{"first.jsonl:1: "}},
		{"predict 200 MB", []string{"predict", "run", "hole.jsonl"}, exitFailure, []string{"hole.jsonl:1: a line of more than 64 MiB"}},
		{"predict without the column", []string{"predict", "run", "--text-column", "review", "long.jsonl"}, exitFailure, []string{`long.jsonl:1: no column "review", but "text"`}},
		{"predict no file", []string{"predict", "run", "none.csv"}, exitFailure, []string{"none.csv: no such file or folder"}},

		{"predict an unknown form", []string{"predict", "run", "vocab"}, exitFailure, []string{"vocab"}},
		{"no mask", []string{"fill-mask", "mlm", "a fine book"}, exitFailure, []string{"no [MASK] in the text"}},
		{"fill masks of a classifier", []string{"fill-mask", "run", "a [MASK]"}, exitFailure, []string{"a model of the task text, not one of words"}},
		{"no words", []string{"fill-mask", "mlm", "a [MASK]", "--top", "0"}, exitUsage, []string{"--top=0: want at least 1"}},
		{"less than none", []string{"predict", "mlm", "--top=-1"}, exitUsage, []string{"--top=-1: want at least 1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := c.args
			if args[0] == "train" {
				args = slices.Concat(args[:2], tinyText, args[2:])
			}
			stdout, stderr, code := call(t, dir, args...)
			if code != c.code {
				t.Errorf("exit %d, want %d", code, c.code)
			}
			for _, part := range c.says {
				if !strings.Contains(stderr, part) {
					t.Errorf("%q is not said:\n%s", part, stderr)
				}
			}
			if stdout != "" || strings.Count(stderr, "orchid: ") != 1 || strings.Count(stderr, "\n") != 1 || strings.Contains(stderr, "panic") {
				t.Errorf("more than one line:\n%s%s", stdout, stderr)
			}
		})
	}
	after := snapshot(t, dir)
	for line := range strings.Lines(before) {
		if !strings.Contains(after, line) {
			path, _, _ := strings.Cut(line, " ")
			t.Errorf("%s was written over", path)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "runs")); err == nil {
		t.Error("a refused run left a folder behind")
	}
}

// TestOtherData: the data of an evaluation are whole, whatever was held out of the
// training's by a column.
func TestOtherData(t *testing.T) {
	dir := places(t)
	var b strings.Builder
	for i := range 40 {
		fmt.Fprintf(&b, ">%d\n%s\n", i, []string{"ACGT", "GGTA"}[i%2])
	}
	for _, name := range []string{"a.fasta", "b.fasta"} {
		write(t, dir, name, b.String())
	}
	trainedOn(t, dir, "run", "text", "data=*.fasta", "tokenizer=dna", "label-column=stem", "holdout-by=name", "holdout=0.3")
	stdout, stderr, code := call(t, dir, "eval", "run", "--data", "b.fasta")
	if code != 0 || !strings.HasPrefix(stdout, "validation: accuracy ") || !strings.Contains(stderr, "b.fasta: data names it too") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
}

// TestSkip: bad lines are counted, named, and the others count.
func TestSkip(t *testing.T) {
	dir := places(t)
	write(t, dir, "bad.csv", "text,label\none,a\n\xff,a\n"+strings.Repeat("x", 100)+",b\n"+strings.Repeat("two,b\none,a\n", 10))
	args := slices.Concat([]string{"train", "text", "--out", "run", "data=bad.csv", "bad-lines=skip"}, tinyText)
	if stdout, stderr, code := call(t, dir, args...); code != 0 || stdout == "" || !strings.Contains(stderr, "bad.csv: 2 bad lines skipped:\n  bad.csv:3: not UTF-8") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	if _, stderr, code := call(t, dir, slices.Concat([]string{"train", "text", "--out", "cut", "data=bad.csv", "bad-lines=skip", "truncate=true"}, tinyText)...); code != 0 || !strings.Contains(stderr, "bad.csv: 1 bad line skipped") || !strings.Contains(stderr, "1 were cut") {
		t.Errorf("exit %d: %s", code, stderr)
	}

	// A text that is too long: an error, a line of its own, or cut.
	long := write(t, dir, "long.jsonl", `{"text": "one"}`+"\n"+`{"text": "`+strings.Repeat("x", 100)+`"}`+"\n"+`{"text": "two"}`+"\n")
	stdout, stderr, code := call(t, dir, "predict", "run", long)
	if code != exitFailure || strings.Count(stdout, "\n") != 1 || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, long+":2: ") || !strings.Contains(stderr, "64") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	stdout, stderr, code = call(t, dir, "predict", "run", "--bad-lines", "skip", long)
	if l := strings.Split(stdout, "\n"); code != exitFailure || len(l) != 4 || !strings.Contains(l[1], `{"error":"`+long+":2: ") || !strings.Contains(l[2], "label") || !strings.Contains(stderr, "1 text could not be read") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	if stdout, stderr, code = call(t, dir, "predict", "run", "--truncate", long); code != 0 || strings.Count(stdout, "label") != 3 {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	if p := lines(t, dir, "", "embed", "cut", "--truncate", long); len(p) != 3 {
		t.Errorf("%d vectors", len(p))
	}

	// Lines that do not parse are named too, on standard input as in files.
	broken := `{"text": "one"}` + "\n{\n" + `{"text": "two"}` + "\n"
	c := command(dir, "predict", "run", "--bad-lines", "skip")
	var out, errs strings.Builder
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(broken), &out, &errs
	if err := c.Run(); err == nil || c.ProcessState.ExitCode() != exitFailure || !strings.Contains(errs.String(), "standard input:2: does not parse as a JSON object") || strings.Count(out.String(), "label") != 2 {
		t.Errorf("%v: %s%s", err, out.String(), errs.String())
	}
	_, stderr, code = call(t, dir, "predict", "run", "--bad-lines", "skip", write(t, dir, "broken.jsonl", broken))
	if code != exitFailure || !strings.Contains(stderr, "broken.jsonl:2: does not parse as a JSON object") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// TestLongLineOnStandardInput: 200 MB without a line end are not kept, and what
// comes before and behind them counts.
func TestLongLineOnStandardInput(t *testing.T) {
	dir := places(t)
	write(t, dir, "good.csv", "text,label\n"+strings.Repeat("one,a\ntwo,b\n", 60))
	trainedOn(t, dir, "run", "text", "data=good.csv")
	c := command(dir, "predict", "run", "--bad-lines", "skip")
	var out, errs strings.Builder
	c.Stdout, c.Stderr = &out, &errs
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	io.WriteString(in, `{"text": "one"}`+"\n"+`{"text": "`)
	chunk := strings.Repeat("a text ", 1<<15)
	for n := 0; n < 200<<20; n += len(chunk) {
		if _, err := io.WriteString(in, chunk); err != nil {
			t.Fatal(err)
		}
	}
	io.WriteString(in, `"}`+"\n"+`{"text": "two"}`+"\n")
	in.Close()
	if err := c.Wait(); err == nil || c.ProcessState.ExitCode() != exitFailure || strings.Count(out.String(), "label") != 2 || !strings.Contains(errs.String(), "standard input:2: a line of more than 64 MiB") {
		t.Errorf("%v: %s%s", err, out.String(), errs.String())
	}
}
