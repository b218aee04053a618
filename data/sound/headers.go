package sound

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"sync"

	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/random"
)

// headers reads those of all files and returns the files that are good. Samples
// in floating point, which may be no numbers, are read too.
func (r Reading) headers(ctx context.Context, list []file) ([]file, error) {
	list = slices.Clone(list)
	faults := make([]error, len(list))
	var mu sync.Mutex
	done := 0
	const grain = 64
	par.For(len(list), grain, func(lo, hi int) {
		if ctx.Err() != nil {
			return
		}
		for i := lo; i < hi; i++ {
			f := &list[i]
			if f.header, faults[i] = ReadHeader(f.path); faults[i] == nil && f.header.coding.float {
				_, _, faults[i] = ReadFile(f.path)
			}
		}
		mu.Lock()
		defer mu.Unlock()
		if done += hi - lo; r.Report != nil {
			r.Report(done, len(list))
		}
	})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var good []file
	var bad []string
	for i, f := range list {
		if faults[i] != nil {
			bad = append(bad, faults[i].Error())
		} else {
			good = append(good, f)
		}
	}
	if len(bad) == 0 {
		return good, nil
	}
	text := fmt.Sprintf("%d of %d files cannot be read: %s", len(bad), len(list), fault.Some(bad, "; "))
	switch {
	case r.BadFiles != "skip":
		return nil, fmt.Errorf("%s. Mend or remove them, or leave them out by bad-files=skip", text)
	case len(good) == 0:
		return nil, errors.New(text)
	}
	r.note("left out, as bad-files=skip says: " + text)
	return good, nil
}

// second is the length of a whole clip of Speech Commands, in samples.
const second = 16000

// seconds keeps the clips that are a whole second, as the experiments on SC10 do.
func (r Reading) seconds(dir string, list []file) ([]file, error) {
	whole := slices.DeleteFunc(slices.Clone(list), func(f file) bool { return f.header.Samples != second })
	if len(whole) == 0 {
		return nil, fmt.Errorf("%s: words=sc10 takes clips of %d samples alone, and there is none; words=all takes all", dir, second)
	}
	if n := len(list) - len(whole); n > 0 {
		r.note(fmt.Sprintf("%d of %d clips are left out: words=sc10 takes those of %d samples alone", n, len(list), second))
	}
	return whole, nil
}

// divide gives recordings without parts theirs, and says so.
func (r Reading) divide(dir string, list []file, recordings string) {
	if r.Trained != "" && r.Trained != recordings {
		for i := range list {
			list[i].part = "test"
		}
		r.note(fmt.Sprintf("%s: these are not the recordings that the model was trained with, and have no parts: all %d are the test", dir, len(list)))
		return
	}
	stratify(list)
	count := map[string]int{}
	for _, f := range list {
		count[f.part]++
	}
	r.note(fmt.Sprintf("%s: the %d recordings have no parts: %d are for training, %d for validation, %d for the test", dir, len(list), count["train"], count["validation"], count["test"]))
}

// checksum tells recordings from others by their names and lengths.
func checksum(list []file) string {
	h := sha256.New()
	for _, f := range list {
		fmt.Fprintf(h, "%q %q %d %d\n", f.class, filepath.Base(f.path), f.header.Rate, f.header.Samples)
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:16])
}

// stratify gives 70 % of every class to training, 15 % to validation and the rest
// to the test: the same files, whatever the seed of a run is.
func stratify(list []file) {
	members := map[string][]int{}
	for i, f := range list {
		members[f.class] = append(members[f.class], i)
	}
	for class, places := range members {
		s := random.New(0, "stratified "+class)
		n := float64(len(places))
		train, validation := int(math.Round(0.7*n)), int(math.Round(0.85*n))
		for at, p := range s.Perm(len(places)) {
			part := "test"
			if at < train {
				part = "train"
			} else if at < validation {
				part = "validation"
			}
			list[places[p]].part = part
		}
	}
}
