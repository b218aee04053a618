package corpus

import (
	"fmt"
	"strings"

	"github.com/orchid-seq/orchid/data/text"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/tokenize"
)

// encoded is a row as a model sees it, or why it cannot be.
type encoded struct {
	ids    []int
	second int
	cut    int
	err    error
	other  bool // of another part: left out

	foreign *text.Fault // it has letters that are no bases
}

// encode cuts a row into tokens.
func (b *builder) encode(r text.Row) (e encoded) {
	for _, f := range r.Fields[:b.pairAt+1] { // the second text of a pair stands behind the first
		if err := b.o.Tokenizer.CheckBases(f); err != nil {
			e.foreign = &text.Fault{File: r.File, Line: r.Line, Reason: err.Error()}
			return e
		}
	}
	if b.pairAt > 0 {
		return b.encodePair(r)
	}
	a := ids(b.o.Tokenizer, r.Fields[0])
	around := 0
	if b.o.Specials {
		around = 2
	}
	if most := b.o.MaxLength; most > 0 && len(a)+around > most {
		if !b.c.Truncate {
			e.err = b.tooLong(r, len(a)+around)
			return e
		}
		keep := most - around
		e.cut, a = len(a)-keep, a[:keep]
	}
	if s := b.o.Tokenizer.Special(); b.o.Specials {
		a = append(append([]int{s.Class}, a...), s.Separator)
	}
	e.ids = a
	return e
}

// encodePair cuts the two texts of a row, or the one if the other is empty, into
// tokens.
func (b *builder) encodePair(r text.Row) (e encoded) {
	layout := tokenize.Layout{Bare: !b.o.Specials}
	x, err := b.o.Tokenizer.EncodePair(layout, r.Fields[0], r.Fields[b.pairAt])
	if err == nil && b.o.MaxLength > 0 && len(x.IDs) > b.o.MaxLength {
		if !b.c.Truncate {
			e.err = b.tooLong(r, len(x.IDs))
			return e
		}
		layout.MaxLength, layout.Truncate = b.o.MaxLength, true
		x, err = b.o.Tokenizer.EncodePair(layout, r.Fields[0], r.Fields[b.pairAt])
	}
	if err != nil {
		e.err = wrong(r, err.Error())
		return e
	}
	e.ids, e.cut, e.second = x.IDs, x.Cut, x.Second()
	return e
}

func (b *builder) tooLong(r text.Row, n int) error {
	return wrong(r, fmt.Sprintf("%d tokens where the model takes %d: truncate=true cuts it", n, b.o.MaxLength))
}

// piece is how many bytes of a long text are tokenised at once.
const piece = 256 << 10

// ids returns the tokens of a text. A long one is cut behind line ends, which
// no token contains, and tokenised on all threads.
func ids(t *tokenize.Tokenizer, s string) []int {
	var pieces []string
	for len(s) > piece {
		n := strings.IndexByte(s[piece:], '\n')
		if n < 0 {
			break
		}
		pieces, s = append(pieces, s[:piece+n+1]), s[piece+n+1:]
	}
	pieces = append(pieces, s)
	parts := make([][]int, len(pieces))
	par.For(len(pieces), 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			tokens := t.Append(nil, pieces[i])
			parts[i] = make([]int, len(tokens))
			for j, token := range tokens {
				parts[i][j] = token.ID
			}
		}
	})
	all := parts[0]
	for _, part := range parts[1:] {
		all = append(all, part...)
	}
	return all
}
