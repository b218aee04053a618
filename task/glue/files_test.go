package glue

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/task"
)

// TestOriginalFiles counts the examples of all files beside the repository;
// the numbers are those of its data/README.md, the first texts those of head.
func TestOriginalFiles(t *testing.T) {
	dir := numtest.Shared(t, "data", "glue")
	for _, c := range []struct {
		task, split string
		n           int
		first, last string // parts of the first and the last example
		label       []float64
	}{
		{"SST-2", "train", 67349, "hide new secretions", "this new jangle of noise", []float64{0, 0}},
		{"SST-2", "dev", 872, "it 's a charming", "looking aristocratic", []float64{1, 1}},
		{"SST-2", "test", 1821, "uneasy mishmash", "dazzling and sugar-sweet", []float64{0, 1}},
		{"CoLA", "train", 8551, "Our friends won't buy this analysis", "", []float64{1, 1}},
		{"CoLA", "dev", 1043, "The sailors rode the breeze", "John talked to Bill about himself.", []float64{1, 1}},
		{"MRPC", "train", 3668, "Amrozi accused his brother", "", []float64{1, 0}},
		{"MRPC", "dev", 408, "He said the foodservice pie business", "Ex-KGB agent", []float64{1, 1}},
		{"MRPC", "test", 1725, "PCCW 's chief operating officer", "Sobig.F spreads", []float64{1, 1}},
		{"RTE", "train", 2490, "No Weapons of Mass Destruction", "Turkey is unlikely", []float64{1, 1}},
		{"RTE", "dev", 277, "Dana Reeve", "Danny Kennedy", []float64{1, 1}},
		{"STS-B", "train", 5749, "A plane is taking off.", "Putin spokesman", []float64{5, 0}},
		{"STS-B", "dev", 1500, "A man with a hard hat", "New video shows US police", []float64{5, 0}},
		{"STS-B", "test", 1379, "A girl is styling her hair.", "South Korea declares end", []float64{2.5, 0}},
		{"WNLI", "train", 635, "I stuck a pin", "Although they ran", []float64{1, 1}},
		{"WNLI", "dev", 71, "The drain is clogged", "George got free tickets", []float64{0, 0}},
		{"QNLI", "dev", 5463, "What came into force", "Who discovered this", []float64{0, 1}},
	} {
		k, err := Find(c.task)
		if err != nil {
			t.Fatal(err)
		}
		x, err := k.Read(dir, c.split)
		if err != nil {
			t.Fatal(err)
		}
		if len(x) != c.n {
			t.Errorf("%s %s: %d examples, want %d", c.task, c.split, len(x), c.n)
		}
		first, last := x[0], x[len(x)-1]
		if !strings.HasPrefix(first.A, c.first) || !strings.HasPrefix(last.A, c.last) || first.Labels[0] != c.label[0] || last.Labels[0] != c.label[1] {
			t.Errorf("%s %s: from %v to %v", c.task, c.split, first, last)
		}
		for i, e := range x {
			if len(e.Labels) != 1 || (e.B != "") != k.Pair || strings.ContainsAny(e.A+e.B, "\t\r\n") {
				t.Fatalf("%s %s: example %d is %v", c.task, c.split, i, e)
			}
		}
	}
}

