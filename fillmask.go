package orchid

import (
	"context"

	"github.com/orchid-seq/orchid/task/language"
	"github.com/orchid-seq/orchid/task/mlm"
)

// A Guess is a word for a hidden one.
type Guess = mlm.Guess

// FillOptions say how masks are filled. They are comparable.
type FillOptions struct {
	Truncate bool // cut what the model does not take, in place of an error
	Top      int  // guesses for each [MASK]; 0 is 5
}

// A Filling is guesses for the masks of a text.
type Filling struct {
	Usage
	Masks [][]Guess // one list a [MASK], the most probable guess first
	Err   error     // why there are none
}

// MaskedTokens is Tokens as FillMask reads a text: [MASK] hides a word, and is one
// token. The error is a *TaskError if the model does not predict words, and says so if
// no word is hidden.
func (m *Model) MaskedTokens(in Input, truncate bool) (Encoding, error) {
	f, ok := m.task.(filler)
	if !ok {
		return Encoding{}, m.noFiller()
	}
	return f.Read(in, truncate)
}

func (m *Model) noFiller() error {
	return &TaskError{m.info.Dir, m.info.Task, "one of words: train one with orchid train mlm"}
}

// FillMask returns the most probable words for each [MASK] of texts. The error
// concerns all of them: the context has ended, or the model does not predict words
// (*TaskError), or the options are wrong (*OptionError); what concerns one text is in its Err.
func (m *Model) FillMask(ctx context.Context, o FillOptions, inputs ...Input) ([]Filling, error) {
	f, ok := m.task.(filler)
	switch {
	case !ok:
		return nil, m.noFiller()
	case o.Top < 0:
		return nil, wrongOption("Top", "%d words for a mask: want at least 1", o.Top)
	case o.Top == 0:
		o.Top = 5
	}
	out := make([]Filling, len(inputs))
	err := batches{
		ctx:    ctx,
		encode: func(in Input) (Encoding, error) { return f.Read(in, o.Truncate) },
		tell:   func(i int, u Usage, err error) { out[i].Usage, out[i].Err = u, err },
		compute: func(t *tape, b language.Batch, which []int, list []Encoding) {
			texts := make([]Input, len(which))
			for n, i := range which {
				texts[n] = inputs[i]
			}
			for n, masks := range f.Guess(t, b, texts, list, o.Top) {
				out[which[n]].Masks = masks
			}
		},
	}.run(inputs)
	if err != nil {
		return nil, err
	}
	return out, nil
}
