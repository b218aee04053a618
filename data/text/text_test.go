package text

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/internal/numtest"
)

// write writes a file of the test and returns its path.
func write(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// zip compresses a text.
func zip(t testing.TB, s string) string {
	t.Helper()
	var b strings.Builder
	z := gzip.NewWriter(&b)
	z.Write([]byte(s))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// read returns the rows as "line|field|field".
func read(t testing.TB, o Options, files ...string) (rows []string, r Report, err error) {
	t.Helper()
	r, err = Read(context.Background(), files, o, nil, func(row Row) error {
		rows = append(rows, fmt.Sprint(row.Line)+"|"+strings.Join(row.Fields, "|"))
		return nil
	})
	if r.Rows != len(rows) {
		t.Errorf("report says %d rows, %d came", r.Rows, len(rows))
	}
	return rows, r, err
}

func TestForms(t *testing.T) {
	quoteless := Options{Columns: []string{"b", "a"}, NoQuotes: true}
	ab := Options{Columns: []string{"b", "a"}}
	for _, c := range []struct {
		name, content string
		o             Options
		want          []string
	}{
		{"a.txt", "one\n\n two\r\nthree\n", Options{}, []string{"1|one\n\n two\nthree"}},
		{"a.txt", "\xEF\xBB\xBFone", Options{Columns: []string{"text", "text"}}, []string{"1|one|one"}},
		{"a.TXT", "\n  \none\ntwo\n\t\n\nthree", Options{Document: "paragraph"}, []string{"3|one\ntwo", "7|three"}},
		{"a.txt", "\none\r\n \r\n two \n", Options{Document: "line"}, []string{"2|one", "4| two "}},
		{"a.txt.gz", zip(t, "one\ntwo"), Options{Document: "line"}, []string{"1|one", "2|two"}},
		{"a.jsonl", `{"a":"x\ny","b":[1,"z",true],"c":{}}` + "\n \n" + `{"b":-1.5e3,"a":false}`, ab, []string{"1|1,z,true|x\ny", "3|-1.5e3|false"}},
		{"a.ndjson", `{"a":["x,y","z"],"b":[]}`, Options{Columns: []string{"b", "a"}, Separator: ";"}, []string{"1||x,y;z"}},
		{"a.csv", "a,b\n1,2\r\n\n\"x \"\"y\"\"\",\"p,\r\nq\n\"\n,\n5\" disk,é\n", ab, []string{"2|2|1", "4|p,\nq\n|x \"y\"", "7||", "8|é|5\" disk"}},
		{"a.tsv", "a\tb\n\"x\t\"y\" z\n", quoteless, []string{"2|\"y\" z|\"x"}},
		{"a.tsv", "x\ty\nz\t\n", Options{Columns: []string{"2", "1"}, NoHeader: true}, []string{"1|y|x", "2||z"}},
		{"a.fa", ">n1 the first  \nACGT \n\nacgtN\r\n>n2\nT", Options{Columns: []string{"name", "text", "description"}}, []string{"1|n1|ACGTacgtN|the first", "5|n2|T|"}},
		{"data.bin", "a\tb\n1\t2\n", Options{Format: "tsv", Columns: []string{"b"}}, []string{"2|2"}},
	} {
		got, r, err := read(t, c.o, write(t, c.name, c.content))
		if err != nil || !slices.Equal(got, c.want) || r.Skipped != 0 {
			t.Errorf("%s %q: %q, %v, want %q", c.name, c.content, got, err, c.want)
		}
	}
}

func TestFileAndFolder(t *testing.T) {
	dir := t.TempDir()
	for _, f := range []string{"pos/1.txt", "neg/10.txt", "neg/9.txt", "neg/.hidden.txt", "neg/skipped.bin", "rows.csv"} {
		path := filepath.Join(dir, filepath.FromSlash(f))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		content := "text of " + f
		if strings.HasSuffix(f, ".csv") {
			content = "text,folder\nown,mine\n"
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	files, err := Files(filepath.Join(dir, "*", "9.txt"), dir)
	if err != nil {
		t.Fatal(err)
	}
	rows, _, err := read(t, Options{Columns: []string{"text", "folder", "stem"}}, files...)
	want := []string{"1|text of neg/9.txt|neg|9", "1|text of neg/10.txt|neg|10", "1|text of pos/1.txt|pos|1", "2|own|mine|rows"}
	if err != nil || !slices.Equal(rows, want) {
		t.Errorf("%q, %v, want %q", rows, err, want)
	}
	for _, c := range []struct{ pattern, want string }{
		{filepath.Join(dir, "nothing*"), "nothing*: no such file or folder, and no glob that matches any"},
		{filepath.Join(dir, "neg", "skipped.bin", "x"), "not a directory"},
		{t.TempDir(), "no file here or below ends in one of .csv .fa .fasta .fna .jsonl .ndjson .tsv .txt .parquet; name files of other names by a glob"},
	} {
		if _, err := Files(c.pattern); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.pattern, err, c.want)
		}
	}
	if _, err := Files(); err == nil {
		t.Error("no pattern is no error")
	}
}

// TestFaults holds every message, and what is read beside the bad lines.
func TestFaults(t *testing.T) {
	ab := Options{Columns: []string{"a", "b"}}
	lines := Options{Document: "line"}
	const skip = "; bad-lines=skip leaves it out"
	const quote = "; a quote inside a quoted field is doubled, quotes=false reads all as characters" + skip
	zipped := zip(t, strings.Repeat("x", 100)+"\n"+strings.Repeat("abcdefgh", 10))
	for _, c := range []struct {
		name, content string
		o             Options
		fault         string
		rest          []string
	}{
		{"a.txt", "x\ncaf\xE9 y\nz\n", lines, `:2: not UTF-8 (0xE9 at byte 4): convert the file, as by iconv -f LATIN1 -t UTF-8` + skip, []string{"1|x", "3|z"}},
		{"a.txt", "x\ny\x00\nz", lines, ":2: a NUL byte at byte 2: this is not a text, or it is damaged" + skip, []string{"1|x", "3|z"}},
		{"a.txt", "x\ny\x00\nz", Options{}, ":2: a NUL byte at byte 2: this is not a text, or it is damaged" + skip, nil},
		{"a.txt", "\x00\nz\n\ny", Options{Document: "paragraph"}, ":1: a NUL byte at byte 1: this is not a text, or it is damaged" + skip, []string{"4|y"}},
		{"a.txt", "\xFF\xFEx\x00", lines, ":1: UTF-16, not UTF-8: convert it by iconv -f UTF-16 -t UTF-8", nil},
		{"a.txt", "", lines, ": holds no text: leave the file out of the data, or fetch it again", nil},
		{"a.txt", " \n\n", Options{}, ": holds no text: leave the file out of the data, or fetch it again", nil},
		{"a.txt.gz", "", lines, ": is empty: fetch or copy the file again", nil},
		{"a.csv", "", ab, ": is empty: leave the file out of the data, or fetch it again", nil},
		{"a.csv", "a,b\n", ab, ": holds no text: leave the file out of the data, or fetch it again", nil},
		{"a.csv", "a,b\n1,2,3\n4,5\n", ab, `:2: 3 fields where the file has 2 columns ("a", "b")` + skip, []string{"3|4|5"}},
		{"a.csv", "a,b\n1,\"2\n3,4\n5,6\n", ab, ":2: a quote is opened here and not closed" + quote, []string{"3|3|4", "4|5|6"}},
		{"a.csv", "a,b\n1,\"2\n3,\"4\"\n5,6\n", ab, ":2: the quote that closes a field on line 3 is followed by \"4\\\"\"" + quote, []string{"3|3|4", "4|5|6"}},
		{"a.csv", "a,b\n1,\"2\n3,4\r\r\n5,6\n", ab, ":2: a quote is opened here and not closed" + quote, []string{"3|3|4\r", "4|5|6"}},
		{"a.csv", "a,b\n1,\"2\" x\n5,6\n", ab, ":2: the quote that closes a field on line 2 is followed by \" x\"" + quote, []string{"3|5|6"}},
		{"a.csv", "a,b\n1,\"2\n\xFF\"\n5,6\n", ab, ":3: not UTF-8 (0xFF at byte 1): convert the file, as by iconv -f LATIN1 -t UTF-8" + skip, []string{"4|5|6"}},
		{"a.csv", "a,b\n\xFF,\"2\nx\"\n5,6\n", ab, ":2: not UTF-8 (0xFF at byte 1): convert the file, as by iconv -f LATIN1 -t UTF-8" + skip, []string{"4|5|6"}},
		{"a.jsonl", "{\"a\":1,\"b\":2}\n{\"a\":1,}\n{\"a\":3,\"b\":4}", ab, ":2: does not parse as a JSON object (byte 8): invalid character '}' looking for beginning of object key string" + skip, []string{"1|1|2", "3|3|4"}},
		{"a.jsonl", "[1]\n{\"a\":3,\"b\":4}", ab, ":1: does not parse as a JSON object: json: cannot unmarshal array into Go value of type map[string]json.RawMessage" + skip, []string{"2|3|4"}},
		{"a.jsonl", "null\n", ab, ":1: null where a JSON object is wanted" + skip, nil},
		{"a.jsonl", "{\"a\":1,\"B\":2}\n{\"a\":3,\"b\":4}", ab, `:1: no column "b", but "B", "a"; did you mean "B"?` + skip, []string{"2|3|4"}},
		{"a.jsonl", "{\"a\":null,\"b\":2}\n", ab, `:1: column "a" is null` + skip, nil},
		{"a.jsonl", "{\"a\":{},\"b\":2}\n", ab, `:1: column "a" is an object or a list, not a text` + skip, nil},
		{"a.jsonl", "{\"a\":[[]],\"b\":2}\n", ab, `:1: column "a" holds a list of which an item is an object or a list, not a text` + skip, nil},
		{"a.jsonl", "{\"a\":[\"x,y\"],\"b\":2}\n", ab, `:1: column "a" holds a list of which the item "x,y" holds the separator ",": choose another by separator=` + skip, nil},
		{"a.jsonl", `{"a":"x\\ud800 \udfff\ud83c\udf3a","b":2}`, ab, `:1: column "a" holds half a character (\ud800 to \udfff without the other half), which is not UTF-8` + skip, nil},
		{"a.jsonl", `{"a":"\ud83c","b":2}`, ab, `:1: column "a" holds half a character (\ud800 to \udfff without the other half), which is not UTF-8` + skip, nil},
		{"a.jsonl", `{"a":"\u0000","b":2}`, ab, `:1: column "a" holds a NUL character (\u0000)` + skip, nil},
		{"a.fasta", "AC\n>n\nG\n>m\n>k\nT\n", Options{}, ":1: a sequence without a name: FASTA begins with a line >name" + skip, []string{"2|G", "5|T"}},
		{"a.fasta", ">m\n>k\nT\n", Options{}, ":1: a name without a sequence" + skip, []string{"2|T"}},
		{"a.fasta", ">a\nA\n>\xFF\nC\n>k\nT\n", Options{}, ":3: not UTF-8 (0xFF at byte 2): convert the file, as by iconv -f LATIN1 -t UTF-8" + skip, []string{"1|A", "5|T"}},
		{"a.txt.gz", zipped[:len(zipped)-9], lines, ":2: the compressed data is cut short or damaged (unexpected EOF): fetch or copy the file again", []string{"1|" + strings.Repeat("x", 100)}},
		{"a.txt.gz", "not gzip data", lines, ":1: the compressed data is cut short or damaged (gzip: invalid header): fetch or copy the file again", nil},
	} {
		path := write(t, c.name, c.content)
		_, _, err := read(t, c.o, path)
		if f := (*Fault)(nil); !errors.As(err, &f) || err.Error() != path+c.fault || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s %q: stops with\n%v, want\n%s", c.name, c.content, err, path+c.fault)
		}
		c.o.BadLines = "skip"
		other := write(t, "next.txt", "next")
		if c.o.Columns != nil {
			other = write(t, "next.csv", "a,b\nnext,\n")
		}
		rows, r, err := read(t, c.o, path, other)
		if err != nil || r.Skipped == 0 || r.Faults[0].Error() != path+c.fault || !slices.Equal(rows[:len(rows)-1], c.rest) || !strings.Contains(rows[len(rows)-1], "|next") {
			t.Errorf("%s %q: skipping gives %q, %+v, %v, want %q", c.name, c.content, rows, r, err, c.rest)
		}
	}
}

// TestRefusals holds what skipping does not help against.
func TestRefusals(t *testing.T) {
	csv := write(t, "a.csv", "id,sentence,label,label\n1,x,y,z\n")
	for _, c := range []struct {
		o    Options
		path string
		want string
	}{
		{Options{Columns: []string{"sentense"}}, csv, csv + `: no column "sentense", but "id", "sentence", "label", "label"; did you mean "sentence"?`},
		{Options{}, csv, csv + `: no column "text", but "id", "sentence", "label", "label"`},
		{Options{Columns: []string{"label"}}, csv, csv + `: two columns are called "label": rename one`},
		{Options{Columns: []string{"label"}}, write(t, "a.txt", "x"), `a.txt: no column "label", but "text"`},
		{Options{Format: "xml"}, csv, "format=xml: want one of csv, fasta, jsonl, text, tsv"},
		{Options{Document: "word", BadLines: "ignore"}, csv, "document=word: want one of file, paragraph, line\nbad-lines=ignore: want one of stop, skip"},
		{Options{}, write(t, "a.pdf", "x"), "a.pdf: the name does not say the form of the file: give format= one of csv, fasta, jsonl, text, tsv"},
		{Options{Format: "csv"}, t.TempDir(), ": a folder where a file is wanted"},
		{Options{}, csv + "x", "no such file"},
	} {
		if c.o.BadLines == "" {
			c.o.BadLines = "skip"
		}
		if _, _, err := read(t, c.o, c.path); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}

// TestProgress also leaves a file out.
func TestProgress(t *testing.T) {
	big := write(t, "a.csv", "text\n"+strings.Repeat("some words\n", 300_000))
	files := []string{big, write(t, "b.txt", ""), write(t, "c.txt.gz", zip(t, "x"))}
	var told []int64
	total := int64(0)
	_, err := Read(t.Context(), files, Options{BadLines: "skip"}, func(done, all int64) { told, total = append(told, done), all }, func(Row) error { return nil })
	if err != nil || len(told) < 4 || len(told) > 6 || !slices.IsSorted(told) || told[len(told)-1] != total {
		t.Errorf("%v of %d, %v", told, total, err)
	}
}

// TestYield holds what errors of the caller do.
func TestYield(t *testing.T) {
	const content = "a\nb\nc\n"
	plain := errors.New("stop")
	for _, c := range []struct {
		bad  error
		skip string
		want Report
		err  bool
	}{
		{&Fault{File: "f", Line: 2, Reason: "bad"}, "skip", Report{Rows: 2, Skipped: 1}, false},
		{&Fault{File: "f", Line: 2, Reason: "bad"}, "stop", Report{Rows: 1}, true},
		{plain, "skip", Report{Rows: 1}, true},
	} {
		r, err := ReadFrom(t.Context(), "f", strings.NewReader(content), Options{Format: "text", Document: "line", BadLines: c.skip}, func(r Row) error {
			if r.Line == 2 {
				return c.bad
			}
			return nil
		})
		if r.Rows != c.want.Rows || r.Skipped != c.want.Skipped || (err != nil) != c.err || c.err && !errors.Is(err, c.bad) {
			t.Errorf("%v, %s: %+v, %v", c.bad, c.skip, r, err)
		}
	}
	for format, want := range map[string]string{"": "f: format=: want one of csv, fasta, jsonl, text, tsv for a stream", "csv": "f: is empty: leave the file out"} {
		if _, err := ReadFrom(t.Context(), "f", strings.NewReader(""), Options{Format: format}, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ReadFrom(ctx, "f", strings.NewReader(content), Options{Format: "text"}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestGLUE reads the files that a naive reader of quotes would spoil.
func TestGLUE(t *testing.T) {
	for _, c := range []struct {
		file    string
		rows    int
		o       Options
		isFirst string
	}{
		{"CoLA/train.tsv", 8551, Options{NoHeader: true, Columns: []string{"4", "2"}}, "1|Our friends won't buy this analysis, let alone the next one we propose.|1"},
		{"SST-2/train.tsv", 67349, Options{Columns: []string{"sentence", "label"}}, "2|hide new secretions from the parental units |0"},
		{"MRPC/train.tsv", 3668, Options{Columns: []string{"Quality"}}, "2|1"},
		{"RTE/train.tsv", 2490, Options{Columns: []string{"label"}}, "2|not_entailment"},
		{"STS-B/train.tsv", 5749, Options{Columns: []string{"score"}}, "2|5.000"},
		{"QNLI/dev.tsv", 5463, Options{Columns: []string{"label"}}, "2|entailment"},
	} {
		c.o.NoQuotes = true
		rows, _, err := read(t, c.o, numtest.Shared(t, "data", "glue", filepath.FromSlash(c.file)))
		if err != nil || len(rows) != c.rows || rows[0] != c.isFirst {
			t.Errorf("%s: %d rows, %v, want %d; the first %q", c.file, len(rows), err, c.rows, rows[:min(1, len(rows))])
		}
	}
}

// TestSurrogates: whole pairs, U+FFFD and escaped backslashes are as good as any.
func TestSurrogates(t *testing.T) {
	for raw, want := range map[string]bool{
		`"\\ud800 \ud83c\udf3a\ufffd"`: false, `"\uD83C\uDF3A\n"`: false, `"x\""`: false,
		`"\ud83c"`: true, `"\udf3a\ud83c"`: true, `"\ud83c\u0041"`: true, `"\\\ud800"`: true, `"\ud83c\ud83c\udf3a"`: true, `"\ud800\n"`: true,
	} {
		if got := loneSurrogate([]byte(raw)); got != want {
			t.Errorf("%s: %v", raw, got)
		}
	}
}
