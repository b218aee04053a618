package mlm

import (
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

// span returns the document of window i and which of its words it holds.
func (w *windows) span(i int) (doc, from, to int) {
	doc = int(w.doc[i])
	from = (i - w.first[doc]) * w.size
	return doc, from, min(from+w.size, w.store.Len(doc))
}

// split divides the windows into a share that is held out and the others: by
// whole documents if there are many, so that no window stands beside one of the
// other part.
func (w *windows) split(share float64) (train, held []int) {
	const many = 20
	for i := range w.doc {
		unit := i
		if len(w.first) >= many {
			unit = int(w.doc[i])
		}
		// The same part whatever the seed of the training is.
		if s := random.New(0, "held out", unit); s.Float64() < share {
			held = append(held, i)
		} else {
			train = append(train, i)
		}
	}
	return train, held
}