// write puts a file into a folder of its own and returns the folder.
func write(t *testing.T, path, text string) string {
	t.Helper()
	dir := t.TempDir()
	path = filepath.Join(dir, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestForms reads each form that the files beside the repository lack, or that
// is easy to get wrong.
func TestForms(t *testing.T) {
	mnli := "index\tpromptID\tpairID\tgenre\tsentence1_binary_parse\tsentence2_binary_parse\tsentence1_parse\tsentence2_parse\tsentence1\tsentence2\t"
	for _, c := range []struct {
		task, split, path, text string
		want                    task.Example
	}{
		{"mnli", "train", "MNLI/train.tsv", mnli + "label1\tgold_label\n0\t1\t2\tf\t(\t(\t(\t(\tA one.\tB two.\tentailment\tneutral\n", task.Example{A: "A one.", B: "B two.", Labels: []float64{1}}},
		{"MNLI", "dev", "MNLI/dev_matched.tsv", mnli + "label1\tlabel2\tgold_label\n0\t1\t2\tf\t(\t(\t(\t(\tA\tB\tneutral\tneutral\tentailment\n", task.Example{A: "A", B: "B", Labels: []float64{0}}},
		{"MNLI", "dev-mismatched", "MNLI/dev_mismatched.tsv", mnli + "gold_label\n0\t1\t2\tf\t(\t(\t(\t(\tA\tB\tcontradiction", task.Example{A: "A", B: "B", Labels: []float64{2}}},
		{"qqp", "dev", "QQP/dev.tsv", "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n1\t2\t3\tWhy \"so?\t\"Why\t1\n", task.Example{A: "Why \"so?", B: "\"Why", Labels: []float64{1}}},
		{"qnli", "train", "QNLI/train.tsv", "index\tquestion\tsentence\tlabel\n0\tQ?\tS.\tnot_entailment\n", task.Example{A: "Q?", B: "S.", Labels: []float64{1}}},
		{"sst_2", "test", "SST-2/test-labeled.tsv", "sentence\tlabel\r\n fine . \t1\r\n", task.Example{A: "fine .", Labels: []float64{1}}},
		{"cola", "train", "CoLA/train.tsv", "gj04\t0\t*\t\"Quoted\n", task.Example{A: "\"Quoted", Labels: []float64{0}}},
		{"mrpc", "train", "MRPC/train.tsv", "\uFEFFQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\n1\t4\t5\t\" a\tb\n", task.Example{A: "\" a", B: "b", Labels: []float64{1}}},
		{"stsb", "test", "STS-B/original/sts-test.tsv", "g\tf\t2012\t7\t3.25\ta\tb\tsource\tsource\n", task.Example{A: "a", B: "b", Labels: []float64{3.25}}},
	} {
		k, err := Find(c.task)
		if err != nil {
			t.Fatal(err)
		}
		x, err := k.Read(write(t, c.path, c.text), c.split)
		if err != nil || len(x) != 1 || x[0].A != c.want.A || x[0].B != c.want.B || x[0].Labels[0] != c.want.Labels[0] {
			t.Errorf("%s %s: %v, %v; want %v", c.task, c.split, x, err, c.want)
		}
	}
}

func TestFaults(t *testing.T) {
	const head = "sentence\tlabel\n"
	for name, c := range map[string]struct{ text, want string }{
		"empty":     {"", "train.tsv: no examples in the file"},
		"header":    {head, "train.tsv: no examples in the file"},
		"column":    {"sentence\tclass\nx\t1\n", `train.tsv:1: no column "label" among ["sentence" "class"]`},
		"fields":    {head + "good\t1\nno label\n", "train.tsv:3: 1 fields between tabs, want 2 (sentence, label)"},
		"more":      {head + "a\tb\t1\n", "train.tsv:2: 3 fields"},
		"label":     {head + "good\t2\n", `train.tsv:2: label: "2": want one of negative, positive, or its number from 0`},
		"no text":   {head + " \t1\n", "train.tsv:2: sentence is empty"},
		"no label":  {head + "x\t\n", "train.tsv:2: label is empty"},
		"blank":     {head + "x\t1\n\n", "train.tsv:3: 1 fields"},
		"not UTF-8": {head + "\xff\t1\n", "train.tsv:2: not UTF-8"},
		"NUL":       {head + "a\x00\t1\n", "train.tsv:2: holds a NUL byte"},
		"long":      {head + strings.Repeat("x", 2*longest), "train.tsv:2: a line of more than 1048576 bytes"},
		"number":    {"index\tsentence1\tsentence2\tscore\n0\ta\tb\tNaN\n", `train.tsv:2: score: "NaN": want a number from 0 to 5`},
	} {
		k, _ := Find("sst2")
		if name == "number" {
			k, _ = Find("stsb")
		}
		_, err := k.Read(write(t, k.Name+"/train.tsv", c.text), "train")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// TestBadLinesLeaveTheGoodOnes is what lets a caller count and skip them.
func TestBadLinesLeaveTheGoodOnes(t *testing.T) {
	k, _ := Find("sst2")
	x, err := k.Read(write(t, "SST-2/dev.tsv", "sentence\tlabel\n"+strings.Repeat("bad\n", 12)+"good\t1\n"), "dev")
	var bad BadLines
	if !errors.As(err, &bad) || len(bad) != 12 || len(x) != 1 || x[0].A != "good" {
		t.Fatalf("%v, %v", x, err)
	}
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 11 || lines[10] != "and 2 more bad lines" {
		t.Errorf("%q", lines)
	}
}

func TestMissing(t *testing.T) {
	dir := t.TempDir()
	for _, k := range Tasks() {
		for _, split := range k.Splits() {
			_, err := k.Read(dir, split)
			if err == nil || !strings.Contains(err.Error(), filepath.Join(dir, k.Name)) || !strings.Contains(err.Error(), "no such file: put there") {
				t.Errorf("%s %s: %v", k.Name, split, err)
			}
		}
	}
	k, _ := Find("RTE")
	if _, err := k.Read(dir, "test"); err == nil || err.Error() != `RTE has no split "test" with labels: want one of train, dev` {
		t.Error(err)
	}
	if _, err := Find("sst"); err == nil || !strings.Contains(err.Error(), "want one of MNLI, QQP") {
		t.Error(err)
	}
}

func TestMetrics(t *testing.T) {
	qqp, _ := Find("QQP")
	m := qqp.Metrics([]float64{1, 1, 0, 0}, []float64{1, 0, 0, 0})
	if f1 := 2.0 / 3; m["accuracy"] != 0.75 || m["f1"] != f1 || math.Abs(m["score"]-(0.75+f1)/2) > 1e-15 || len(m) != 3 {
		t.Errorf("%v", m)
	}
	sts, _ := Find("STS-B")
	m = sts.Metrics([]float64{1, 2, 9}, []float64{1, 2, 3})
	if m["score"] != m["spearman"] || math.Abs(m["score"]-1) > 1e-15 || !(m["pearson"] < 1) {
		t.Errorf("%v", m)
	}
	if m := qqp.Metrics([]float64{-1, 1}, []float64{1, 1}); !math.IsNaN(m["score"]) {
		t.Errorf("a prediction that is none gives %v", m)
	}
	var average int
	for _, k := range Tasks() {
		if k.Average {
			average++
		}
		for _, name := range append(k.Score, k.Beside...) {
			if _, ok := k.Metrics([]float64{0}, []float64{0})[name]; !ok {
				t.Errorf("%s has no %s", k.Name, name)
			}
		}
	}
	if average != 8 {
		t.Errorf("%d tasks in the average, want 8", average)
	}
}

// FuzzParse proves that no file makes Read panic and that every line is an
// example or a fault.
func FuzzParse(f *testing.F) {
	f.Add([]byte("sentence\tlabel\nx\t1\n"), true)
	f.Add([]byte("gj04\t0\t*\tx"), false)
	f.Fuzz(func(t *testing.T, b []byte, header bool) {
		k, _ := Find("CoLA")
		if header {
			k, _ = Find("SST-2")
		}
		x, err := k.parse(strings.NewReader(string(b)), "file", k.sources[0])
		var bad BadLines
		if errors.As(err, &bad) || err == nil {
			lines := strings.Count(string(b), "\n")
			if len(b) > 0 && b[len(b)-1] != '\n' {
				lines++
			}
			if header {
				lines--
			}
			if len(x)+len(bad) != lines {
				t.Fatalf("%d examples, %d faults of %d lines", len(x), len(bad), lines)
			}
		}
	})
}
