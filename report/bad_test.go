package report

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/experiment"
)

// TestNoRuns wants one clear line.
func TestNoRuns(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "runs/README.md", "nothing")
	write(t, "half/config.json", `{"format": 1`)
	write(t, "half/history.jsonl", "")
	write(t, "empty.jsonl", "\n")
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{Dirs: []string{"runs"}}, "no run below runs: a run is a folder"},
		{Options{Dirs: []string{"none"}}, "none"},
		{Options{Dirs: []string{"half"}}, filepath.Join("half", "config.json")},
		{Options{Dirs: []string{"runs"}, Lengths: []string{"none.jsonl"}}, "none.jsonl"},
		{Options{Dirs: []string{"runs"}, Lengths: []string{"half/config.json"}}, "half/config.json: no line of it is of orchid bench lengths --json"},
		{Options{Dirs: []string{"runs"}, Lengths: []string{"empty.jsonl"}}, "empty.jsonl: no line of it is of orchid bench lengths --json"},
	} {
		_, err := New(t.Context(), c.o)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v: got %v, want a line with %q", c.o, err, c.want)
		}
	}
}

// TestBadFiles wants each bad file named, and the good runs shown.
func TestBadFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	folder(t, "runs/good", true, 400, 0.5)
	for _, c := range []struct {
		file, text string
		want       string // in a note; "" for none
	}{
		{experiment.ConfigFile, "{", "config.json"},
		{experiment.ConfigFile, "", "config.json"},
		{experiment.HistoryFile, `{"step":50,"loss":1}` + "\n{\n[]\n" + `{"step":60,"loss":1}`, "line 2 is no line of a history (2 such in all)"},
		{experiment.HistoryFile, `{"step":50,"loss":1}` + "\n" + `{"step":60,"lo`, ""},
		{experiment.HistoryFile, "", ""},
		{EvaluationsFile, "{}\n", "line 1 is no evaluation"},
		{EvaluationsFile, `{"split":"test","settings":{},"metrics":{},"seconds":1}`, "line 1 is no evaluation"},
		{EvaluationsFile, `{"split":"test","settings":{"length":9},"metrics":{"accuracy":"x"}}`, "line 1 is no evaluation"},
		{ConfusionFile, `{"classes":["a","b"],"counts":[[1,2]]}`, "1 rows of counts for 2 classes"},
		{ConfusionFile, `{"classes":["a"],"counts":[[-1]]}`, "below 0"},
		{ConfusionFile, `[`, ConfusionFile},
		{experiment.RecipeFile, "table: x", experiment.RecipeFile},
		{experiment.ModelFile, "short", experiment.ModelFile},
		{experiment.CardFile, "", ""},
	} {
		folder(t, "runs/bad", true, 400, 0.5, "lr=0.5")
		write(t, filepath.Join("runs/bad", c.file), c.text)
		r := made(t, Options{Dirs: []string{"runs"}})
		notes := strings.Join(r.Notes, "\n")
		if !strings.Contains(notes, c.want) || c.want == "" && notes != "" || len(r.Notes) > 1 {
			t.Errorf("%s holding %q: notes %q, want one with %q", c.file, c.text, r.Notes, c.want)
		}
		if _, err := r.HTML(); err != nil {
			t.Error(err)
		}
		os.RemoveAll("runs/bad")
	}
}

// TestNaN shows what diverged, as other programs may have written it.
func TestNaN(t *testing.T) {
	t.Chdir(t.TempDir())
	folder(t, "runs/a", true, 400, 0.5)
	write(t, "runs/a/history.jsonl", `{"step":50,"loss":1.5,"seconds":1}
{"step":100,"loss":NaN,"seconds":2}
{"step":150,"loss":-Infinity,"seconds":2}
{"step":200,"loss":2.5,"seconds":3}
{"step":200,"split":"test","metrics":{"accuracy":NaN,"loss":null},"seconds":3}
`)
	r := made(t, Options{Dirs: []string{"runs"}})
	if len(r.Notes) > 0 {
		t.Errorf("notes %q", r.Notes)
	}
	row := r.Tables[0].Rows[0]
	if v := row.values(); len(v) != 1 || !math.IsNaN(v[0]) {
		t.Errorf("values %v, want NaN", v)
	}
	page, err := r.HTML()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "<td>accuracy NaN</td>") {
		t.Error("the page does not say that the accuracy is NaN")
	}
	for _, part := range strings.Split(string(page), `points="`)[1:] {
		if points, _, _ := strings.Cut(part, `"`); strings.ContainsAny(points, "NI") {
			t.Errorf("points %s", points)
		}
	}
	if s := r.Summaries(); s[0].Mean != nil {
		t.Errorf("a mean of %v", *s[0].Mean)
	}
}

