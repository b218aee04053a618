package text

import (
	"fmt"
	"slices"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/random"
	"github.com/orchid-seq/orchid/task/language"
)

// What is made of the two strands of DNA.
const (
	noStrand     = "none"
	randomStrand = "random" // training takes either
	meanStrand   = "mean"   // besides, the result is the mean over both
)

// openStrands finds the complements if strands matter.
func (k *Task) openStrands() (err error) {
	if k.c.ReverseComplement == noStrand {
		return nil
	}
	if len(k.source.Columns()) > 1 {
		return fmt.Errorf("reverse-complement=%s: pairs of texts have no strands", k.c.ReverseComplement)
	}
	if k.complements, err = k.words.Complements(); err != nil {
		return fmt.Errorf("reverse-complement=%s: %w", k.c.ReverseComplement, err)
	}
	return nil
}

// turn replaces a sequence by its other strand; [CLS] and [SEP] stay where they
// are.
func (k *Task) turn(words []int) {
	if len(words) < 2 {
		return
	}
	words = words[1 : len(words)-1]
	slices.Reverse(words)
	for i, w := range words {
		if w < len(k.complements) { // else an id that pads the vocabulary
			words[i] = k.complements[w]
		}
	}
}

// turnSome replaces the sequences of a training batch by their other strand, each
// with a chance of one half.
func (k *Task) turnSome(b batch, step int) batch {
	if k.complements == nil {
		return b
	}
	s := random.New(k.seed, "strands", step)
	for i := range b.Seq.Count() {
		if lo, hi := b.Seq.Span(i); s.Uint64()&1 == 1 {
			k.turn(b.Words[lo:hi])
		}
	}
	return b
}

// bothStrands returns out, which f made of a batch, or, if the mean over strands is
// asked for, its mean with what f makes of the other strands. It is for use, not
// for training.
func (k *Task) bothStrands(t *autograd.Tape, b language.Batch, out *autograd.Node, f func(b language.Batch) *autograd.Node) *autograd.Node {
	if k.c.ReverseComplement != meanStrand {
		return out
	}
	b.Words = slices.Clone(b.Words)
	for i := range b.Seq.Count() {
		lo, hi := b.Seq.Span(i)
		k.turn(b.Words[lo:hi])
	}
	sum := t.Add(out, f(b))
	half := make([]float32, sum.Shape[0])
	for i := range half {
		half[i] = 0.5
	}
	return t.ScaleRows(sum, half)
}

// checkBases says how many letters of a training set of bases the alphabet lacks,
// and refuses one that mostly consists of them.
func (k *Task) checkBases(set Examples) error {
	if _, err := k.words.Complements(); err != nil {
		return nil // no bases
	}
	var words []int
	unknown, all := 0, 0
	for i := range set.Len() {
		words, _ = set.Append(words[:0], i)
		for _, w := range words {
			if w == k.words.Special().Unknown {
				unknown++
			}
		}
		all += len(words)
	}
	const remedy = "name its letters, as in tokenizer=characters:ACGUN for RNA"
	switch {
	case 2*unknown > all:
		return fmt.Errorf("%d of %d letters are not in the alphabet of %s: %s", unknown, all, k.c.Language.Tokenizer, remedy)
	case unknown > 0:
		k.env.Say(fmt.Sprintf("%d of %d letters are not in the alphabet of %s and are all the same to the model; %s", unknown, all, k.c.Language.Tokenizer, remedy))
	}
	return nil
}
