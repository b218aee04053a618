package plan

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/orchid-seq/orchid/task"
)

// TestBytes finds a plane again from three of its points.
func TestBytes(t *testing.T) {
	const n, L = 4, 64
	f := func(number, length float64) float64 { return 1000 * (3 + number) * (10 + length) }
	at := func(number, length int) probe {
		return probe{batches: [][]int{task.Fill(number*length, length)}, bytes: f(float64(number), float64(length))}
	}
	c := curve{top: at(n, L), fewer: at(n/2, L), shorter: at(n, L/2), work: work{width: 64}}
	for _, to := range [][2]int{{n, L}, {32, L}, {n, 1024}, {16, 256}} {
		got := c.bytes(task.Fill(to[0]*to[1], to[1])).whole
		if want := f(float64(to[0]), float64(to[1])); !(math.Abs(got/want-1) < 1e-9) {
			t.Errorf("%d x %d: %g, want %g", to[0], to[1], got, want)
		}
	}
}

// TestSeconds grows with number and length as the work does, and learns from its probes how
// much attention matters.
func TestSeconds(t *testing.T) {
	w := work{attention: true, scores: 0.01}
	at := func(number, length int) probe {
		b := task.Fill(number*length, length)
		return probe{batches: [][]int{b}, seconds: 1e-3 * w.of(b)}
	}
	c := curve{top: at(4, 64), fewer: at(2, 64), shorter: at(4, 32), work: work{width: 16, attention: true, scores: 0.5}}
	c.fit()
	if !(math.Abs(c.work.scores/w.scores-1) < 1e-9) {
		t.Errorf("scores %g, want %g", c.work.scores, w.scores)
	}
	for _, b := range [][]int{task.Fill(4*64, 64), task.Fill(32*64, 64), task.Fill(8*512, 512)} {
		if got, want := c.seconds(b), 1e-3*w.of(b); !(math.Abs(got/want-1) < 1e-9) {
			t.Errorf("%d x %d: %g, want %g", len(b), b[0], got, want)
		}
	}
}

// TestCut makes batches of about the size asked for, with as many sequences as each way
// keeps.
func TestCut(t *testing.T) {
	byNumber, byLength, whole := cut{few: 2}, cut{shortest: 32, few: 4}, cut{few: 2, whole: true}
	for _, c := range []struct {
		how         cut
		lengths     []int
		n           int
		number, row int
	}{
		{byNumber, task.Fill(32*128, 128), 8, 4, 128},
		{byNumber, task.Fill(32*128, 128), 64, 2, 32},
		{byNumber, []int{1000}, 8, 1, 125},
		{byLength, task.Fill(32*128, 128), 4, 32, 32},
		{byLength, task.Fill(2*4096, 4096), 64, 2, 64},
		{whole, task.Fill(32*64, 64), 64, 2, 64},
		{whole, task.Fill(3*64, 64), 1, 3, 64},
	} {
		got := c.how.apply(c.lengths, c.n)
		if len(got) != c.number || got[0] != c.row {
			t.Errorf("%d of %d sequences, an %d-th of %d: %v, want %d of %d", len(c.lengths), c.lengths[0], c.n, rows(c.lengths), got, c.number, c.row)
		}
	}
}

// TestControlGroups reads what is left of a limit, pages of files among it.
func TestControlGroups(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"memory.max": "1000\n", "memory.current": "700\n", "memory.stat": "anon 5\ninactive_file 100\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if n, ok := leftOf(dir, "memory.max", "memory.current"); !ok || n != 400 {
		t.Errorf("%d left, want 400", n)
	}
	if err := os.WriteFile(filepath.Join(dir, "memory.max"), []byte("max\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if n, ok := leftOf(dir, "memory.max", "memory.current"); ok {
		t.Errorf("%d left of no limit", n)
	}
	if n, known := Available(); known && n <= 0 {
		t.Errorf("%d bytes available", n)
	}
}

// TestWatch: a pass alone takes no longer than it did, and some of it where it ran.
func TestWatch(t *testing.T) {
	w := NewWatch()
	for n := 0; w.Wall() < 20*time.Millisecond; n++ {
	}
	if alone, wall := w.Alone(), w.Wall(); alone <= 0 || alone > wall {
		t.Errorf("%v alone, %v in all", alone, wall)
	}
}
