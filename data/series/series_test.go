package series

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/internal/numtest"
)

func put(t testing.TB, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

const header = `# A comment
@problemName Made up
@timeStamps false
@missing false
@univariate false
@dimensions 2
@equalLength false
@classLabel true up down
@data
`

// TestTS reads two channels of two lengths.
func TestTS(t *testing.T) {
	path := put(t, t.TempDir(), "a.ts", header+"1,2,3:10,20,30:up\n\n 4 , -5e-1:40,50: down \r\n")
	f, err := Read(path, Default())
	if err != nil {
		t.Fatal(err)
	}
	if f.Channels != 2 || !slices.Equal(f.Classes, []string{"up", "down"}) || len(f.Series) != 2 || f.Series[1].Class != "down" || f.Series[1].Line != 12 {
		t.Errorf("%+v", f)
	}
	numtest.BitEqual(t, "first", f.Series[0].Values, []float32{1, 10, 2, 20, 3, 30})
	numtest.BitEqual(t, "second", f.Series[1].Values, []float32{4, 40, -0.5, 50})
	s, err := Default().Label(f, []string{"down", "up"}, nil)
	if err != nil || s.Len() != 2 || s.Rows(0) != 3 || s.Rows(1) != 2 || s.Label(0) != 1 || s.Label(1) != 0 || s.Name(1) != path+":12" {
		t.Errorf("%+v, %v", s, err)
	}
	x := make([]float32, 4)
	if err := s.Read(x, 1); err != nil || x[2] != -0.5 {
		t.Errorf("%v, %v", x, err)
	}
	o := Default()
	if _, err := o.Label(f, []string{"left", "down"}, nil); err == nil || !strings.Contains(err.Error(), `a.ts: training has no class "up"; it has ["left" "down"]: add series of it to the training file, or leave out these 1 of 2 by bad-files=skip`) {
		t.Errorf("%v", err)
	}
	o.BadFiles = "skip"
	if _, err := o.Label(f, []string{"left"}, nil); err == nil || !strings.Contains(err.Error(), `no class "down", "up"; it has ["left"]: no series is left`) {
		t.Errorf("%v", err)
	}
	note := ""
	s, err = o.Label(f, []string{"left", "down"}, func(text string) { note = text })
	if err != nil || s.Len() != 1 || s.Label(0) != 1 || s.Name(0) != path+":12" || s.Rows(0) != 2 || !strings.Contains(note, `a.ts: training has no class "up"; it has ["left" "down"]: 1 of 2 series are left out`) {
		t.Errorf("%+v, %v, %q", s, err, note)
	}
}

func TestCSV(t *testing.T) {
	path := put(t, t.TempDir(), "a.csv", "\uFEFFlabel,x,id,y\nb,1,s1,2\nb,3,s1,4\na,5,s2,6\n")
	f, err := Read(path, Default())
	if err != nil {
		t.Fatal(err)
	}
	if f.Channels != 2 || !slices.Equal(f.Classes, []string{"a", "b"}) || len(f.Series) != 2 || f.Series[1].Line != 4 {
		t.Errorf("%+v", f)
	}
	numtest.BitEqual(t, "first", f.Series[0].Values, []float32{1, 2, 3, 4})
	numtest.BitEqual(t, "second", f.Series[1].Values, []float32{5, 6})
}

// TestMissing: each way to fill in what is missing.
func TestMissing(t *testing.T) {
	dir := t.TempDir()
	ts := put(t, dir, "a.ts", header+"?,1,?,4:5,?,?,9:up\n")
	csv := put(t, dir, "a.csv", "id,label,x,y\n1,up,,5\n1,up,1,\n1,up,?,NaN\n1,up,4,9\n")
	for how, want := range map[string][]float32{
		"zero":     {0, 5, 1, 0, 0, 0, 4, 9},
		"previous": {1, 5, 1, 5, 1, 5, 4, 9},
		"mean":     {2.5, 5, 1, 7, 2.5, 7, 4, 9},
	} {
		for _, path := range []string{ts, csv} {
			f, err := Read(path, Options{Missing: how, BadFiles: "stop"})
			if err != nil {
				t.Fatal(err)
			}
			numtest.BitEqual(t, path+", "+how, f.Series[0].Values, want)
		}
	}
	for path, want := range map[string]string{
		ts:  "a.ts:10: row 1, channel 1: a value is missing; missing=zero, previous or mean fills it in",
		csv: "a.csv:2: row 1, channel 1: a value is missing",
	} {
		if _, err := Read(path, Default()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v", err)
		}
	}
	nothing := put(t, dir, "b.ts", header+"1,2:?,?:up\n")
	if _, err := Read(nothing, Options{Missing: "mean", BadFiles: "stop"}); err == nil || !strings.Contains(err.Error(), "b.ts:10: row 1, channel 2: the channel has no value at all") {
		t.Errorf("%v", err)
	}
	if f, err := Read(nothing, Options{Missing: "zero", BadFiles: "stop"}); err != nil || f.Series[0].Values[1] != 0 {
		t.Errorf("%v", err)
	}
}

// TestRefuses: errors name the file and the line.
func TestRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ name, text, want string }{
		{"a.ts", "", "a.ts: no line @data"},
		{"a.ts", "1,2:up\n", `a.ts:1: "1,2:up" before the line @data`},
		{"a.ts", "@data\n1:a\n", "a.ts:1: no line @classLabel true"},
		{"a.ts", header, "a.ts: holds no series"},
		{"a.ts", header + "1,2:up\n", "a.ts:10: 1 channels, want 2"},
		{"a.ts", header + "1,2:3:up\n", "a.ts:10: channel 2 has 1 values, the first 2"},
		{"a.ts", header + "1,2:3,4:left\n", `a.ts:10: the class "left" is not among those of the header`},
		{"a.ts", header + "1,2:3,4:\n", "a.ts:10: no class behind the last colon"},
		{"a.ts", header + "1 2 3\n", "a.ts:10: no colon"},
		{"a.ts", header + "1,x:3,4:up\n", `a.ts:10: channel 1, value 2: "x" is not a finite number`},
		{"a.ts", header + "1,1e99:3,4:up\n", `a.ts:10: channel 1, value 2: "1e99" is not a finite number`},
		{"a.ts", "@timeStamps true\n", "a.ts:1: values with time stamps"},
		{"a.ts", "@targetLabel true\n", "a.ts:1: @targetLabel true"},
		{"a.ts", "@dimensions zero\n", "a.ts:1: @dimensions zero: want a whole number"},
		{"a.ts", "@univariate true\n@equalLength true\n@seriesLength 3\n@classLabel true 0 1\n@data\n1,2:0\n", "a.ts:6: 2 values where the header says @seriesLength 3"},
		{"a.csv", "", "a.csv: is empty"},
		{"a.csv", "id,x\n", `a.csv:1: the columns are ["id" "x"]: want id, label`},
		{"a.csv", "id,label\n", "a.csv:1: no column beside id and label"},
		{"a.csv", "id,label,x,x\n1,a,5,6\n", `a.csv:1: two columns are named "x"`},
		{"a.csv", "\nid,label,x,id\n1,a,5,6\n", `a.csv:2: two columns are named "id"`},
		{"a.csv", ",id,label,x\n0,1,a,5\n", "a.csv:1: column 1 of 4 has no name"},
		{"a.csv", "id,label,x\n", "a.csv: holds no series"},
		{"a.csv", "id,label,x\n1,a,5\n1,b,6\n", `a.csv:3: the label "b", where id "1" began with "a" on line 2`},
		{"a.csv", "id,label,x\n1,a,5\n2,b,6\n1,a,7\n", `a.csv:4: id "1" again, which began on line 2`},
		{"a.csv", "id,label,x\n1,,5\n", "a.csv:2: the label is empty"},
		{"a.csv", "id,label,x\n1,a,five\n", `a.csv:2: column x: "five" is not a finite number`},
		{"a.csv", "id,label,x\n1,a\n", "a.csv:2: 2 fields, want 3: one for each column of line 1, empty where a value is missing"},
		{"a.csv", "\nid,label,x\n1,a,5\n1,a,5,6\n", "a.csv:4: 4 fields, want 3: one for each column of line 2"},
		{"a.txt", "", "a.txt: want a file that ends in .ts or .csv"},
	} {
		_, err := Read(put(t, dir, c.name, c.text), Default())
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
	if _, err := Read(filepath.Join(dir, "none.ts"), Default()); err == nil {
		t.Error("no file was read")
	}
	if _, err := Read(filepath.Join(dir, "a.ts"), Options{Missing: "guess", BadFiles: "stop"}); err == nil {
		t.Error("a mistyped option was accepted")
	}
}

