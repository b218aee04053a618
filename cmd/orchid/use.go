package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/orchid-seq/orchid"
	"github.com/orchid-seq/orchid/data/text"
)

// UseFlags are those of the verbs that use a model of text.
type UseFlags struct {
	Truncate bool `help:"Cut texts that have more words than the model takes; without it they are bad lines."`
}

type fillMaskCmd struct {
	UseFlags
	Dir  string `arg:"" help:"Model folder."`
	Text string `arg:"" help:"A text with [MASK] where a word is wanted."`
	Top  int    `help:"Words to show for each." default:"5"`
	JSON bool   `name:"json" help:"Print a JSON object for each [MASK]."`
}

// Help shows an example below the flags.
func (fillMaskCmd) Help() string {
	return "Example:\n  orchid fill-mask runs/mlm 'She opened the [MASK] and went in.'"
}

// Run fills masks.
func (c fillMaskCmd) Run(ctx context.Context) error {
	if c.Top < 1 {
		return usageError{fmt.Errorf("--top=%d: want at least 1", c.Top)}
	}
	m, err := orchid.Open(ctx, c.Dir, orchid.Options{Truncate: c.Truncate})
	if err != nil {
		return err
	}
	masks, err := m.FillMask(ctx, c.Text, c.Top)
	if err != nil {
		return err
	}
	for i, guesses := range masks {
		if c.JSON {
			if err := printJSON(struct {
				Mask    int            `json:"mask"`
				Guesses []orchid.Guess `json:"guesses"`
			}{i + 1, guesses}); err != nil {
				return err
			}
			continue
		}
		if i > 0 {
			fmt.Fprintln(stdout)
		}
		for _, g := range guesses {
			fmt.Fprintf(stdout, "%5.1f %%  %-16s %s\n", 100*g.Probability, g.Word, g.Text)
		}
	}
	return nil
}

// StreamFlags are those of predict and embed.
type StreamFlags struct {
	UseFlags
	Dir        string   `arg:"" help:"Model folder."`
	Files      []string `arg:"" optional:"" name:"file" help:"Files, folders or globs of texts; - or none for JSON lines on standard input."`
	Format     string   `help:"Form of the files, where their names do not say it: text, jsonl, csv, tsv, fasta or parquet." placeholder:"NAME"`
	TextColumn string   `help:"Column of the text; by default that of the training." placeholder:"NAME"`
	PairColumn string   `help:"Column of a pair's second text; by default that of the training." placeholder:"NAME"`
	Document   string   `help:"Plain text: file, paragraph or line." enum:"file,paragraph,line" default:"file"`
	BadLines   string   `help:"stop, or skip: a line with an error in its place, and on." enum:"stop,skip" default:"stop"`
}

type predictCmd struct {
	StreamFlags
	Top int `help:"Words for each [MASK] of a masked language model." default:"5"`
}

// Help shows examples below the flags.
func (predictCmd) Help() string {
	return `A JSON object a text, in their order: the label or value with probabilities,
or, from a masked language model, words for each [MASK].

Examples:
  echo '{"text": "A fine film."}' | orchid predict runs/glue
  orchid predict runs/text reviews.csv > labels.jsonl
  orchid predict runs/text book.txt`
}

// Run predicts.
func (c predictCmd) Run(ctx context.Context) error {
	if c.Top < 1 {
		return usageError{fmt.Errorf("--top=%d: want at least 1", c.Top)}
	}
	m, err := c.open(ctx)
	if err != nil {
		return err
	}
	if m.Classifies() {
		return c.stream(ctx, m, func(texts []orchid.Input) ([]any, error) { return anySlice(m.Classify(ctx, texts...)) })
	}
	return c.stream(ctx, m, func(texts []orchid.Input) ([]any, error) {
		var out []any
		for i, t := range texts {
			masks, err := m.FillMask(ctx, t.A, c.Top)
			if err != nil {
				return nil, &orchid.InputError{Index: i, Err: err}
			}
			out = append(out, struct {
				Masks [][]orchid.Guess `json:"masks"`
			}{masks})
		}
		return out, nil
	})
}

type embedCmd struct{ StreamFlags }

// Help shows examples below the flags.
func (embedCmd) Help() string {
	return `A JSON object a text, in their order, with its vector.

Examples:
  echo '{"text": "A fine film."}' | orchid embed runs/mlm
  orchid embed runs/mlm --document paragraph book.txt > vectors.jsonl`
}

