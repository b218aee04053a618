package mixer

import (
	"slices"
	"sync"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/tensor"
)

// A Keeper is a mixer with static kernels, any but attention. They depend on the
// length of a sequence alone, so a model that serves requests need not make
// them anew for each.
type Keeper interface {
	// Keep lets Forward, on tapes with NoGrad, keep the spectra of static kernels
	// from one call to the next, those of the lengths used last, up to so many
	// bytes. From then on the parameters must not change. 0 drops them. It must
	// not run at the same time as Forward. A chain of order 3 keeps nothing.
	Keep(bytes int)
}

// Keep implements Keeper: each of the two static kernels gets one half.
func (m *Orchid) Keep(bytes int) {
	m.static.keep(bytes / 2)
	if m.residual != nil {
		m.residual.keep(bytes / 2)
	}
}

// Keep implements Keeper: each of the two kernels gets one half.
func (m *M2) Keep(bytes int) {
	m.static.keep(bytes / 2)
	m.residual.keep(bytes / 2)
}

// Keep implements Keeper.
func (m *Hyena) Keep(bytes int) { m.static.keep(bytes) }

// kept are the spectra of a static kernel by length, that used last first.
type kept struct {
	mu    sync.Mutex
	limit int // floats
	used  int
	list  []keptSpectrum
}

type keptSpectrum struct {
	length int
	data   []float32
}

func (f *filter) keep(bytes int) {
	f.kept = nil
	if bytes > 0 {
		f.kept = &kept{limit: bytes / 4}
	}
}

// of returns the spectrum for a length, which make makes if it is not there,
// while others may look theirs up; two may make the same.
func (k *kept) of(length int, make func() []float32) []float32 {
	if data := k.find(length); data != nil {
		return data
	}
	data := make()
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.index(length) >= 0 || len(data) > k.limit {
		return data
	}
	k.used += len(data)
	k.list = slices.Insert(k.list, 0, keptSpectrum{length, data})
	for k.used > k.limit {
		last := len(k.list) - 1
		k.used -= len(k.list[last].data)
		k.list[last] = keptSpectrum{}
		k.list = k.list[:last]
	}
	return data
}

// find returns the spectrum for a length and puts it first; nil if it is not
// there.
func (k *kept) find(length int) []float32 {
	k.mu.Lock()
	defer k.mu.Unlock()
	i := k.index(length)
	if i < 0 {
		return nil
	}
	s := k.list[i]
	copy(k.list[1:i+1], k.list[:i])
	k.list[0] = s
	return s.data
}

func (k *kept) index(length int) int {
	return slices.IndexFunc(k.list, func(s keptSpectrum) bool { return s.length == length })
}

// spectrum returns the spectra of the kernels for the lengths in seq, those kept
// if there are any.
func (f *filter) spectrum(t *autograd.Tape, seq tensor.Offsets, tr autograd.Transform, pad int) *autograd.Node {
	lengths, _ := seq.Lengths()
	if f.kept == nil || !t.NoGrad || t.Afresh {
		return f.spectra(t, lengths, tr, pad)
	}
	if longest := tensor.Pack(lengths[len(lengths)-1]); tr.Bins(longest, pad).Total()*len(f.skip.Data) > f.kept.limit {
		return f.spectra(t, lengths, tr, pad) // in the buffers of the tape, since it would not be kept
	}
	var all []float32
	for _, L := range lengths {
		s := f.kept.of(L, func() []float32 {
			made := f.spectra(t, []int{L}, tr, pad)
			defer t.Forget(made)
			return slices.Clone(made.Data)
		})
		if all == nil {
			all = s // of one length, as it is
		} else {
			all = append(all[:len(all):len(all)], s...)
		}
	}
	bins := tr.Bins(tensor.Pack(lengths...), pad).Total()
	return t.Input(all, bins, len(all)/bins)
}
