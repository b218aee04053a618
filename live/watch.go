package live

import (
	"cmp"
	"errors"
	"io/fs"
	"slices"
	"time"

	"github.com/orchid-seq/orchid/report"
)

// A watch finds the runs below some folders and reads them as they grow. It is not
// safe for concurrent use.
type watch struct {
	roots []string
	runs  []*run // by folder

	faults []string // of folders that look like runs and could not be read

	looked time.Time
	search time.Time // when to look for new runs again
}

const (
	lookEvery   = 500 * time.Millisecond // between looks at the files of runs
	searchEvery = 3 * time.Second        // between looks for new runs
	searchShare = 20                     // so many times longer than the last one took, at least
)

// add watches one more folder. What is below it is found at the next look.
func (w *watch) add(root string) {
	if !slices.Contains(w.roots, root) {
		w.roots = append(w.roots, root)
	}
	w.search, w.looked = time.Time{}, time.Time{}
}

// look reads what is new, unless it has just done so.
func (w *watch) look(now time.Time) {
	if now.Sub(w.looked) < lookEvery {
		return
	}
	w.looked = now
	if !now.Before(w.search) {
		start := time.Now()
		w.find()
		w.search = now.Add(max(searchEvery, searchShare*time.Since(start)))
	}
	w.runs = slices.DeleteFunc(w.runs, func(r *run) bool {
		err := r.look()
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			w.faults = append(w.faults, err.Error())
		}
		return err != nil
	})
}

// find adds the runs that are new. A folder that is gone, or no run after all, is
// left out: it may come back.
func (w *watch) find() {
	w.faults = nil
	for _, root := range w.roots {
		dirs, _, err := report.Find([]string{root})
		if err != nil {
			continue
		}
		for _, dir := range dirs {
			if !slices.ContainsFunc(w.runs, func(r *run) bool { return r.Dir == dir }) {
				w.runs = append(w.runs, &run{ID: idOf(dir), Dir: dir})
			}
		}
	}
	slices.SortFunc(w.runs, func(a, b *run) int { return cmp.Compare(a.Dir, b.Dir) })
}
