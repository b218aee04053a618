package report

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/numeral"
)

var update = flag.Bool("update", false, "write the golden files")

// evil is a name that a page must not take for markup.
const evil = `<script>alert(1)</script> | "a" & 'b'`

// tiny are settings of a model that is made in a moment. No mixer of it is the
// Orchid operator, whose kernels would put the CPU's roundings into golden files.
var tiny = []string{"vocabulary=8", "length=12", "width=16", "depth=1", "filter-width=8", "batch=4", "tests=20", "steps=400", "mixer=attention"}

// write writes a file below a folder.
func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// folder makes the folder of a run that reached a step, finished or not.
func folder(t *testing.T, dir string, finished bool, step int, accuracy float64, settings ...string) {
	t.Helper()
	e, err := experiment.New("recall")
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Override(slices.Concat(tiny, settings)); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := e.WriteConfig(dir); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for s := 50; s <= step; s += 50 {
		fmt.Fprintf(&b, `{"step":%d,"loss":%g,"lr":0.001,"grad_norm":1,"seconds":%g}`+"\n", s, 2-accuracy*float64(s)/400, 0.5*float64(s))
		if s%100 == 0 {
			fmt.Fprintf(&b, `{"step":%d,"split":"test","metrics":{"accuracy":%g,"loss":0.5},"seconds":%g}`+"\n", s, accuracy*float64(s)/400, 0.5*float64(s))
		}
	}
	write(t, filepath.Join(dir, experiment.HistoryFile), b.String())
	if !finished {
		return
	}
	k, err := e.Build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	card := "# A model\n\n- parameters: " + numeral.Thousands(autograd.Count(k.Params())) + "\n- made by: orchid devel, go1.26, avx2 kernels\n"
	if err := e.WriteModel(dir, k, []byte(card)); err != nil {
		t.Fatal(err)
	}
}

// recipe puts one beside a run: the tiny settings, and lines that may replace them.
func recipe(t *testing.T, dir, row string, more ...string) {
	t.Helper()
	text := "task: recall\ntable: recall | length\nrow: '" + strings.ReplaceAll(row, "'", "''") + "'\nmetric: accuracy\n" + strings.Join(more, "\n") + "\n"
	for _, s := range tiny {
		key, value, _ := strings.Cut(s, "=")
		if !strings.Contains(text, "\n"+key+": ") {
			text += key + ": " + value + "\n"
		}
	}
	write(t, filepath.Join(dir, experiment.RecipeFile), text)
}

// runs makes runs of all kinds in the working directory.
func runs(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	for seed, accuracy := range []float64{0.99, 0.97, 0.98} {
		dir := fmt.Sprintf("runs/a/seed-%d", seed+1)
		folder(t, dir, true, 400, accuracy, fmt.Sprintf("seed=%d", seed+1))
		recipe(t, dir, evil, "paper: 0.992", "source: table 1", "expect: 0.98", "tolerance: 0.005", "seeds: 3")
		write(t, filepath.Join(dir, EvaluationsFile), fmt.Sprintf(`{"split":"test","settings":{"length":"64","tests":"200"},"metrics":{"accuracy":0.5},"seconds":1}
{"split":"test","settings":{"length":"64","tests":"200"},"metrics":{"accuracy":%g},"seconds":1}
{"split":"test","settings":{"length":"1024","tests":"100"},"metrics":{"accuracy":0.25},"seconds":1}
{"split":"test","settings":{"eval-limit":"5"},"metrics":{"accuracy":0.25},"seconds":1}
`, accuracy))
		write(t, filepath.Join(dir, ConfusionFile), `{"classes":["cat","<b>dog"],"split":"test","counts":[[1200,3],[0,0]]}`)
	}
	folder(t, "runs/b", true, 400, 0.5, "mixer=hyena")
	recipe(t, "runs/b", "Hyena", "expect: 0.93", "tolerance: 0.01", "seeds: 2", "mixer: hyena")
	folder(t, "runs/c", false, 150, 0.5, "lr=0.5")
	recipe(t, "runs/c", "attention", "lr: 0.5")
	folder(t, "runs/d", true, 400, 0.5, "lr=0.5")
	folder(t, "runs/e", true, 400, 0.25, "lr=0.25")
	write(t, "lengths.jsonl", `{"shape":[4,128,256],"threads":2,"orchid":{"forward_ms":4,"forward_backward_ms":12},"attention":{"forward_ms":3,"forward_backward_ms":10}}
{"shape":[1,512,256],"threads":2,"orchid":{"forward_ms":5,"forward_backward_ms":14},"attention":{"forward_ms":20,"forward_backward_ms":70}}
{"width":256,"pass":"forward","crossing":140,"orchid_exponent":1.1}
`)
}

func made(t *testing.T, o Options) *Report {
	t.Helper()
	r, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// golden compares a text with a file of testdata, from which the test has gone
// away.
func golden(t *testing.T, home, name string, got []byte) {
	t.Helper()
	path := filepath.Join(home, "testdata", name)
	if *update {
		write(t, path, string(got))
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); d != "" {
		t.Errorf("%s differs; if it should, go test ./report -update:\n%s", name, d)
	}
}

func TestGolden(t *testing.T) {
	home, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	runs(t)
	r := made(t, Options{Dirs: []string{"runs"}, Lengths: []string{"lengths.jsonl"}})
	if len(r.Notes) > 0 {
		t.Errorf("notes: %q", r.Notes)
	}
	text, notes, err := r.Markdown(nil)
	if err != nil || notes != nil {
		t.Errorf("notes %q, error %v", notes, err)
	}
	golden(t, home, "results.md", text)
	page, err := r.HTML()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, home, "page.html", page)
	checkPage(t, page)
	for _, f := range r.SVGs() {
		if err := parse(f.Data); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	if again, _, err := r.Markdown(text); err != nil || !bytes.Equal(again, text) {
		t.Errorf("a second report of the same runs changes the text (%v)", err)
	}
}

// TestSummaries wants the numbers of the files, and no others.
func TestSummaries(t *testing.T) {
	runs(t)
	got := map[string]string{}
	for _, s := range made(t, Options{Dirs: []string{"runs"}}).Summaries() {
		text := fmt.Sprintf("%d of %d", s.Seeds, s.Seeds+s.Unfinished)
		for name, v := range map[string]*float64{"mean": s.Mean, "deviation": s.Deviation, "paper": s.Paper, "expect": s.Expect} {
			if v != nil {
				got[s.Row+" "+name] = fmt.Sprintf("%.4g", *v)
			}
		}
		if s.Within != nil {
			text += fmt.Sprintf(", within %v", *s.Within)
		}
		got[s.Row] = text
	}
	want := map[string]string{
		evil: "3 of 3, within true", evil + " mean": "0.98", evil + " deviation": "0.01", evil + " paper": "0.992", evil + " expect": "0.98",
		"Hyena": "1 of 1, within false", "Hyena mean": "0.5", "Hyena expect": "0.93",
		"attention": "0 of 1",
	}
	attention := "attention (1 head), 1 layer, width 16"
	for _, k := range slices.Sorted(maps.Keys(got)) {
		if i := strings.Index(k, ", lr="); i > 0 {
			attention = k[:i]
		}
	}
	want[attention+", lr=0.5"], want[attention+", lr=0.5 mean"] = "1 of 1", "0.5"
	want[attention+", lr=0.25"], want[attention+", lr=0.25 mean"] = "1 of 1", "0.25"
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
