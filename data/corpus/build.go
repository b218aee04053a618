package corpus

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/orchid-seq/orchid/data/store"
	"github.com/orchid-seq/orchid/data/text"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/tokenize"
)

// A block of rows is tokenised at once, on all threads.
const (
	blockRows  = 1024
	blockBytes = 4 << 20
)

// builder makes a store of rows.
type builder struct {
	c      Config
	o      Options
	w      *store.Writer
	labels *labels

	columns         []string
	pairAt, labelAt int // where the columns stand in a row, 0 for nowhere
	rows            []text.Row
	bytes           int
	encoded         []encoded
	mine            text.Report // bad documents among the rows
}

// encoded is a row as a model sees it, or why it cannot be.
type encoded struct {
	ids    []int
	second int
	cut    int
	err    error
}

// build tokenises the files into the store at path.
func build(ctx context.Context, path, key string, files []string, c Config, o Options, report func(done, total int64)) (err error) {
	sweep(filepath.Dir(path))
	b := &builder{c: c, o: o, columns: []string{c.TextColumn}}
	if c.PairColumn != "" {
		b.pairAt = len(b.columns)
		b.columns = append(b.columns, c.PairColumn)
	}
	if o.Labels != NoLabels {
		b.labelAt = len(b.columns)
		b.columns = append(b.columns, c.LabelColumn)
		b.labels = newLabels(o, c.Separator)
	}
	special := o.Tokenizer.Special()
	if o.Specials && (special.Class < 0 || special.Separator < 0) {
		return fmt.Errorf("the vocabulary of %d words has no [CLS] or no [SEP] to put around a text", o.Tokenizer.Size())
	}
	b.w, err = store.Create(path, store.Meta{Tokenizer: o.Tokenizer.Fingerprint(), Vocabulary: o.Tokenizer.Size(), Source: key})
	if err != nil {
		return fmt.Errorf("%w; name another folder for tokenised texts by cache=DIR", err)
	}
	defer b.w.Abort()
	read, err := text.Read(ctx, files, text.Options{
		Format: c.Format, Columns: b.columns, Document: c.Document, Separator: c.Separator,
		NoQuotes: !c.Quotes, NoHeader: !c.Header, BadLines: c.BadLines, Formats: o.Formats,
	}, report, b.add)
	if err == nil {
		err = b.flush()
	}
	if err != nil {
		return err
	}
	return b.finish(read)
}

// add takes a row from the files.
func (b *builder) add(r text.Row) error {
	b.rows = append(b.rows, r)
	for _, f := range r.Fields {
		b.bytes += len(f)
	}
	if len(b.rows) < blockRows && b.bytes < blockBytes {
		return nil
	}
	return b.flush()
}

// flush tokenises the rows of the block and adds them to the store in order.
func (b *builder) flush() error {
	b.encoded = append(b.encoded[:0], make([]encoded, len(b.rows))...)
	par.For(len(b.rows), 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			b.encoded[i] = b.encode(b.rows[i])
		}
	})
	for i, r := range b.rows {
		err := b.store(r, b.encoded[i])
		if f := (*text.Fault)(nil); errors.As(err, &f) && b.c.BadLines == "skip" {
			b.mine.Skip(f)
		} else if err != nil {
			return err
		}
	}
	clear(b.rows) // lets go of the texts
	b.rows, b.bytes = b.rows[:0], 0
	return nil
}

// store adds a row to the store. An error that is a *text.Fault is the row's.
func (b *builder) store(r text.Row, e encoded) error {
	if e.err != nil {
		return e.err
	}
	d := store.Document{IDs: e.ids, Second: e.second}
	if b.labelAt > 0 {
		var err error
		if d.Labels, err = b.labels.read(r.Fields[b.labelAt]); err != nil {
			return wrong(r, err.Error())
		}
	}
	if len(d.IDs) == 0 {
		b.w.Meta.Empty++
		return nil
	}
	if e.cut > 0 {
		b.w.Meta.Cut++
		b.w.Meta.CutTokens += e.cut
	}
	return b.w.Add(d)
}

// wrong makes a fault of a row.
func wrong(r text.Row, reason string) *text.Fault {
	return &text.Fault{File: r.File, Line: r.Line, Reason: reason + "; bad-lines=skip leaves it out"}
}

// finish completes the store.
func (b *builder) finish(read text.Report) error {
	if b.w.Documents() == 0 {
		return fmt.Errorf("%s: no document is left of %d (%d bad lines, %d without a token)",
			strings.Join(b.c.Data, ", "), read.Rows+read.Skipped, read.Skipped+b.mine.Skipped, b.w.Meta.Empty)
	}
	m := &b.w.Meta
	m.Skipped = read.Skipped + b.mine.Skipped
	for _, f := range append(read.Faults, b.mine.Faults...) {
		m.Faults = append(m.Faults, f.Error())
	}
	m.Faults = m.Faults[:min(len(m.Faults), text.KeptFaults)]
	if b.labels != nil {
		m.Labels = b.labels.sort(b.w)
	}
	return b.w.Finish()
}

// encode cuts a row into tokens.
func (b *builder) encode(r text.Row) (e encoded) {
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
		keep := max(most-around, 0)
		e.cut, a = len(a)-keep, a[:keep]
	}
	if s := b.o.Tokenizer.Special(); b.o.Specials {
		a = append(append([]int{s.Class}, a...), s.Separator)
	}
	e.ids = a
	return e
}

// encodePair cuts the two texts of a row into tokens.
func (b *builder) encodePair(r text.Row) (e encoded) {
	layout := tokenize.Layout{Bare: !b.o.Specials}
	x, err := b.o.Tokenizer.Encode(layout, r.Fields[0], r.Fields[b.pairAt])
	if err == nil && b.o.MaxLength > 0 && len(x.IDs) > b.o.MaxLength {
		if !b.c.Truncate {
			e.err = b.tooLong(r, len(x.IDs))
			return e
		}
		layout.MaxLength, layout.Truncate = b.o.MaxLength, true
		x, err = b.o.Tokenizer.Encode(layout, r.Fields[0], r.Fields[b.pairAt])
	}
	if err != nil {
		e.err = wrong(r, err.Error())
		return e
	}
	e.ids, e.cut = x.IDs, x.Cut
	for e.second < len(x.Types) && x.Types[e.second] == 0 {
		e.second++
	}
	if e.second == len(x.Types) { // the second text is empty
		e.second = 0
	}
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