// TestLostRows: no row of a written table goes unsaid, however the table is spaced and
// whatever has been added to the names since.
func TestLostRows(t *testing.T) {
	g := Grid{Head: []string{"", "accuracy"}, Rows: [][]string{{"own, lr=1", "9 %"}, {"own, lr=2", "8 %"}, {"a|b", "7 %"}}}
	times := Grid{Keys: 2, Head: []string{"D", "L", "ms"}, Rows: [][]string{{"256", "128", "1"}}}
	for _, c := range []struct {
		grid    Grid
		written string
		want    []string
	}{
		{g, g.markdown(), nil},
		{g, "|  | accuracy |\n|---|---|\n| own | 9 % |\n", nil},
		{g, "|            | accuracy |\n| ---------- | --------:|\n| own, lr=1  | 9 %      |\n| a\\|b       | 9 %      |\n", nil},
		{g, "||accuracy|\n|-|-|\n|my own run|99 %|\n", []string{"my own run"}},
		{g, "||x|\n|-|-|\n|own|1|\n|own, lr=1|1|\n|own, lr=2|1|\n", []string{"own"}}, // one row does not stand for two
		{Grid{Rows: [][]string{{"own"}}}, "||x|\n|-|-|\n|own, lr=1|1|\n|own, lr=2|1|\n", []string{"own, lr=2"}},
		{Grid{Rows: [][]string{{"owner"}}}, "||x|\n|-|-|\n|own|1|\n", []string{"own"}},
		{times, times.markdown(), nil},
		{times, "| D | L | ms |\n|---|---|---|\n| 256 | 128 | 2 |\n| 256 | 4,096 | 2 |\n", []string{"256, 4,096"}},
	} {
		if got := c.grid.lacks([]byte(c.written)); !slices.Equal(got, c.want) {
			t.Errorf("%q: lost %q, want %q", c.written, got, c.want)
		}
	}
}

func TestMarkers(t *testing.T) {
	t.Chdir(t.TempDir())
	folder(t, "runs/a", true, 400, 0.5)
	r := made(t, Options{Dirs: []string{"runs"}})
	const around = "# Mine\n\ntext\n<!-- report:begin recall -->\nold\n<!-- report:end recall -->\nmore\n\n<!-- report:begin gone -->\nkept\n<!-- report:end gone -->\nend"
	text, notes, err := r.Markdown([]byte(around))
	if err != nil {
		t.Fatal(err)
	}
	s := string(text)
	if len(notes) != 1 || !strings.Contains(notes[0], `"gone"`) {
		t.Errorf("notes %q, want one about the table gone", notes)
	}
	if strings.Contains(s, "old") || !strings.Contains(s, "kept") || !strings.HasPrefix(s, "# Mine\n\ntext\n<!-- report:begin recall -->\n| ") || !strings.HasSuffix(s, "<!-- report:end gone -->\nend") {
		t.Errorf("got:\n%s", s)
	}
	for _, bad := range []string{
		"<!-- report:begin recall -->\n|  | accuracy |\n|---|---|\n| a run of another machine | 99 % |\n<!-- report:end recall -->\n",
		"my own text\n",
		"<!-- report:begin recall -->\n",
		"<!-- report:end recall -->\n",
		"<!-- report:begin recall -->\n<!-- report:begin gone -->\n<!-- report:end recall -->\n<!-- report:end gone -->\n",
	} {
		if _, _, err := r.Markdown([]byte(bad)); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: got %v, want an error of one line", bad, err)
		}
	}
	if _, notes, err := r.Markdown([]byte("<!-- report:begin gone -->\r\nx\r\n<!-- report:end gone -->\r\n")); err != nil || len(notes) != 2 {
		t.Errorf("lines of Windows: notes %q, error %v", notes, err)
	}
}
