package parquet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/data/text"
)

// files are the golden ones; testdata/golden.py makes them.
var files = []string{"testdata/golden-snappy.parquet", "testdata/golden-zstd2.parquet", "testdata/golden-plain.parquet"}

func read(t testing.TB, path string, o text.Options) (rows [][]string, r text.Report, err error) {
	t.Helper()
	o.Formats = text.Formats{".parquet": Open}
	line := 0
	r, err = text.Read(context.Background(), []string{path}, o, nil, func(row text.Row) error {
		if row.Line <= line || row.File != path {
			t.Errorf("%s:%d after line %d", row.File, row.Line, line)
		}
		line = row.Line
		rows = append(rows, row.Fields)
		return nil
	})
	return rows, r, err
}

func TestGolden(t *testing.T) {
	b, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var want [][]string
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	columns := []string{"text", "big", "name", "count", "small", "score", "flag", "tags", "ids", "answers.text", "answers.start"}
	for _, path := range files {
		got, _, err := read(t, path, text.Options{Columns: columns, Separator: ";"})
		if err != nil || len(got) != len(want) {
			t.Fatalf("%s: %d rows, %v", path, len(got), err)
		}
		for i := range want {
			if !slices.Equal(got[i], want[i]) {
				t.Fatalf("%s: row %d is %q, want %q", path, i, got[i], want[i])
			}
		}
		if got, _, err = read(t, path, text.Options{Columns: []string{"folder", "flag"}}); err != nil || len(got) != len(want) || got[3][0] != "testdata" || got[3][1] != "true" {
			t.Errorf("%s: %d rows, %v", path, len(got), err)
		}
	}
}

func TestFaults(t *testing.T) {
	for _, path := range files {
		for _, c := range []struct {
			column, want string
			left         int
		}{
			{"holes", `:3: column "holes" is null`, 240},
			{"gaps", `:8: column "gaps" holds a list of which an item is null`, 299},
			{"bytes", `:5: column "bytes" is not UTF-8`, 299},
		} {
			_, _, err := read(t, path, text.Options{Columns: []string{"text", c.column}})
			if want := path + c.want + "; bad-lines=skip leaves it out"; err == nil || err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
			rows, r, err := read(t, path, text.Options{Columns: []string{"text", c.column}, BadLines: "skip"})
			if err != nil || len(rows) != c.left || r.Skipped != 300-c.left || !strings.HasPrefix(rows[len(rows)-1][0], "text 299") {
				t.Errorf("%s, skipping: %d rows, %+v, %v", c.column, len(rows), r, err)
			}
		}
		for column, want := range map[string]string{
			"when":   `column "when" is TIMESTAMP(isAdjustedToUTC=false,unit=MILLIS), not a text, a number or a list of these`,
			"nested": `column "nested" is a list of lists, not a text, a number or a list of these`,
			"texts":  `no column "texts", but "text", "big", "name", "count", "small", "score", "flag", "tags", "ids", "answers.text", "answers.start", "holes", "gaps", "when", "nested", "bytes"; did you mean "text"?`,
		} {
			if _, _, err := read(t, path, text.Options{Columns: []string{column}, BadLines: "skip"}); err == nil || err.Error() != path+": "+want {
				t.Errorf("got %v, want %s", err, want)
			}
		}
	}
}

// TestDamage cuts files short and changes their bytes: an error or other
// values, but no panic, and never fewer rows in silence.
func TestDamage(t *testing.T) {
	dir := t.TempDir()
	for _, path := range files {
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		try := func(what string, b []byte) {
			file := filepath.Join(dir, "x.parquet")
			if err := os.WriteFile(file, b, 0o644); err != nil {
				t.Fatal(err)
			}
			rows, r, err := read(t, file, text.Options{Columns: []string{"text", "tags", "name", "count"}})
			if f := (*text.Fault)(nil); err != nil && !errors.As(err, &f) && !strings.Contains(err.Error(), "x.parquet: ") {
				t.Errorf("%s, %s: %v", path, what, err)
			}
			if err == nil && len(rows) != r.Rows {
				t.Errorf("%s, %s: %d rows, %+v", path, what, len(rows), r)
			}
		}
		for n := 0; n < len(whole); n += len(whole) / 50 {
			try(fmt.Sprint(n, " bytes"), whole[:n])
			b := slices.Clone(whole)
			b[n] ^= 0x55
			try(fmt.Sprint("byte ", n), b)
		}
	}
	if _, _, err := read(t, filepath.Join(dir, "absent.parquet"), text.Options{}); !os.IsNotExist(err) {
		t.Errorf("%v", err)
	}
}
