package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid"
	"github.com/orchid-seq/orchid/data/text"
	"github.com/orchid-seq/orchid/internal/numeral"
)

// most bounds what is computed together: texts that have come, and their bytes.
const (
	mostTexts = 64
	mostBytes = 32 << 10
)

// stream reads rows, computes those together that have come, and writes a line
// for each.
func (c StreamFlags) stream(ctx context.Context, m *orchid.Model, f func(texts []orchid.Input) ([]line, error)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	rows, failed := make(chan text.Row, mostTexts), make(chan error, 1)
	go func() {
		defer close(rows)
		failed <- c.read(ctx, m, func(r text.Row) error {
			select {
			case rows <- r:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	bad := 0
	for batch := next(ctx, rows); len(batch) > 0; batch = next(ctx, rows) {
		n, err := c.batch(batch, f)
		if bad += n; stdout.err != nil {
			return nil // run says so, unless the reader has gone
		}
		if err != nil {
			return ofFlags(err)
		}
	}
	if err := ctx.Err(); err != nil {
		return err // who reads may wait for standard input
	}
	if err := <-failed; err != nil {
		return ofFlags(err)
	}
	if bad > 0 {
		return fmt.Errorf("%s could not be read; their lines say why", numeral.Plural(bad, "text"))
	}
	return nil
}

// next waits for a row and takes along what else has come; none after the last.
func next(ctx context.Context, rows <-chan text.Row) (batch []text.Row) {
	for size := 0; ; {
		select {
		case <-ctx.Done():
			return nil
		case r, ok := <-rows:
			if !ok {
				return batch
			}
			batch = append(batch, r)
			for _, f := range r.Fields {
				size += len(f)
			}
		}
		if len(rows) == 0 || len(batch) == mostTexts || size >= mostBytes {
			return batch
		}
	}
}

// batch computes and writes some rows, and returns how many were bad.
func (c StreamFlags) batch(rows []text.Row, f func(texts []orchid.Input) ([]line, error)) (bad int, err error) {
	texts := make([]orchid.Input, len(rows))
	for i, r := range rows {
		texts[i].A = r.Fields[0]
		if len(r.Fields) > 1 {
			texts[i].B = r.Fields[1]
		}
	}
	out, err := f(texts)
	if err != nil {
		return 0, err
	}
	for i, l := range out {
		if l.err != nil {
			fault := &text.Fault{File: rows[i].File, Line: rows[i].Line, Reason: l.err.Error()}
			if c.BadLines == "stop" {
				fault.Reason += "; bad-lines=skip writes this in its place and goes on"
				return bad, fault
			}
			bad++
			l.value = badLine{ofFlags(fault).Error()}
		}
		if err := printJSON(l.value); err != nil {
			return bad, err
		}
	}
	return bad, nil
}

// A line is what becomes of a text, or why nothing does.
type line struct {
	value any
	err   error
}

// badLine stands in the place of a text that could not be read.
type badLine struct {
	Error string `json:"error"`
}

// read passes on the rows of the files or of standard input.
func (c StreamFlags) read(ctx context.Context, m *orchid.Model, yield func(text.Row) error) error {
	settings := m.Info().Settings
	o := text.Options{
		Format: c.Format, Columns: slices.Clone(m.Info().Columns), Document: cmp.Or(c.Document, settings["document"]), BadLines: c.BadLines, Formats: formats,
		NoQuotes: settings["quotes"] == "false", NoHeader: settings["header"] == "false",
	}
	if c.TextColumn != "" {
		o.Columns[0] = c.TextColumn
	}
	if c.PairColumn != "" {
		o.Columns = append(o.Columns[:1], c.PairColumn)
	}
	if len(c.Files) == 0 || len(c.Files) == 1 && c.Files[0] == "-" {
		in := bufio.NewReader(os.Stdin)
		if _, err := in.Peek(1); err == io.EOF {
			return nil // no lines in, no lines out
		}
		o.Format = cmp.Or(o.Format, "jsonl")
		err := skipped(text.ReadFrom(ctx, "standard input", in, o, yield))
		if c.Format == "" && err != nil && strings.Contains(err.Error(), "does not parse as a JSON object") {
			err = fmt.Errorf("%w; --format text is for plain text", err)
		}
		return err
	}
	files, err := text.Files(c.Files...)
	if err != nil {
		return err
	}
	return skipped(text.Read(ctx, files, o, nil, yield))
}

// skipped makes an error of lines that were passed over.
func skipped(r text.Report, err error) error {
	if err != nil || r.Skipped == 0 {
		return err
	}
	return errors.New(r.Bad())
}

// flagWords has the flags of these verbs for the settings of a training.
var flagWords = strings.NewReplacer(
	"bad-lines=skip", "--bad-lines skip", "truncate=true", "--truncate", "allow it to be cut (truncate)", "cut it by --truncate",
	"format= ", "--format ", "format=", "--format ", "text-column=", "--text-column ", "pair-column=", "--pair-column ",
)

// A flagError is an error in the words of the flags.
type flagError struct{ error }

func (e flagError) Error() string { return flagWords.Replace(e.error.Error()) }
func (e flagError) Unwrap() error { return e.error }

func ofFlags(err error) error { return flagError{err} }
