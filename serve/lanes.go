package serve

import (
	"context"

	"github.com/orchid-seq/orchid"
)

// lanes are the queues of a model: a text that is longer than a batch may be has one of
// its own, so that short ones need not wait for it.
type lanes struct{ short, long *lane }

func newLanes(budget int, c *counters) lanes {
	return lanes{short: &lane{budget: budget, counts: c}, long: &lane{budget: budget, last: true, counts: c}}
}

// do computes the texts of a request in the lanes that they belong to.
func (l lanes) do(ctx context.Context, options any, compute func(context.Context, []orchid.Input) ([]any, error), inputs []orchid.Input, tokens []int) ([]any, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // what fails in one lane is not worth the work in the other
	var jobs [2]job
	var places [2][]int
	for i, in := range inputs {
		which := 0
		if tokens[i] > l.short.budget {
			which = 1
		}
		j := &jobs[which]
		j.inputs, j.tokens = append(j.inputs, in), append(j.tokens, tokens[i])
		places[which] = append(places[which], i)
	}
	failed := make(chan error, len(jobs))
	for which, lane := range []*lane{l.short, l.long} {
		j := &jobs[which]
		if len(j.inputs) == 0 {
			failed <- nil
			continue
		}
		j.ctx, j.options, j.compute = ctx, options, compute
		go func() { failed <- lane.do(j) }()
	}
	for range jobs {
		if err := <-failed; err != nil {
			return nil, err
		}
	}
	results := make([]any, len(inputs))
	for which, j := range jobs {
		for n, i := range places[which] {
			results[i] = j.results[n]
		}
	}
	return results, nil
}
