package orchid_test

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/orchid-seq/orchid"
)

// TestKernels: the static kernel depends on the length alone, the other on the text,
// whatever else the model does meanwhile.
func TestKernels(t *testing.T) {
	m := open(t, textModel(), orchid.Options{})
	look := func(text string) orchid.Kernels {
		k, err := m.Kernels(t.Context(), orchid.Input{A: text}, 0, []int{3, 15, 0})
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	fine, dull := look("a fine film"), look("a dull film")
	if fine.Tokens != 13 || len(fine.Lags) != 13 || !slices.IsSorted(fine.Lags) || !slices.IsSorted(fine.Frequencies) {
		t.Errorf("%d tokens, lags %v, frequencies %v", fine.Tokens, fine.Lags, fine.Frequencies)
	}
	if fine.Static == nil || !reflect.DeepEqual(fine.Static, dull.Static) || reflect.DeepEqual(fine.Own, dull.Own) {
		t.Error("want one static kernel for two texts of a length, and two of their own")
	}
	if long := look("so fine a film"); reflect.DeepEqual(long.Static, fine.Static) || len(long.Own.All.Taps) != 16 {
		t.Errorf("a longer text has the same static kernel, or %d taps", len(long.Own.All.Taps))
	}
	for name, k := range map[string]*orchid.Kernel{"static": fine.Static, "own": fine.Own} {
		if len(k.Channels) != 3 || slices.Equal(k.Channels[0].Taps, k.Channels[2].Taps) {
			t.Fatalf("%s: want three different channels", name)
		}
		for _, c := range append(k.Channels, k.All) {
			if len(c.Taps) != len(fine.Lags) || len(c.Magnitudes) != len(fine.Frequencies) {
				t.Errorf("%s: %d taps and %d magnitudes", name, len(c.Taps), len(c.Magnitudes))
			}
		}
	}

	// The mean over all channels of what is at a lag is that of the channels.
	all, err := m.Kernels(t.Context(), orchid.Input{A: "a fine film"}, 0, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})
	if err != nil {
		t.Fatal(err)
	}
	for n := range all.Lags {
		sum := 0.0
		for _, c := range all.Own.Channels {
			sum += float64(c.Taps[n]) * float64(c.Taps[n])
		}
		if got, want := float64(all.Own.All.Taps[n]), math.Sqrt(sum/16); !(math.Abs(got-want) <= 1e-6*want) {
			t.Errorf("lag %d: %g over all channels, want %g", all.Lags[n], got, want)
		}
	}

	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if k, err := m.Kernels(t.Context(), orchid.Input{A: "a fine film"}, 0, []int{3, 15, 0}); err != nil || !reflect.DeepEqual(k, fine) {
				t.Errorf("other numbers beside other texts: %v", err)
			}
		})
		group.Go(func() {
			if _, err := m.Embed(t.Context(), orchid.EmbedOptions{}, ofText...); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

// TestKernelsOfMask: a mask is one token, as it is for FillMask.
func TestKernelsOfMask(t *testing.T) {
	m := open(t, mlmModel(), orchid.Options{})
	for text, want := range map[string]int{"the [MASK] sat": 5, "the cat sat": 5} {
		if k, err := m.Kernels(t.Context(), orchid.Input{A: text}, 0, nil); err != nil || k.Tokens != want || len(k.Own.All.Taps) != want {
			t.Errorf("%s: %d tokens, want %d: %v", text, k.Tokens, want, err)
		}
	}
}

// TestKernelFaults: what has no kernels, or not those, is said.
func TestKernelFaults(t *testing.T) {
	m := open(t, textModel(), orchid.Options{})
	for want, ask := range map[string]func() error{
		"block 1: the model has the blocks 0 to 0":       func() error { _, err := m.Kernels(t.Context(), ofText[0], 1, nil); return err },
		"channel 16: the model has the channels 0 to 15": func() error { _, err := m.Kernels(t.Context(), ofText[0], 0, []int{16}); return err },
	} {
		if err := ask(); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	_, err := m.Kernels(t.Context(), long, 0, nil)
	if length := (*orchid.LengthError)(nil); !errors.As(err, &length) || length.Most != 48 {
		t.Errorf("a long text: got %v, want a length error", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Kernels(ctx, ofText[0], 0, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody waits: got %v", err)
	}
	attention := open(t, trained("text", file("attention.csv", reviews), "tokenizer=bytes", "steps=1", "mixer=attention", "positions=learned", "mixer-residual=true"), orchid.Options{})
	_, err = attention.Kernels(t.Context(), ofText[0], 0, nil)
	if kernel := (*orchid.KernelError)(nil); !errors.As(err, &kernel) || kernel.Mixer != "attention" {
		t.Errorf("attention: got %v, want a kernel error", err)
	}
}
