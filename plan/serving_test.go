package plan

import (
	"errors"
	"testing"
	"time"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/task/language"
)

// reading is a model of bytes that takes texts of any length, as one that serves has
// it: with what it keeps from one text to the next.
func reading(t *testing.T, settings ...string) (Subject, language.Embedder) {
	t.Helper()
	s := subject(t, "mlm", append([]string{"tokenizer=bytes", "width=32", "depth=1", "filter-width=16", "mlp-blocks=1", "max-length=1048576", "positions=none", "filter-positions=relative"}, settings...)...)
	e := s.Task.(language.Embedder)
	e.Keep(64 << 20)
	s.Served = true
	return s, e
}

// TestAlone holds what a quarter of a text tells of memory to what all of it holds: not
// less, and not far more. Whether the model has kept kernels of that length changes
// nothing.
func TestAlone(t *testing.T) {
	long(t)
	defer par.SetThreads(par.SetThreads(1)) // each thread has scratch of its own
	const L = 1 << 14
	for name, settings := range map[string][]string{"orchid": nil, "dft": {"transform=dft"}, "hyena": {"mixer=hyena"}, "attention": {"mixer=attention", "heads=1"}} {
		s, e := reading(t, settings...)
		p, err := s.prober()
		if err != nil {
			t.Fatal(err)
		}
		p.task = reader{p.task, e}
		for range 2 {
			c, err := p.around([][]int{{L / 4}}, 0)
			if err != nil {
				t.Fatal(err)
			}
			tape := autograd.Tape{NoGrad: true, Afresh: true}
			b := language.MadeUp([]int{L}, e.Tokenizer().Size())
			e.Vectors(&tape, b, e.Hidden(&tape, b), "")
			got, want := float64(c.alone(L)), float64(tape.HeldBytes())
			want += float64(slack(int64(want)))
			t.Logf("%s: %.1f MB told, %.1f held", name, got/(1<<20), want/(1<<20))
			if got < 0.9*want || got > 2.5*want {
				t.Errorf("%s: %.0f bytes told, %.0f held", name, got, want)
			}
		}
	}
}

// TestAdvice: what a refusal advises is not refused.
func TestAdvice(t *testing.T) {
	long(t)
	s, _ := reading(t)
	list, err := s.Forward([]int{1 << 13}, 0)
	if err != nil {
		t.Fatal(err)
	}
	available := (Resident() + list[0].Bytes) / 2
	var large *TooLargeError
	if err := s.RefuseForward(1<<15, available); !errors.As(err, &large) || large.Fits == 0 {
		t.Fatalf("%d bytes are enough: %v", available, err)
	}
	list, err = s.Forward([]int{large.Fits}, time.Second)
	if err != nil || list[0].Bytes > available*11/10 {
		t.Errorf("%d tokens are advised and need %d bytes of %d: %v", large.Fits, list[0].Bytes, available, err)
	}
}