func TestFind(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a[b]")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Find(dir, ""); err == nil || !strings.Contains(err.Error(), "want NAME_TRAIN.ts and NAME_TEST.ts") {
		t.Errorf("%v", err)
	}
	train, test := put(t, dir, "X_TRAIN.ts", ""), put(t, dir, "X_TEST.ts", "")
	other := put(t, dir, "other.csv", "")
	for _, c := range []struct{ data, eval, train, test string }{
		{dir, "", train, test},
		{train, "", train, test},
		{train, other, train, other},
		{dir, other, train, other},
		{other, "", other, ""},
		{other, dir, other, test},
		{train, dir, train, test},
		{dir, dir, train, test},
		{other, "gone", other, "gone"},
	} {
		a, b, err := Find(c.data, c.eval)
		if err != nil || a != c.train || b != c.test {
			t.Errorf("%+v: %s, %s, %v", c, a, b, err)
		}
	}
	if _, _, err := Find(train, filepath.Dir(dir)); err == nil || !strings.Contains(err.Error(), "want NAME_TEST.ts (or .csv) here") {
		t.Errorf("%v", err)
	}
	put(t, dir, "Y_TRAIN.ts", "")
	if _, _, err := Find(dir, ""); err == nil || !strings.Contains(err.Error(), "several data sets") {
		t.Errorf("%v", err)
	}
}

