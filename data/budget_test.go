package data

import (
	"slices"
	"testing"

	"github.com/orchid-seq/orchid/internal/random"
)

// budgets returns samplers over lengths of many kinds.
func budgets() (all []*Budget) {
	r := random.New(11, "budgets")
	kinds := []func() int{
		func() int { return 7 },
		func() int { return 1 + r.IntN(30) },
		func() int { return r.IntN(3) },                            // empty ones too
		func() int { return 1 + r.IntN(2)*r.IntN(200) },            // half of them 1
		func() int { return []int{1, 31, 32, 33}[r.IntN(4)] },      // about the budget of 32
		func() int { return 1 << r.IntN(11) },                      // far apart
		func() int { return 16 + 15*min(r.IntN(100), 1) },          // most just below it
		func() int { return 1 + 30*max(0, 1-r.IntN(20)) },          // few long ones
		func() int { return 1000 + r.IntN(5) },                     // all above it
		func() int { return []int{17, 30, 31}[min(r.IntN(9), 2)] }, // one or two a batch
	}
	for k, kind := range kinds {
		for _, n := range []int{1, 2, 3, 10, 101, 1000} {
			for _, tokens := range []int{1, 2, 32, 100, 4096} {
				lengths := make([]int, n)
				for i := range lengths {
					lengths[i] = kind()
				}
				all = append(all, &Budget{Length: func(i int) int { return lengths[i] }, N: n, Tokens: tokens, Seed: uint64(k)})
			}
		}
	}
	return all
}

// TestBudget holds for every sampler: each epoch deals every example once, no
// step is empty, long examples are alone, and a batch keeps to the budget.
func TestBudget(t *testing.T) {
	for k, b := range budgets() {
		per := b.StepsPerEpoch()
		total, longest := 0, 0 // of those below the budget
		for i := range b.N {
			if n := max(b.Length(i), 1); n < b.Tokens {
				total, longest = total+n, max(longest, n)
			}
		}
		for epoch := range 3 {
			var dealt []int
			for step := range per {
				batch := b.At(epoch*per + step)
				dealt = append(dealt, batch...)
				tokens, counted := 0, 0
				for _, i := range batch {
					n := max(b.Length(i), 1)
					if n >= b.Tokens && len(batch) > 1 {
						t.Errorf("case %d: an example of %d tokens shares its batch", k, n)
					}
					tokens += n
					counted += min(n, b.most)
				}
				switch {
				case len(batch) == 0:
					t.Fatalf("case %d: step %d of %d is empty", k, step, per)
				case len(batch) > 1 && counted >= b.Tokens+b.most:
					t.Errorf("case %d: %d tokens (counted %d) in a batch, longest %d, budget %d", k, tokens, counted, longest, b.Tokens)
				case len(batch) > 1 && b.most >= longest && tokens >= b.Tokens+longest:
					t.Errorf("case %d: %d tokens in a batch of %d", k, tokens, b.Tokens)
				}
			}
			slices.Sort(dealt)
			for i := range b.N {
				if i >= len(dealt) || dealt[i] != i || len(dealt) != b.N {
					t.Fatalf("case %d: epoch %d deals %d of %d examples", k, epoch, len(dealt), b.N)
				}
			}
		}
		if want := len(b.long) + (total+b.Tokens-1)/b.Tokens; per != want {
			t.Errorf("case %d: %d steps, want %d", k, per, want)
		}
	}
}

// TestBudgetResumes compares a sampler that starts late, or jumps, with one
// that goes through.
func TestBudgetResumes(t *testing.T) {
	for k, b := range budgets() {
		per := b.StepsPerEpoch()
		var whole [][]int
		for step := range 3 * per {
			whole = append(whole, b.At(step))
		}
		for _, step := range []int{3*per - 1, per, 0, 2*per + per/2, per - 1} {
			again := &Budget{Length: b.Length, N: b.N, Tokens: b.Tokens, Seed: b.Seed}
			if got := again.At(step); !slices.Equal(got, whole[step]) {
				t.Errorf("case %d: step %d deals %v, want %v", k, step, got, whole[step])
			}
			if got := b.At(step); !slices.Equal(got, whole[step]) {
				t.Errorf("case %d: back at step %d: %v, want %v", k, step, got, whole[step])
			}
		}
		if b.N >= 100 && slices.EqualFunc(whole[:per], whole[per:2*per], slices.Equal[[]int]) {
			t.Errorf("case %d: two epochs in the same order", k)
		}
	}
}
