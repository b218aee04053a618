package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/internal/random"
)

// tinyText are settings of models of text that train in a moment.
var tinyText = []string{"tokenizer=bytes", "width=16", "depth=1", "mlp-blocks=1", "filter-width=8", "max-length=64", "batch=4", "steps=12", "checkpoint-every=4", "log-every=3"}

// write puts a file below dir and returns its path.
func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// reviews is a CSV file with labels, all of them among any five rows.
func reviews(n int) string {
	var b strings.Builder
	b.WriteString("stars,review\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,\"%s, text %d\"\n", i%3, []string{"dull", "so so", "fine"}[i%3], i)
	}
	return b.String()
}

// places makes a folder to work in, and one for tokenised texts.
func places(t *testing.T) (dir string) {
	t.Helper()
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	return t.TempDir()
}

// trainedOn runs train in dir with tiny settings, writes the folder run there,
// and returns its metrics.
func trainedOn(t *testing.T, dir, run string, args ...string) map[string]float64 {
	t.Helper()
	args = slices.Concat([]string{"train", args[0], "--json", "--out", run}, tinyText, args[1:])
	stdout, stderr, code := call(t, dir, args...)
	var r trainResult
	if err := json.Unmarshal([]byte(stdout), &r); code != 0 || err != nil {
		t.Fatalf("exit %d, %v: %s %s", code, err, stdout, stderr)
	}
	return r.Metrics
}

// scored runs eval and returns its metrics.
func scored(t *testing.T, dir string, args ...string) map[string]float64 {
	t.Helper()
	stdout, stderr, code := call(t, dir, append([]string{"eval", "--json"}, args...)...)
	var r evalResult
	if err := json.Unmarshal([]byte(stdout), &r); code != 0 || err != nil {
		t.Fatalf("exit %d, %v: %s %s", code, err, stdout, stderr)
	}
	return r.Metrics
}

