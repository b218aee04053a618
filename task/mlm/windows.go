package mlm

import (
	"math"

	"github.com/orchid-seq/orchid/data/store"
	"github.com/orchid-seq/orchid/internal/random"
)

// windows are the documents of a store, cut into pieces of at most size words.
type windows struct {
	store *store.Store
	size  int
	doc   []uint32 // of each window
	first []int    // window of each document
}

func newWindows(s *store.Store, size int) *windows {
	w := &windows{store: s, size: size}
	for d := range s.Documents() {
		w.first = append(w.first, len(w.doc))
		for at := 0; at < s.Len(d); at += size {
			w.doc = append(w.doc, uint32(d))
		}
	}
	return w
}

func (w *windows) count() int { return len(w.doc) }

// all lists the windows.
func (w *windows) all() []int {
	list := make([]int, w.count())
	for i := range list {
		list[i] = i
	}
	return list
}

// span returns the document of window i and which of its words it holds.
func (w *windows) span(i int) (doc, from, to int) {
	doc = int(w.doc[i])
	from = (i - w.first[doc]) * w.size
	return doc, from, min(from+w.size, w.store.Len(doc))
}

// split divides the windows into a share that is held out, at least one, and the
// others: by whole documents if there are many, so that no window stands beside
// one of the other part; the same ones whatever the seed of the training is.
func (w *windows) split(share float64) (train, held []int) {
	const many = 20
	units, unit := len(w.doc), func(i int) int { return i }
	if len(w.first) >= many {
		units, unit = len(w.first), func(i int) int { return int(w.doc[i]) }
	}
	out := make([]bool, units)
	s := random.New(0, "held out")
	for _, u := range s.Perm(units)[:max(1, int(math.Round(share*float64(units))))] {
		out[u] = true
	}
	for i := range w.doc {
		if out[unit(i)] {
			held = append(held, i)
		} else {
			train = append(train, i)
		}
	}
	return train, held
}
