package corpus

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/orchid-seq/orchid/data/store"
	"github.com/orchid-seq/orchid/data/text"
	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/internal/par"
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
	partAt          int // the same
	rows            []text.Row
	bytes           int
	read            int // rows of the blocks before
	encoded         []encoded
	mine            text.Report // bad documents among the rows
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
	if o.Part.Column != "" {
		b.partAt = len(b.columns)
		b.columns = append(b.columns, o.Part.Column)
	}
	if err := b.checkSpecials(); err != nil {
		return err
	}
	b.w, err = store.Create(path, store.Meta{Tokenizer: o.Tokenizer.Fingerprint(), Vocabulary: o.Tokenizer.Size(), Source: key})
	if err != nil {
		return elsewhere(err)
	}
	defer b.w.Abort()
	read, err := text.Read(ctx, files, text.Options{
		Format: c.Format, Columns: b.columns, Document: c.Document, Separator: c.Separator,
		NoQuotes: !c.Quotes, NoHeader: !c.Header, BadLines: c.BadLines, Formats: o.Formats,
	}, report, b.add)
	if err == nil {
		err = b.flush()
	}
	if err == nil {
		err = b.refuse()
	}
	if err != nil {
		return err
	}
	return b.finish(read)
}

// refuse names the documents with letters that are no bases, unless they are
// skipped: of other faults the first has ended the reading.
func (b *builder) refuse() error {
	if b.c.BadLines == "skip" || b.mine.Skipped == 0 {
		return nil
	}
	const most = 10 // of a line
	list := fault.Texts(b.mine.Faults[:min(most, len(b.mine.Faults))])
	if n := b.mine.Skipped - len(list); n > 0 {
		list = append(list, fmt.Sprintf("and %d more", n))
	}
	return fmt.Errorf("%s. Mend these texts, leave them out by bad-lines=skip, or choose a tokenizer that has their letters, as in tokenizer=bytes", strings.Join(list, "; "))
}

// checkSpecials makes sure that the special words exist and leave room.
func (b *builder) checkSpecials() error {
	if !b.o.Specials {
		return nil
	}
	if s := b.o.Tokenizer.Special(); s.Class < 0 || s.Separator < 0 {
		return fmt.Errorf("the vocabulary of %d words has no [CLS] or no [SEP] to put around a text", b.o.Tokenizer.Size())
	}
	around := 2
	if b.pairAt > 0 {
		around = 3
	}
	if most := b.o.MaxLength; most > 0 && most < around {
		return fmt.Errorf("max-length=%d: the special words around a text are %d", most, around)
	}
	return nil
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
			if !b.wants(b.rows[i]) {
				b.encoded[i].other = true
				continue
			}
			b.encoded[i] = b.encode(b.rows[i])
		}
	})
	for i, r := range b.rows {
		if b.encoded[i].other {
			continue
		}
		if f := b.encoded[i].foreign; f != nil { // refuse names all of them
			b.mine.Skip(f)
			continue
		}
		err := b.store(b.read+i, r, b.encoded[i])
		if f := (*text.Fault)(nil); errors.As(err, &f) && b.c.BadLines == "skip" {
			b.mine.Skip(f)
		} else if err != nil {
			return err
		}
	}
	b.read += len(b.rows)
	clear(b.rows) // lets go of the texts
	b.rows, b.bytes = b.rows[:0], 0
	return nil
}

// wants says whether a row belongs to the part that is asked for.
func (b *builder) wants(r text.Row) bool { return b.partAt == 0 || b.o.Part.has(r.Fields[b.partAt]) }

// store adds row n to the store. An error that is a *text.Fault is the row's.
func (b *builder) store(n int, r text.Row, e encoded) error {
	if e.err != nil {
		return e.err
	}
	d := store.Document{IDs: e.ids, Second: e.second, Row: n}
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
	return elsewhere(b.w.Add(d))
}

// wrong makes a fault of a row.
func wrong(r text.Row, reason string) *text.Fault {
	return &text.Fault{File: r.File, Line: r.Line, Reason: reason + "; " + text.Remedy}
}

// finish completes the store.
func (b *builder) finish(read text.Report) error {
	if p := b.o.Part; b.w.Documents() == 0 && b.read > 0 && p.Column != "" && b.mine.Skipped == 0 {
		return fmt.Errorf("%s: the column %s puts all of %d documents on one side of %g: nothing is %s; choose another column or share",
			strings.Join(b.c.Data, ", "), p.Column, b.read, p.Share, map[bool]string{true: "held out", false: "left to train on"}[p.Held])
	}
	faults := append(read.Faults, b.mine.Faults...)
	if b.w.Documents() == 0 {
		first := ""
		if len(faults) > 0 {
			first = fmt.Sprintf("; the first bad one: %v", faults[0])
		}
		return fmt.Errorf("%s: no document is left of %d (%d bad lines, %d without a token)%s",
			strings.Join(b.c.Data, ", "), read.Rows+read.Skipped, read.Skipped+b.mine.Skipped, b.w.Meta.Empty, first)
	}
	m := &b.w.Meta
	m.Skipped = read.Skipped + b.mine.Skipped
	for _, f := range faults {
		m.Faults = append(m.Faults, f.Error())
	}
	m.Faults = m.Faults[:min(len(m.Faults), text.KeptFaults)]
	if b.labels != nil {
		m.Labels = b.labels.sort(b.w)
	}
	return elsewhere(b.w.Finish())
}

// elsewhere says of an error of the cache, such as a full disk, what helps.
func elsewhere(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w; name another folder for tokenised texts by cache=DIR", err)
}