func fuzz(f *testing.F, name string, seeds ...string) {
	for _, s := range seeds {
		f.Add(s, "error")
		f.Add(s, "previous")
	}
	f.Fuzz(func(t *testing.T, text, missing string) {
		file, err := ReadFrom(name, strings.NewReader(text), Options{Missing: missing, BadFiles: "stop"})
		if err != nil {
			return
		}
		if file.Channels < 1 || len(file.Series) < 1 {
			t.Fatalf("%+v", file)
		}
		for _, s := range file.Series {
			if len(s.Values) == 0 || len(s.Values)%file.Channels != 0 || !slices.Contains(file.Classes, s.Class) {
				t.Errorf("%+v", s)
			}
			for _, v := range s.Values {
				if v != v {
					t.Errorf("a value is missing in %v", s.Values)
				}
			}
		}
	})
}

func FuzzTS(f *testing.F) { fuzz(f, "a.ts", header+"1,2,3:10,?,30:up\n4:5:down\n") }

func FuzzCSV(f *testing.F) { fuzz(f, "a.csv", "id,label,x,y\n1,a,2,3\n1,a,,4\n2,\"b\",5,6\n") }

// TestArrange: channels go by their names, not by their places.
func TestArrange(t *testing.T) {
	dir := t.TempDir()
	read := func(name, text string) *File {
		t.Helper()
		f, err := Read(put(t, dir, name, text), Default())
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	f := read("a.csv", "id,label,y, x ,z\n1,a,2,1,3\n1,a,5,4,6\n2,b,8,7,9\n")
	if err := f.Arrange([]string{"x", "y", "z"}); err != nil || !slices.Equal(f.Names, []string{"x", "y", "z"}) {
		t.Errorf("%v, %q", err, f.Names)
	}
	numtest.BitEqual(t, "first", f.Series[0].Values, []float32{1, 2, 3, 4, 5, 6})
	numtest.BitEqual(t, "second", f.Series[1].Values, []float32{7, 8, 9})
	for _, names := range [][]string{{"x", "y"}, {"x", "y", "u"}, {"x", "y", "z", "u"}} {
		if err := f.Arrange(names); err == nil || !strings.Contains(err.Error(), `a.csv:1: the columns of channels are ["x" "y" "z"], those of the training `) {
			t.Errorf("%q: %v", names, err)
		}
	}
	if f := read("a.ts", header+"1:2:up\n"); f.Arrange([]string{"x", "y"}) != nil || f.Names != nil {
		t.Errorf("a form without names: %+v", f)
	}
}

// TestTabs: what stands between the words of a header does not matter.
func TestTabs(t *testing.T) {
	f, err := Read(put(t, t.TempDir(), "a.ts", strings.ReplaceAll(header, " ", "\t")+"1:2:up\n"), Default())
	if err != nil || f.Channels != 2 || !slices.Equal(f.Classes, []string{"up", "down"}) {
		t.Errorf("%+v, %v", f, err)
	}
}