// same reports metrics that differ, and those that are missing.
func same(t *testing.T, what string, got, want map[string]float64) {
	t.Helper()
	for name, v := range want {
		if got[name] != v {
			t.Errorf("%s: %s %v, want %v", what, name, got[name], v)
		}
	}
	if len(got) != len(want) || len(want) < 4 {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// lines runs a command with some standard input and returns what it printed, an
// object a line.
func lines(t *testing.T, dir, stdin string, args ...string) (list []map[string]any) {
	t.Helper()
	c := command(dir, args...)
	var out, errs bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(stdin), &out, &errs
	if err := c.Run(); err != nil {
		t.Fatalf("%v: %v: %s", args, err, errs.String())
	}
	for line := range strings.Lines(out.String()) {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%v: %q: %v", args, line, err)
		}
		list = append(list, v)
	}
	return list
}

// TestText trains on labelled texts, scores, predicts and embeds.
func TestText(t *testing.T) {
	dir := places(t)
	write(t, dir, "train.csv", reviews(90))
	other := write(t, dir, "other.csv", reviews(12))
	m := trainedOn(t, dir, "run", "text", "data=train.csv", "text-column=review", "label-column=stars", "steps=100", "lr=5e-3", "pool=mean")
	same(t, "eval", scored(t, dir, "run"), m)
	for _, name := range []string{"accuracy", "score", "loss", "majority", "bag_of_words", "macro_f1", "matthews"} {
		if _, ok := m[name]; !ok {
			t.Errorf("no %s in %v", name, m)
		}
	}
	if got := scored(t, dir, "run", "--data", other); got["majority"] != 1/3.0 || got["loss"] == m["loss"] {
		t.Errorf("other data: %v", got)
	}
	scored(t, dir, "run", "--split", "train")
	if stdout, stderr, code := call(t, dir, "verify", "run"); code != 0 || !strings.Contains(stdout, "1 of 1 passed") {
		t.Errorf("verify: exit %d: %s %s", code, stdout, stderr)
	}

	// The same texts in the same order from files and from standard input.
	var stdin strings.Builder
	for i := range 90 {
		fmt.Fprintf(&stdin, "{\"review\": \"%s, text %d\"}\n", []string{"dull", "so so", "fine"}[i%3], i)
	}
	a, b := lines(t, dir, "", "predict", "run", "train.csv"), lines(t, dir, stdin.String(), "predict", "run")
	if len(a) != 90 || fmt.Sprint(a) != fmt.Sprint(b) {
		t.Errorf("%d predictions from a file, %d from standard input", len(a), len(b))
	}
	right := 0
	for i, p := range a {
		probabilities, ok := p["probabilities"].(map[string]any)
		if !ok || len(probabilities) != 3 {
			t.Fatalf("prediction %v", p)
		}
		if p["label"] == fmt.Sprint(i%3) {
			right++
		}
	}
	if right < 60 {
		t.Errorf("%d of 90 are right", right)
	}
	if v := lines(t, dir, "", "embed", "run", "other.csv"); len(v) != 12 || len(v[0]["embedding"].([]any)) != 16 {
		t.Errorf("%d vectors", len(v))
	}
	one := lines(t, dir, "fine\n", "predict", "run", "--format", "text", "--document", "line", "--text-column", "text", "-")
	if len(one) != 1 || one[0]["label"] == nil {
		t.Errorf("plain text: %v", one)
	}
}

// TestNoHeader: files without names of columns are read as in training.
func TestNoHeader(t *testing.T) {
	dir := places(t)
	text := strings.Repeat("a\t\"one\nb\ttwo\n", 20)
	write(t, dir, "train.tsv", text)
	trainedOn(t, dir, "run", "text", "data=train.tsv", "header=false", "quotes=false", "text-column=2", "label-column=1")
	if p := lines(t, dir, "", "predict", "run", "train.tsv"); len(p) != 40 {
		t.Errorf("%d predictions", len(p))
	}
}

// TestMaskedWords pre-trains, fills masks, and begins a task of GLUE with it.
func TestMaskedWords(t *testing.T) {
	dir := places(t)
	write(t, dir, "books/1.txt", strings.Repeat("the cat sat on the mat. ", 60))
	other := write(t, dir, "other.txt", strings.Repeat("a dog ran far away. ", 20))
	m := trainedOn(t, dir, "mlm", "mlm", "data=books", "length=32", "holdout=0.3")
	same(t, "eval", scored(t, dir, "mlm"), m)
	if got := scored(t, dir, "mlm", "--data", other); got["loss"] == m["loss"] || got["masked_accuracy"] > 1 {
		t.Errorf("other data: %v", got)
	}
	masks := lines(t, dir, "", "fill-mask", "mlm", "the [MASK]at sat on [MASK]", "--json", "--top", "2")
	if len(masks) != 2 || masks[1]["mask"] != 2.0 || len(masks[0]["guesses"].([]any)) != 2 {
		t.Errorf("%v", masks)
	}
	if stdout, stderr, code := call(t, dir, "fill-mask", "mlm", "the [MASK]at", "--top", "3"); code != 0 || strings.Count(stdout, "\n") != 3 || !strings.Contains(stdout, " %  ") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	filled := lines(t, dir, `{"text": "the [MASK]at"}`+"\n"+`{"text": "[MASK] and [MASK]"}`, "predict", "mlm", "--top", "1")
	if len(filled) != 2 || len(filled[0]["masks"].([]any)) != 1 || len(filled[1]["masks"].([]any)) != 2 {
		t.Errorf("%v", filled)
	}
	if v := lines(t, dir, "", "embed", "mlm", "--document", "line", "other.txt", "--truncate"); len(v) != 1 {
		t.Errorf("%d vectors", len(v))
	}

	for split, n := range map[string]int{"train": 30, "dev": 10} {
		text := "index\tsentence1\tsentence2\tlabel\n"
		for i := range n {
			text += fmt.Sprintf("%d\tThe cat \"sat %d\tit sat.\t%s\n", i, i, []string{"entailment", "not_entailment"}[i%2])
		}
		write(t, dir, "glue/RTE/"+split+".tsv", text)
	}
	m = trainedOn(t, dir, "rte", "glue", "name=rte", "data=glue", "from=mlm", "tokenizer=mlm")
	same(t, "eval", scored(t, dir, "rte"), m)
	if m["majority"] != 0.5 {
		t.Errorf("%v", m)
	}
	if p := lines(t, dir, "", "predict", "rte", "--text-column", "sentence1", "--pair-column", "sentence2", "glue/RTE/dev.tsv"); len(p) != 10 || p[0]["label"] == nil {
		t.Errorf("%v", p)
	}
	if err := os.Rename(filepath.Join(dir, "glue"), filepath.Join(dir, "moved")); err != nil {
		t.Fatal(err)
	}
	same(t, "eval of moved data", scored(t, dir, "rte", "--data", "moved"), m)
	e, err := experiment.ReadConfig(filepath.Join(dir, "rte"))
	if err != nil {
		t.Fatal(err)
	}
	if e.Training.LR != 5e-5 || e.Training.Decay != 0.01 {
		t.Errorf("not the settings of RTE: %+v", e.Training)
	}
}

// TestStream: a line that has come is answered before the next one.
func TestStream(t *testing.T) {
	dir := places(t)
	write(t, dir, "train.csv", reviews(30))
	trainedOn(t, dir, "run", "text", "data=train.csv", "text-column=review", "label-column=stars")
	c := command(dir, "predict", "run")
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer time.AfterFunc(20*time.Second, func() { c.Process.Kill() }).Stop()
	answers := bufio.NewReader(out)
	for i := range 5 {
		if _, err := fmt.Fprintf(in, "{\"review\": \"text %d\"}\n", i); err != nil {
			t.Fatal(err)
		}
		if answer, err := answers.ReadString('\n'); err != nil || !strings.Contains(answer, "probabilities") {
			t.Fatalf("line %d: %q, %v", i, answer, err)
		}
	}
	in.Close()
	if rest, err := io.ReadAll(answers); err != nil || len(rest) > 0 {
		t.Errorf("more than was asked for: %q, %v", rest, err)
	}
	if err := c.Wait(); err != nil {
		t.Error(err)
	}
}

// TestReaderGone: a reader who has seen enough ends predict without a word.
func TestReaderGone(t *testing.T) {
	dir := places(t)
	write(t, dir, "train.csv", reviews(60))
	trainedOn(t, dir, "run", "text", "data=train.csv", "text-column=review", "label-column=stars")
	write(t, dir, "many.csv", reviews(3000))
	c := command(dir, "predict", "run", "many.csv")
	var errs bytes.Buffer
	c.Stderr = &errs
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	out.Close()
	if err := c.Wait(); err == nil || c.ProcessState.ExitCode() != exitFailure || errs.Len() > 0 {
		t.Errorf("%v: %s", err, errs.String())
	}
}

// TestKillText is TestKill for texts: with a batch of a token budget, dropout,
// and weights to begin with, a run that was killed has the bits of one that was
// not.
func TestKillText(t *testing.T) {
	dir := places(t)
	write(t, dir, "train.csv", reviews(60))
	write(t, dir, "book.txt", strings.Repeat("a fine text. ", 100))
	trainedOn(t, dir, "mlm", "mlm", "data=book.txt", "length=32", "holdout=0.3")
	settings := slices.Concat([]string{"data=train.csv", "text-column=review", "label-column=stars", "from=mlm"}, tinyText, []string{"tokenizer=mlm", "steps=60", "batch-tokens=120", "dropout=0.1", "eval-every=20"})
	train := func(run string, more ...string) []string {
		return slices.Concat([]string{"train", "text", "--out", run}, more, settings)
	}
	if _, stderr, code := call(t, dir, train("whole")...); code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	s := random.New(1, "kill a text")
	args := train("killed")
	for kills := range 8 {
		c := command(dir, append([]string{"--threads", []string{"1", "2", "4"}[kills%3]}, args...)...)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Duration(20+s.IntN(250))*time.Millisecond, func() { c.Process.Kill() })
		c.Wait()
		if _, err := os.Stat(filepath.Join(dir, "killed", experiment.ConfigFile)); err == nil {
			args = train("killed", "--resume")
		} else if err := os.RemoveAll(filepath.Join(dir, "killed")); err != nil { // it had not begun
			t.Fatal(err)
		}
	}
	if _, stderr, code := call(t, dir, args...); code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	for _, file := range []string{experiment.ModelFile, experiment.SelfTestFile, experiment.ConfigFile} {
		a, err := os.ReadFile(filepath.Join(dir, "killed", file))
		if err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(filepath.Join(dir, "whole", file)); err != nil || !bytes.Equal(a, b) {
			t.Errorf("%s differs from that of the unbroken run, %v", file, err)
		}
	}
	history := func(run string) string {
		return numtest.JSONLines(t, filepath.Join(dir, run, experiment.HistoryFile), "seconds", "waiting_seconds", "memory_mb")
	}
	if a, b := history("killed"), history("whole"); a != b {
		t.Errorf("histories differ:\n%s\nwant:\n%s", a, b)
	}
}
