package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// checkPage wants names to stay names and element ids to be unique.
func checkPage(t *testing.T, page []byte) {
	t.Helper()
	for _, bad := range []string{"<script", "<b>", "http://", "https://", "src=", "@import"} {
		if bytes.Contains(page, []byte(bad)) {
			t.Errorf("the page holds %q", bad)
		}
	}
	seen := map[string]bool{}
	for _, part := range strings.Split(string(page), ` id="`)[1:] {
		id, _, _ := strings.Cut(part, `"`)
		if seen[id] {
			t.Errorf("two elements have the id %q", id)
		}
		seen[id] = true
	}
	for _, part := range strings.Split(string(page), ` href="#`)[1:] {
		if id, _, _ := strings.Cut(part, `"`); !seen[id] {
			t.Errorf("a link goes to %q, which is nowhere", id)
		}
	}
}

// parse reads XML to its end.
func parse(text []byte) error {
	for d := xml.NewDecoder(bytes.NewReader(text)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// TestSize wants a page of many long runs to stay below 3 MB.
func TestSize(t *testing.T) {
	t.Chdir(t.TempDir())
	rows, seeds := 40, 3
	if testing.Short() {
		seeds = 1
	}
	for i := range rows * seeds {
		folder(t, fmt.Sprintf("runs/%03d", i), false, 20_000, 0.9, fmt.Sprintf("lr=0.%d1", 1+i/seeds), fmt.Sprintf("seed=%d", i))
	}
	r := made(t, Options{Dirs: []string{"runs"}})
	page, err := r.HTML()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(r.Tables[0].Rows); n != rows {
		t.Errorf("%d rows, want %d", n, rows)
	}
	if len(page) > 3_000_000 {
		t.Errorf("the page has %d bytes", len(page))
	}
}
