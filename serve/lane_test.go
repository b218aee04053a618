package serve

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/orchid-seq/orchid"
)

// asked is what a test asks of lanes, and what was computed together for it.
type asked struct {
	mu      sync.Mutex
	batches []string
	hold    chan struct{} // each batch waits for one, if not nil
}

// compute answers each text with itself in upper case.
func (a *asked) compute(ctx context.Context, inputs []orchid.Input) ([]any, error) {
	var names []string
	out := make([]any, len(inputs))
	for i, in := range inputs {
		names = append(names, in.A)
		out[i] = strings.ToUpper(in.A)
	}
	a.mu.Lock()
	a.batches = append(a.batches, strings.Join(names, " "))
	a.mu.Unlock()
	if a.hold != nil {
		select {
		case <-a.hold:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	switch {
	case slices.Contains(names, "bad"):
		return nil, errors.New("cannot")
	case slices.Contains(names, "worse"):
		panic("cannot at all")
	}
	return out, nil
}

// do asks for some texts, "name" or "name*tokens".
func (a *asked) do(ctx context.Context, l lanes, options any, texts ...string) (string, error) {
	inputs, tokens := make([]orchid.Input, len(texts)), make([]int, len(texts))
	for i, text := range texts {
		name, n, ok := strings.Cut(text, "*")
		inputs[i].A, tokens[i] = name, 1
		if ok {
			fmt.Sscan(n, &tokens[i])
		}
	}
	list, err := l.do(ctx, options, a.compute, inputs, tokens)
	return fmt.Sprint(list), err
}

// TestLanes: texts of waiting requests with equal options go together, each request one
// in turn, up to the budget; long ones go alone and keep no short one waiting.
func TestLanes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &asked{hold: make(chan struct{})}
		l := newLanes(4, newCounters())
		answers := make(chan string, 9)
		ask := func(options any, texts ...string) {
			go func() {
				got, err := a.do(t.Context(), l, options, texts...)
				answers <- fmt.Sprint(got, err)
			}()
			synctest.Wait()
		}
		ask(1, "a") // is computed at once, while the others come
		ask(1, "b", "c", "d", "e", "f", "g")
		ask(2, "other*3", "long*9")
		ask(1, "h", "i*2")
		ask(1, "long2*5")
		if n := l.short.waiting() + l.long.waiting(); n != 4 {
			t.Errorf("%d jobs wait", n)
		}
		for range 7 {
			a.hold <- struct{}{}
			synctest.Wait()
		}
		var got []string
		for range 5 {
			got = append(got, <-answers)
		}
		slices.Sort(got)
		if want := "[A]<nil>|[B C D E F G]<nil>|[H I]<nil>|[LONG2]<nil>|[OTHER LONG]<nil>"; strings.Join(got, "|") != want {
			t.Errorf("%s", strings.Join(got, "|"))
		}
		// In two lanes the order between them is anybody's.
		var short, long []string
		for _, b := range a.batches {
			if strings.HasPrefix(b, "long") {
				long = append(long, b)
			} else {
				short = append(short, b)
			}
		}
		if want := "a|b h c d|other|e i f|g"; strings.Join(short, "|") != want {
			t.Errorf("short: %s", strings.Join(short, "|"))
		}
		if want := "long|long2"; strings.Join(long, "|") != want {
			t.Errorf("long: %s", strings.Join(long, "|"))
		}
	})
}

// TestLaneFaults: what fails concerns those of its batch alone, and the lane goes on.
func TestLaneFaults(t *testing.T) {
	a := &asked{}
	l := newLanes(4, newCounters())
	for text, want := range map[string]string{"bad": "cannot", "worse": "panic: cannot at all"} {
		if _, err := a.do(t.Context(), l, 1, text, "long*9"); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
		if got, err := a.do(t.Context(), l, 1, "good"); got != "[GOOD]" || err != nil {
			t.Errorf("%s, %v", got, err)
		}
	}
}

// TestLaneCancelled: who waits no longer leaves the queue, and a batch ends when nobody
// waits for it, not before.
func TestLaneCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &asked{hold: make(chan struct{})}
		l := newLanes(4, newCounters())
		ends := make(chan string, 9)
		ask := func(name string) context.CancelFunc {
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				got, err := a.do(ctx, l, 1, name)
				ends <- fmt.Sprint(got, err)
			}()
			synctest.Wait()
			return cancel
		}
		expect := func(want string) {
			t.Helper()
			synctest.Wait()
			if got := <-ends; got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
		first := ask("a")
		second, third, fourth := ask("b"), ask("c"), ask("d")
		third() // in the queue
		expect("[]context canceled")
		if n := l.short.waiting(); n != 2 {
			t.Errorf("%d wait", n)
		}
		first() // alone in its batch, which ends
		expect("[]context canceled")
		second() // with d in a batch, which goes on
		expect("[]context canceled")
		a.hold <- struct{}{}
		expect("[D]<nil>")
		fourth()
		if got := strings.Join(a.batches, "|"); got != "a|b d" || l.short.busy {
			t.Errorf("%s, busy %v", got, l.short.busy)
		}
	})
}