// Run embeds.
func (c embedCmd) Run(ctx context.Context) error {
	m, err := c.open(ctx)
	if err != nil {
		return err
	}
	return c.stream(ctx, m, func(texts []orchid.Input) ([]any, error) {
		vectors, err := m.Embed(ctx, texts...)
		out := make([]any, len(vectors))
		for i, v := range vectors {
			out[i] = struct {
				Embedding []float32 `json:"embedding"`
			}{v}
		}
		return out, err
	})
}

func anySlice[T any](list []T, err error) ([]any, error) {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out, err
}

func (c StreamFlags) open(ctx context.Context) (*orchid.Model, error) {
	return orchid.Open(ctx, c.Dir, orchid.Options{Truncate: c.Truncate})
}

// most bounds what is computed together: texts that have come, and their bytes.
const (
	mostTexts = 64
	mostBytes = 32 << 10
)

// stream reads rows, computes those together that have come, and writes a line
// for each.
func (c StreamFlags) stream(ctx context.Context, m *orchid.Model, f func(texts []orchid.Input) ([]any, error)) error {
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
	for batch := next(rows); len(batch) > 0; batch = next(rows) {
		n, err := c.batch(batch, f)
		if bad += n; stdout.err != nil {
			return nil // run says so, unless the reader has gone
		}
		if err != nil {
			return err
		}
	}
	if err := <-failed; err != nil {
		return err
	}
	if bad > 0 {
		return fmt.Errorf("%d texts could not be read; their lines say why", bad)
	}
	return nil
}

// next waits for a row and takes along what else has come.
func next(rows <-chan text.Row) (batch []text.Row) {
	size := 0
	for r := range rows {
		batch = append(batch, r)
		for _, f := range r.Fields {
			size += len(f)
		}
		if len(rows) == 0 || len(batch) == mostTexts || size >= mostBytes {
			break
		}
	}
	return batch
}

// batch computes and writes some rows, and returns how many were bad.
func (c StreamFlags) batch(rows []text.Row, f func(texts []orchid.Input) ([]any, error)) (bad int, err error) {
	texts := make([]orchid.Input, len(rows))
	for i, r := range rows {
		texts[i].A = r.Fields[0]
		if len(r.Fields) > 1 {
			texts[i].B = r.Fields[1]
		}
	}
	for len(texts) > 0 {
		out, err := f(texts)
		var input *orchid.InputError
		if errors.As(err, &input) {
			if out = nil; input.Index > 0 { // those before it are good
				if out, err = f(texts[:input.Index]); err != nil {
					return bad, err
				}
			}
		} else if err != nil {
			return bad, err
		}
		for _, v := range out {
			if err := printJSON(v); err != nil {
				return bad, err
			}
		}
		rows, texts = rows[len(out):], texts[len(out):]
		if input == nil {
			continue
		}
		fault := &text.Fault{File: rows[0].File, Line: rows[0].Line, Reason: input.Err.Error()}
		if c.BadLines == "stop" {
			return bad, fault
		}
		if err := printJSON(badLine{fault.Error()}); err != nil {
			return bad, err
		}
		bad, rows, texts = bad+1, rows[1:], texts[1:]
	}
	return bad, nil
}

// badLine stands in the place of a text that could not be read.
type badLine struct {
	Error string `json:"error"`
}

// read passes on the rows of the files or of standard input.
func (c StreamFlags) read(ctx context.Context, m *orchid.Model, yield func(text.Row) error) error {
	settings := m.Settings()
	o := text.Options{
		Format: c.Format, Columns: m.Columns(), Document: c.Document, BadLines: c.BadLines, Formats: formats,
		NoQuotes: settings["quotes"] == "false", NoHeader: settings["header"] == "false",
	}
	if c.TextColumn != "" {
		o.Columns[0] = c.TextColumn
	}
	if c.PairColumn != "" {
		o.Columns = append(o.Columns[:1], c.PairColumn)
	}
	if len(c.Files) == 0 || len(c.Files) == 1 && c.Files[0] == "-" {
		if o.Format == "" {
			o.Format = "jsonl"
		}
		return skipped(text.ReadFrom(ctx, "standard input", os.Stdin, o, yield))
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
	var faults []string
	for _, f := range r.Faults {
		faults = append(faults, f.Error())
	}
	return fmt.Errorf("%d bad lines were skipped:\n%s", r.Skipped, strings.Join(faults, "\n"))
}
