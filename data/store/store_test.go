package store

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/orchid-seq/orchid/internal/random"
)

// some returns random documents with ids below n.
func some(n, documents int) []Document {
	r := random.New(3, "documents", n)
	all := make([]Document, documents)
	for i := range all {
		d := &all[i]
		d.Row = 3 * i
		for range r.IntN(40) {
			d.IDs = append(d.IDs, r.IntN(n))
		}
		if len(d.IDs) > 0 && r.IntN(2) == 1 {
			d.Second = r.IntN(len(d.IDs))
		}
		for range r.IntN(3) {
			d.Labels = append(d.Labels, float32(r.Normal()))
		}
	}
	return all
}

// make writes documents to a file.
func create(t testing.TB, path string, m Meta, documents []Document) {
	t.Helper()
	w, err := Create(path, m)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range documents {
		if err := w.Add(d); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Finish(); err != nil {
		t.Fatal(err)
	}
}

func TestRoundTrip(t *testing.T) {
	for _, vocabulary := range []int{1, 257, 1 << 16, 1<<16 + 1, math.MaxInt32} {
		for _, n := range []int{0, 1, 100} {
			path := filepath.Join(t.TempDir(), "s.tokens")
			want := some(vocabulary, n)
			m := Meta{Tokenizer: "t", Vocabulary: vocabulary, Source: "s", Labels: []string{"a", "b"}, Cut: 1, CutTokens: 2, Skipped: 3, Faults: []string{"f"}}
			create(t, path, m, want)
			s, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Verify(); err != nil {
				t.Error(err)
			}
			tokens := int64(0)
			for i, d := range want {
				from := s.Len(i) / 3
				part := s.AppendIDs([]int{-1}, i, from, s.Len(i))
				if s.Len(i) != len(d.IDs) || part[0] != -1 || !slices.Equal(part[1:], d.IDs[from:]) || s.Second(i) != d.Second || s.Row(i) != d.Row || !slices.Equal(s.Labels(i), d.Labels) {
					t.Fatalf("document %d is %v", i, d)
				}
				tokens += int64(len(d.IDs))
			}
			if s.Documents() != n || s.Tokens() != tokens {
				t.Errorf("%d documents, %d tokens", s.Documents(), s.Tokens())
			}
			got := s.Meta()
			count := 0
			for _, c := range got.Lengths {
				count += c
			}
			if count != n {
				t.Errorf("histogram %v of %d documents", got.Lengths, n)
			}
			m.Lengths, m.Shortest, m.Longest = got.Lengths, got.Shortest, got.Longest
			if d := cmp.Diff(m, got); d != "" {
				t.Error(d)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestHistogram also changes labels before the end.
func TestHistogram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	w, err := Create(path, Meta{Vocabulary: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{3, 1, 4, 3, 7} {
		if err := w.Add(Document{IDs: make([]int, n), Labels: []float32{1}}); err != nil {
			t.Fatal(err)
		}
	}
	n := float32(0)
	w.Relabel(func(labels []float32) {
		labels[0] += n
		n += 4
	})
	w.Meta.Labels = []string{"late"}
	if err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	w.Abort() // does nothing
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	want := Meta{Vocabulary: 10, Labels: []string{"late"}, Lengths: []int{0, 1, 2, 2}, Shortest: 1, Longest: 7}
	if d := cmp.Diff(want, s.Meta()); d != "" || s.Labels(2)[0] != 9 {
		t.Errorf("%s, label %v", d, s.Labels(2))
	}
}

func TestChecksum(t *testing.T) {
	sum := func(m Meta, d []Document) string {
		path := filepath.Join(t.TempDir(), "s")
		create(t, path, m, d)
		s, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		return s.Checksum()
	}
	m := Meta{Vocabulary: 300}
	base := sum(m, some(300, 9))
	elsewhere := m
	elsewhere.Source, elsewhere.Faults = "another", []string{"f"}
	if got := sum(elsewhere, some(300, 9)); got != base {
		t.Error("the sum depends on where the documents came from")
	}
	named := m
	named.Labels = []string{"x"}
	relabelled := some(300, 9)
	relabelled[8].Labels = append(relabelled[8].Labels, 1)
	for i, got := range []string{sum(named, some(300, 9)), sum(m, some(300, 8)), sum(m, some(299, 9)), sum(m, relabelled)} {
		if got == base {
			t.Errorf("case %d: another content has the same sum", i)
		}
	}
}

// TestDamage flips each byte of a file: Open or Verify must find it, but for
// those of the meta that say where the documents came from.
func TestDamage(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "s")
	create(t, path, Meta{Vocabulary: 70000, Source: "XXXX"}, some(70000, 5))
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	spare := strings.Index(string(whole), "XXXX")
	for i := range whole {
		if i >= spare && i < spare+4 {
			continue
		}
		b := slices.Clone(whole)
		b[i] ^= 0x11
		s, err := parse(b)
		if err == nil {
			err = s.Verify()
		}
		if err == nil {
			t.Errorf("byte %d (%q) can be changed unseen", i, whole[i])
		}
	}
	for n := range whole {
		if _, err := parse(whole[:n]); err == nil {
			t.Errorf("%d bytes of %d are accepted", n, len(whole))
		}
	}
	for name, b := range map[string][]byte{"empty": nil, "other": []byte(strings.Repeat("no store ", 20))} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, b, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(file); err == nil || err.Error() != file+": not a store of documents" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAbort(t *testing.T) {
	dir := t.TempDir()
	w, err := Create(filepath.Join(dir, "s"), Meta{Vocabulary: 5})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Add(Document{IDs: []int{4}}); err != nil {
		t.Fatal(err)
	}
	w.Abort()
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := Create(filepath.Join(dir, "s"), Meta{}); err == nil {
		t.Error("no vocabulary is accepted")
	}
	if _, err := Create(filepath.Join(dir, "none", "s"), Meta{Vocabulary: 5}); err == nil {
		t.Error("no folder is no error")
	}
}

func FuzzOpen(f *testing.F) {
	for _, v := range []int{9, 1 << 20} {
		path := filepath.Join(f.TempDir(), "s")
		create(f, path, Meta{Vocabulary: v}, some(v, 4))
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := parse(b)
		if err != nil {
			return
		}
		var ids []int
		for i := range s.Documents() {
			ids = s.AppendIDs(ids[:0], i, 0, s.Len(i))
			s.Labels(i)
			if s.Second(i) > s.Len(i) {
				t.Fatal("the second part is not in the document")
			}
		}
		s.Verify()
	})
}

func BenchmarkVerify(b *testing.B) {
	path := filepath.Join(b.TempDir(), "s")
	create(b, path, Meta{Vocabulary: 30000}, slices.Repeat(some(30000, 1000), 500))
	s, err := Open(path)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(s.b)))
	for b.Loop() {
		if err := s.Verify(); err != nil {
			b.Fatal(err)
		}
	}
}
