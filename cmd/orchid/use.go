package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/orchid-seq/orchid"
	"github.com/orchid-seq/orchid/experiment"
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
func (c fillMaskCmd) Run(ctx context.Context) (err error) {
	if c.Top < 1 {
		return usageError{fmt.Errorf("--top=%d: want at least 1", c.Top)}
	}
	m, err := orchid.Open(ctx, c.Dir, orchid.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	fillings, err := m.FillMask(ctx, orchid.FillOptions{Truncate: c.Truncate, Top: c.Top}, orchid.Input{A: c.Text})
	if err != nil {
		return ofFlags(err)
	}
	if err := fillings[0].Err; err != nil {
		return ofFlags(err)
	}
	for i, guesses := range fillings[0].Masks {
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
	Files      []string `arg:"" optional:"" name:"file" help:"Files, folders or globs; of texts - or none for JSON lines on standard input."`
	Format     string   `help:"Form of the files, where their names do not say it: text, jsonl, csv, tsv, fasta or parquet." placeholder:"NAME"`
	TextColumn string   `help:"Column of the text; by default that of the training." placeholder:"NAME"`
	PairColumn string   `help:"Column of a pair's second text; by default that of the training." placeholder:"NAME"`
	Document   string   `help:"Plain text: file, paragraph or line; by default that of the training." enum:"file,paragraph,line," default:"" placeholder:"NAME"`
	BadLines   string   `help:"stop, or skip: a line with an error in its place, and on." enum:"stop,skip" default:"stop"`
}

type predictCmd struct {
	StreamFlags
	Top int `help:"Words for each [MASK] of a masked language model." default:"5"`
}

// Help shows examples below the flags.
func (predictCmd) Help() string {
	return `A JSON object a text, in their order: the label or value with probabilities,
or, from a masked language model, words for each [MASK]. Models of pictures, of
sound and of time series label whole files: .png and .jpg, .wav, and every series
of a .ts or .csv file.

Examples:
  echo '{"text": "A fine film."}' | orchid predict runs/glue
  orchid predict runs/text reviews.csv > labels.jsonl
  orchid predict runs/text book.txt
  orchid predict runs/digits recordings/*.wav`
}

// Run predicts.
func (c predictCmd) Run(ctx context.Context) (err error) {
	if c.Top < 1 {
		return usageError{fmt.Errorf("--top=%d: want at least 1", c.Top)}
	}
	e, err := experiment.ReadConfig(c.Dir)
	if err != nil {
		return err
	}
	if !e.OfText() {
		return c.ofFiles(ctx, e)
	}
	m, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	if i := m.Info(); i.Classes != nil || i.Values {
		return c.stream(ctx, m, func(texts []orchid.Input) ([]line, error) {
			list, err := m.Classify(ctx, orchid.ClassifyOptions{Truncate: c.Truncate}, texts...)
			return linesOf(list, func(p orchid.Classification) line { return line{p.Prediction, p.Err} }), err
		})
	}
	return c.stream(ctx, m, func(texts []orchid.Input) ([]line, error) {
		list, err := m.FillMask(ctx, orchid.FillOptions{Truncate: c.Truncate, Top: c.Top}, texts...)
		return linesOf(list, func(f orchid.Filling) line {
			return line{struct {
				Masks [][]orchid.Guess `json:"masks"`
			}{f.Masks}, f.Err}
		}), err
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
func (c embedCmd) Run(ctx context.Context) (err error) {
	m, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	return c.stream(ctx, m, func(texts []orchid.Input) ([]line, error) {
		list, err := m.Embed(ctx, orchid.EmbedOptions{Truncate: c.Truncate}, texts...)
		return linesOf(list, func(e orchid.Embedding) line {
			return line{struct {
				Embedding []float32 `json:"embedding"`
			}{e.Vector}, e.Err}
		}), err
	})
}

func linesOf[T any](list []T, f func(T) line) (out []line) {
	for _, v := range list {
		out = append(out, f(v))
	}
	return out
}

func (c StreamFlags) open(ctx context.Context) (*orchid.Model, error) {
	return orchid.Open(ctx, c.Dir, orchid.Options{})
}
