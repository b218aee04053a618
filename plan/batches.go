package plan

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/task"
)

// sampled are the lengths in some batches.
type sampled [][]int

// mostSampled bounds them, mostLengths the sequences in them.
const mostSampled, mostLengths = 1000, 1 << 22

// batches looks at those spread over the training; where there is a training set,
// over its first epoch.
func (s Subject) batches(sized task.Sized, all int) (list sampled) {
	if s.Prepared && s.Task.StepsPerEpoch() > 0 {
		all = min(all, s.Task.StepsPerEpoch())
	}
	n := max(1, min(all, mostSampled, mostLengths/len(sized.BatchLengths(0))))
	for i := range n {
		list = append(list, sized.BatchLengths(i*max(1, all)/n))
	}
	return list
}

// mean returns that of f.
func (s sampled) mean(f func(lengths []int) float64) float64 {
	sum := 0.0
	for _, l := range s {
		sum += f(l)
	}
	return sum / float64(len(s))
}

// spread returns some batches by their rows, the largest first: memory that lengths share
// where they are alike is held for each where they are not.
func (s sampled) spread() (some [][]int) {
	const most = 4
	sorted := slices.Clone(s)
	slices.SortStableFunc(sorted, func(a, b []int) int { return cmp.Compare(rows(b), rows(a)) })
	for i := range min(most, len(sorted)) {
		b := sorted[i*len(sorted)/most%len(sorted)]
		if !slices.ContainsFunc(some, func(other []int) bool { return slices.Equal(other, b) }) {
			some = append(some, b)
		}
	}
	return some
}

// varied says whether batches differ from each other, and most sequences of one too: then
// a tape keeps buffers for each that the next has no use for.
func (s sampled) varied() bool {
	different := s.mean(func(l []int) float64 { return float64(len(unique(l))) / float64(len(l)) })
	return len(s.spread()) > 1 && different > 0.5
}

// unique returns the lengths that there are.
func unique(lengths []int) []int {
	list := slices.Clone(lengths)
	slices.Sort(list)
	return slices.Compact(list)
}

// each applies f to all batches.
func each(batches [][]int, f func(lengths []int) []int) (list [][]int) {
	for _, b := range batches {
		list = append(list, f(b))
	}
	return list
}

// typical returns the batch whose work is nearest to the mean.
func (s sampled) typical(w work) []int {
	mean := s.mean(w.of)
	far := func(l []int) float64 { return math.Abs(w.of(l) - mean) }
	return slices.MinFunc(s, func(a, b []int) int { return cmp.Compare(far(a), far(b)) })
}

func rows(lengths []int) (n int) {
	for _, l := range lengths {
		n += l
	}
	return n
}

func longest(lengths []int) int { return slices.Max(lengths) }

// A cut is a way to make a batch smaller: first by length, down to the shortest, then by
// number, down to few, and then by length again, unless sequences are whole.
type cut struct {
	shortest int // 0 begins with the number
	few      int
	whole    bool // sequences have one length, as pictures do
}

// apply returns about an n-th of a batch.
func (c cut) apply(lengths []int, n int) []int {
	all, part := rows(lengths), lengths
	if c.shortest > 0 && !c.whole {
		if f := min(n, longest(part)/c.shortest); f > 1 {
			part = shorter(part, f)
		}
	}
	for len(part) > c.few && rows(part)*n > all {
		part = fewer(part)
	}
	if f := n * rows(part) / all; f > 1 && !c.whole {
		part = shorter(part, f)
	}
	return part
}

// byLength is the cut that tells memory best. It keeps as many sequences as threads could
// work on at once, and as many again, and lengths that fill the blocks of attention.
func (p *prober) byLength() cut {
	c := cut{shortest: 32, few: max(4, 2*par.Threads()), whole: p.pictures}
	if p.work.attention {
		c.shortest = 256
	}
	return c
}

// byNumber is the cut that tells time best.
func (p *prober) byNumber() cut { return cut{few: 2, whole: p.pictures} }

// fewer returns every second sequence, from the longest one on.
func fewer(lengths []int) (part []int) {
	sorted := slices.Clone(lengths)
	slices.SortFunc(sorted, func(a, b int) int { return cmp.Compare(b, a) })
	for i := 0; i < len(sorted); i += 2 {
		part = append(part, sorted[i])
	}
	return part
}

// shorter returns n-th parts of sequences.
func shorter(lengths []int, n int) (part []int) {
	for _, L := range lengths {
		part = append(part, max(2, L/n))
	}
	return part
}

// A work says how the time of a sequence grows with its length.
type work struct {
	width     int
	attention bool
	scores    float64 // of attention: the work on a row, a row of the sequence
}

// workOf returns the most that attention may matter: its scores cost as much as the
// products of a row where a sequence has two rows a channel.
func workOf(e *experiment.Experiment) work {
	width := max(1, number(e, "width"))
	return work{width, e.Setting("mixer") == "attention", 1 / (2 * float64(width))}
}

// of returns the work on a batch, in units of the work on a row of a short sequence.
// Transforms add a tenth for each doubling.
func (w work) of(lengths []int) (sum float64) {
	for _, n := range lengths {
		L := float64(n)
		if w.attention {
			sum += L * (1 + L*w.scores)
		} else {
			sum += L * (1 + math.Log2(max(2, L))/10)
		}
	}
	return sum
}

// pictures says whether the sequences of a task are pictures, which have one length.
func pictures(e *experiment.Experiment) bool { return e.Setting("patch") != "" }

// number returns a setting that is a whole number, 0 if there is none.
func number(e *experiment.Experiment, key string) int {
	n, _ := strconv.Atoi(e.Setting(key))
	return n
}
