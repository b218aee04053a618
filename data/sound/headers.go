package sound

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/internal/par"
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
	for i, f := range list {
		if faults[i] == nil {
			good = append(good, f)
		}
	}
	bad := fault.Texts(faults)
	if len(bad) == 0 {
		return good, nil
	}
	text := fmt.Sprintf("%d of %d files cannot be read:", len(bad), len(list))
	switch {
	case r.BadFiles != "skip":
		return nil, fmt.Errorf("%s %s. Mend or remove them, or leave them out by bad-files=skip", text, fault.Some(bad, "; "))
	case len(good) == 0:
		return nil, errors.New(text + " " + fault.Some(bad, "; "))
	}
	// All of them, since they are named nowhere else.
	r.note("left out, as bad-files=skip says: " + text + "\n  " + strings.Join(bad, "\n  "))
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
