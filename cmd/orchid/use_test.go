package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/orchid-seq/orchid/experiment"
)

// TestUseInItsOwnWords: predict names its flags, not settings of a training, and
// takes what standard input has.
func TestUseInItsOwnWords(t *testing.T) {
	dir := places(t)
	write(t, dir, "train.txt", strings.Repeat("a line of text\n\nanother paragraph\n\n", 40))
	trainedOn(t, dir, "mlm", "mlm", "data=train.txt", "document=paragraph", "length=32")
	write(t, dir, "train.csv", reviews(30))
	trainedOn(t, dir, "text", "text", "data=train.csv", "text-column=review", "label-column=stars")
	long := strings.Repeat("x", 100)
	for _, c := range []struct {
		name, stdin string
		args        []string
		says        string
	}{
		{"too long", `{"review": "` + long + `"}`, []string{"predict", "text"}, "cut it by --truncate"},
		{"too long to fill", "", []string{"fill-mask", "mlm", long + "[MASK]"}, "cut it by --truncate"},
		{"a bad line", "{\n", []string{"embed", "text"}, "; --bad-lines skip leaves it out; --format text is for plain text"},
		{"plain text", "a text\n", []string{"predict", "text"}, "--format text is for plain text"},
		{"an unknown format", "", []string{"predict", "text", "--format", "xml", "train.csv"}, "--format xml: want one of"},
		{"no name of a form", "", []string{"predict", "text", write(t, dir, "some.xyz", "text")}, "give --format one of"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := command(dir, c.args...)
			var out, errs bytes.Buffer
			cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(c.stdin), &out, &errs
			err := cmd.Run()
			if s := errs.String(); err == nil || !strings.Contains(s, c.says) || strings.Count(s, "\n") != 1 || strings.Contains(s, "bad-lines=") || out.Len() > 0 {
				t.Errorf("%v: %s%s", err, out.String(), s)
			}
		})
	}
	for _, verb := range []string{"predict", "embed"} {
		if got := lines(t, dir, "", verb, "text"); got != nil {
			t.Errorf("%s of nothing: %v", verb, got)
		}
	}
	// Plain text is cut into documents as in training.
	write(t, dir, "book.txt", "one line\nof a paragraph\n\nanother\n")
	for document, want := range map[string]int{"": 2, "line": 3, "file": 1} {
		args := []string{"embed", "mlm", "book.txt"}
		if document != "" {
			args = append(args, "--document", document)
		}
		if got := lines(t, dir, "", args...); len(got) != want {
			t.Errorf("--document %q: %d vectors, want %d", document, len(got), want)
		}
	}
	if stdout, _, code := call(t, dir, "inspect", "mlm", "--metric", "masked_accuracy"); code != 0 || !strings.Contains(stdout, "minutes  masked_accuracy") {
		t.Errorf("inspect --metric of one folder: exit %d: %s", code, stdout)
	}
}

// TestEvalOfOtherData scores the part that is named on the data that is named.
func TestEvalOfOtherData(t *testing.T) {
	dir := places(t)
	write(t, dir, "train.csv", reviews(60))
	other := write(t, dir, "other.csv", reviews(9))
	trainedOn(t, dir, "run", "text", "data=train.csv", "text-column=review", "label-column=stars")
	for _, args := range [][]string{{"run", "--data", other}, {"run", "--data", other, "--split", "validation"}, {"run", "--data", other, "--split", "test"}} {
		stdout, stderr, code := call(t, dir, append([]string{"eval", "--json"}, args...)...)
		var r evalResult
		if err := json.Unmarshal([]byte(stdout), &r); code != 0 || err != nil || r.Metrics["majority"] != 1/3.0 {
			t.Errorf("%v: exit %d: %s%s", args, code, stdout, stderr)
		}
		if args[len(args)-2] == "--split" && r.Split != args[len(args)-1] {
			t.Errorf("%v: split %s", args, r.Split)
		}
	}
	if _, stderr, code := call(t, dir, "eval", "run", "--data", other, "--split", "train"); code != exitUsage || !strings.Contains(stderr, "--data with --split=train: other data can stand for validation or test") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	stdout, _, _ := call(t, dir, "eval", "run")
	if !strings.Contains(stdout, "(accuracy of majority ") || !strings.Contains(stdout, ", of a bag of words ") {
		t.Errorf("%s", stdout)
	}
	card, err := os.ReadFile(filepath.Join(dir, "run", experiment.CardFile))
	if err != nil || !strings.Contains(string(card), "orchid predict DIR") || !strings.Contains(string(card), "- score: the accuracy\n") || strings.Contains(string(card), "chance") {
		t.Errorf("%v: %s", err, card)
	}
	card, err = os.ReadFile(filepath.Join(trained(t), experiment.CardFile))
	if err != nil || !strings.Contains(string(card), "- chance: ") || strings.Contains(string(card), "orchid predict") || strings.Contains(string(card), "score") {
		t.Errorf("%v: %s", err, card)
	}
}

