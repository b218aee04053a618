package text

import (
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// letters reads as so many letters A.
func letters(n int64) io.Reader { return io.LimitReader(endless{}, n) }

type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'A'
	}
	return len(b), nil
}

// TestLongLine meets a line of 200 MB, which must be refused without being
// held, in every form, and reads on behind it.
func TestLongLine(t *testing.T) {
	if testing.Short() {
		t.Skip("under the race detector, which CI runs with -short, more is allocated")
	}
	for _, c := range []struct{ format, before, begin, end, after string }{
		{"text", "before", "", "", "after"},
		{"csv", "text\nbefore", "", "", "after"},
		{"tsv", "text\nbefore", `"`, `"`, "after"},
		{"jsonl", `{"text":"before"}`, `{"text":"`, `"}`, `{"text":"after"}`},
		{"fasta", ">1\nA", ">2\n", "", ">3\nC"},
	} {
		in := io.MultiReader(strings.NewReader(c.before+"\n"+c.begin), letters(200e6), strings.NewReader(c.end+"\n"+c.after+"\n"))
		var rows []Row
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r, err := ReadFrom(t.Context(), "f", in, Options{Format: c.format, Document: "line", BadLines: "skip"}, func(r Row) error {
			rows = append(rows, r)
			return nil
		})
		runtime.ReadMemStats(&after)
		if err != nil || r.Skipped != 1 || len(rows) != 2 || !strings.Contains(r.Faults[0].Error(), "a line of more than 64 MiB: break it into shorter ones") {
			t.Errorf("%s: %d rows, %+v, %v", c.format, len(rows), r, err)
		}
		if got := after.TotalAlloc - before.TotalAlloc; got > 2*longest+8<<20 {
			t.Errorf("%s: %d MiB allocated in all", c.format, got>>20)
		}
	}
}

// TestLongQuote meets a quote that is never closed, in a file that is longer
// than a record may be: each of the lines behind it is a row.
func TestLongQuote(t *testing.T) {
	const lines = 70
	content := "text\n\"open\n" + strings.Repeat(strings.Repeat("x", 1<<20)+"\n", lines)
	rows := 0
	r, err := ReadFrom(t.Context(), "f", strings.NewReader(content), Options{Format: "csv", BadLines: "skip"}, func(Row) error {
		rows++
		return nil
	})
	if err != nil || rows != lines || r.Skipped != 1 || !strings.Contains(r.Faults[0].Error(), ":2: a quote is opened here and not closed") {
		t.Errorf("%d rows, %+v, %v", rows, r, err)
	}
}

// TestManyQuotes takes long if lines are read more than twice.
func TestManyQuotes(t *testing.T) {
	const lines = 300_000
	for _, line := range []string{`""x`, `x""`, `"",""y`} {
		content := "text\n\"open\n" + strings.Repeat(line+"\n", lines)
		r, err := ReadFrom(t.Context(), "f", strings.NewReader(content), Options{Format: "csv", BadLines: "skip"}, func(Row) error { return nil })
		if err != nil || r.Rows+r.Skipped != lines+1 {
			t.Errorf("%q: %+v, %v", line, r, err)
		}
	}
	content := "text\n\"" + strings.Repeat("x\n", 1<<20) + strings.Repeat(`","`, 1<<20) + "\"\n"
	r, err := ReadFrom(t.Context(), "f", strings.NewReader(content), Options{Format: "csv", BadLines: "skip"}, func(Row) error { return nil })
	if err != nil || r.Rows != 0 || r.Skipped != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestLongDocument holds that a document may be longer than a line may.
func TestLongDocument(t *testing.T) {
	content := strings.Repeat(strings.Repeat("x", 1<<20)+"\n", 70)
	r, err := ReadFrom(t.Context(), "f", strings.NewReader(content), Options{Format: "text"}, func(r Row) error {
		if r.Fields[0] != content[:len(content)-1] {
			t.Error("the document has changed")
		}
		return nil
	})
	if err != nil || r.Rows != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

// fuzz reads content in every way and holds what must always be true.
func fuzz(t *testing.T, content string, o Options) {
	var rows []Row
	o.BadLines = "skip"
	keep := func(r Row) error {
		rows = append(rows, r)
		return nil
	}
	skipping, err := ReadFrom(t.Context(), "f", strings.NewReader(content), o, keep)
	if err != nil {
		return // a column is missing
	}
	lines := 1 + strings.Count(content, "\n")
	for i, r := range rows {
		if i > 0 && r.Line <= rows[i-1].Line || r.Line < 1 || r.Line > lines || len(r.Fields) != len(o.Columns) {
			t.Fatalf("row %d of %+v", i, rows)
		}
		for _, f := range r.Fields {
			if len(f) > 2*len(content)+9 || strings.Contains(f, "\x00") || strings.ToValidUTF8(f, "") != f {
				t.Fatalf("field %q", f)
			}
		}
	}
	all := rows
	rows = nil
	o.BadLines = "stop"
	stopping, err := ReadFrom(t.Context(), "f", strings.NewReader(content), o, keep)
	if (err == nil) != (skipping.Skipped == 0) || stopping.Rows > skipping.Rows || !slices.EqualFunc(rows, all[:len(rows)], func(a, b Row) bool { return slices.Equal(a.Fields, b.Fields) && a.Line == b.Line }) {
		t.Fatalf("stopping gives %+v, %v, skipping %+v", stopping, err, skipping)
	}
	if err != nil && err.Error() != skipping.Faults[0].Error() {
		t.Fatalf("stops with %v, skips %v", err, skipping.Faults)
	}
}

func FuzzTable(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "a,b\n\"1\n\"\"x\",2\n3,\"4\n5,6", "\xEF\xBB\xBFa\tb\n\"\t\"x\n", "a,b\r\n,\"\xff\"\n\x00,1\n\n1,2,3"} {
		f.Add(s, true, false)
	}
	f.Fuzz(func(t *testing.T, s string, comma, noQuotes bool) {
		format := "tsv"
		if comma {
			format = "csv"
		}
		fuzz(t, "a"+map[bool]string{true: ",", false: "\t"}[comma]+"b\n"+s, Options{Format: format, Columns: []string{"b", "a"}, NoQuotes: noQuotes})
		fuzz(t, s, Options{Format: format, Columns: []string{"1"}, NoHeader: true, NoQuotes: noQuotes})
	})
}

func FuzzJSONL(f *testing.F) {
	for _, s := range []string{`{"a":1,"b":["x",true]}`, "{\"a\":\"\\u0000\",\"b\":null}\n{}\n[]\nnull", `{"a":"\ud800","b":{"c":1}}`, "{\"a\":1e400,\"b\":-0}\n\n{"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { fuzz(t, s, Options{Format: "jsonl", Columns: []string{"b", "a"}}) })
}

func FuzzFASTA(f *testing.F) {
	for _, s := range []string{">a b\nAC\nGT\n>c\nT", "AC\n>\n>x\n\n\xff\nA\n>y\n \nC", ">\x00\nA\n>z\nT\r\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		fuzz(t, s, Options{Format: "fasta", Columns: []string{"name", "text"}})
		fuzz(t, s, Options{Format: "text", Columns: []string{"text", "folder"}, Document: "paragraph"})
		fuzz(t, s, Options{Format: "text", Columns: []string{"text"}, Document: "line"})
		fuzz(t, s, Options{Format: "text", Columns: []string{"text"}})
	})
}