// TestSentence says what the score is of.
func TestSentence(t *testing.T) {
	m := map[string]float64{"f1": 0.9, "score": 0.9, "majority": 0.8122, "bag_of_words": 0.8267}
	for score, want := range map[string]string{
		"f1":       "f1 0.9000 (f1 of majority 0.8122, of a bag of words 0.8267)",
		"accuracy": "f1 0.9000 (accuracy of majority 81.2 %, of a bag of words 82.7 %)",
	} {
		if got := sentence(m, score); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	many := map[string]float64{"accuracy": 0.5, "chance": 1.0 / 4096, "context_chance": 1.0 / 16, "majority": 0.3125}
	if got, want := sentence(many, ""), "accuracy 50.00 % (chance 0.0244 %, majority 31.2 %, context chance 6.25 %)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestScoreOf names the scores of GLUE and of texts.
func TestScoreOf(t *testing.T) {
	for _, c := range []struct{ task, setting, want string }{
		{"glue", "name=mrpc", "f1"},
		{"glue", "name=qqp", "mean of accuracy and f1"},
		{"glue", "name=none", ""},
		{"text", "labels=multi", "micro f1"},
		{"text", "labels=number", "spearman"},
		{"text", "labels=single", "accuracy"},
		{"recall", "length=8", ""},
	} {
		e, err := experiment.New(c.task)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Override([]string{c.setting}); err != nil {
			t.Fatal(err)
		}
		if got := scoreOf(e); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.task, c.setting, got, c.want)
		}
	}
}

// TestInterruptPredict: Ctrl-C ends a command that waits for standard input.
func TestInterruptPredict(t *testing.T) {
	dir := places(t)
	write(t, dir, "train.csv", reviews(30))
	trainedOn(t, dir, "run", "text", "data=train.csv", "text-column=review", "label-column=stars")
	c := command(dir, "predict", "run")
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	c.Stderr = &stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer time.AfterFunc(20*time.Second, func() { c.Process.Kill() }).Stop()
	if _, err := in.Write([]byte("{\"review\": \"a text\"}\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil { // it has answered
		t.Fatal(err)
	}
	if err := c.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err == nil || c.ProcessState.ExitCode() != exitInterrupted || stderr.String() != "orchid: interrupted\n" {
		t.Errorf("exit %d: %s", c.ProcessState.ExitCode(), stderr.String())
	}
}

// TestLooks: runs of one mixer are told apart, and the legend says which they
// are.
func TestLooks(t *testing.T) {
	dir := t.TempDir()
	var dirs []string
	for _, name := range []string{"a", "b & c", "d", "e", "f"} {
		to := filepath.Join(dir, name)
		if dirs == nil {
			if err := os.CopyFS(to, os.DirFS(trained(t))); err != nil {
				t.Fatal(err)
			}
		} else if err := os.CopyFS(to, os.DirFS(dirs[0])); err != nil {
			t.Fatal(err)
		}
		dirs = append(dirs, to)
	}
	file := filepath.Join(dir, "plot.svg")
	if _, stderr, code := call(t, dir, append([]string{"inspect", "--plot", file}, dirs...)...); code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	wellFormed(t, file, 2*len(dirs))
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`class="orchid"`, `class="orchid dashed"`, `class="orchid dotted"`, `class="orchid broken"`, `class="orchid thin"`, filepath.Join(dir, "b &amp; c") + ": orchid"} {
		if !bytes.Contains(text, []byte(part)) {
			t.Errorf("the plot lacks %s", part)
		}
	}
}
