package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/orchid-seq/orchid/internal/numeral"
	"github.com/orchid-seq/orchid/internal/whole"
	"github.com/orchid-seq/orchid/report"
)

type reportCmd struct {
	Dirs     []string `arg:"" name:"dir" help:"Folders below which there are runs, finished or not."`
	HTML     string   `name:"html" help:"Write a page that needs no other file." placeholder:"FILE"`
	Markdown string   `help:"Write tables: between the markers of a file that is there, or to a new one." placeholder:"FILE"`
	SVG      string   `name:"svg" help:"Write each plot as a file to this folder." placeholder:"DIR"`
	Lengths  []string `help:"Show run time too, of what orchid bench lengths --json printed." placeholder:"FILE"`
	Record   string   `help:"Copy what a report reads of each run, all but the weights, to this folder." placeholder:"DIR"`
	Kernels  string   `help:"Show the kernels of this run; by default of the first Orchid model." placeholder:"DIR"`
	JSON     bool     `name:"json" help:"Print the rows as JSON objects, a line each."`
	Watch    bool     `help:"Show the runs on a page of this machine, side by side, as they go on; Ctrl-C ends it."`
	UI       pageFlag `name:"ui" help:"With --watch: --ui=HOST:PORT says where the page is."`
}

// Help shows examples below the flags.
func (reportCmd) Help() string {
	return `Runs of one recipe, or of the same settings, are a row: mean and deviation over
their seeds, beside what the paper and the recipe say. What is not in the files
of the runs is shown as –. In a Markdown file the lines
  <!-- report:begin NAME -->
  <!-- report:end NAME -->
hold the place of a table; the text around them stays.

Examples:
  orchid report runs
  orchid report runs --markdown docs/results.md --html report.html
  orchid report runs --record records
  orchid report runs/recall-128 --lengths lengths.jsonl --svg plots
  orchid report --watch runs`
}

// Run reports.
func (c reportCmd) Run(ctx context.Context, g *Globals) error {
	switch {
	case c.Watch && c.Record != "":
		return usageError{errors.New("--watch shows runs as they go on: leave out --record, or --watch")}
	case c.Watch:
		return c.watch(ctx, g)
	case c.UI.asked:
		return usageError{errors.New("--ui says where the page of --watch is: add --watch")}
	}
	r, err := report.New(ctx, report.Options{Dirs: c.Dirs, Lengths: c.Lengths, Kernels: c.Kernels})
	if err != nil {
		return err
	}
	show := newScreen(g.Quiet)
	for _, n := range r.Notes {
		show.say("note: " + n)
	}
	if c.Markdown != "" {
		if err := c.writeMarkdown(r, show); err != nil {
			return err
		}
	}
	if c.HTML != "" {
		page, err := r.HTML()
		if err == nil {
			err = whole.WriteBytes(c.HTML, page)
		}
		if err != nil {
			return err
		}
		show.line("%s: %d kB", c.HTML, (len(page)+999)/1000)
	}
	if c.SVG != "" {
		if err := c.writeSVGs(r, show); err != nil {
			return err
		}
	}
	if c.Record != "" {
		n, err := r.Record(c.Record)
		if err != nil {
			return err
		}
		show.line("%s: %s", c.Record, numeral.Plural(n, "run"))
	}
	return c.print(r)
}

// writeMarkdown fills the markers of a file, or makes it.
func (c reportCmd) writeMarkdown(r *report.Report, show *screen) error {
	old, err := os.ReadFile(c.Markdown)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	text, notes, err := r.Markdown(old)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Markdown, err)
	}
	for _, n := range notes {
		show.say(fmt.Sprintf("note: %s: %s", c.Markdown, n))
	}
	return whole.WriteBytes(c.Markdown, text)
}

// writeSVGs writes a file a plot.
func (c reportCmd) writeSVGs(r *report.Report, show *screen) error {
	if err := os.MkdirAll(c.SVG, 0o755); err != nil {
		return err
	}
	files := r.SVGs()
	for _, f := range files {
		if err := whole.WriteBytes(filepath.Join(c.SVG, f.Name), f.Data); err != nil {
			return err
		}
	}
	show.line("%s: %s", c.SVG, numeral.Plural(len(files), "plot"))
	return nil
}

// print shows the rows where nothing was written, or people asked for JSON.
func (c reportCmd) print(r *report.Report) error {
	if c.JSON {
		for _, s := range r.Summaries() {
			if err := printJSON(s); err != nil {
				return err
			}
		}
		return nil
	}
	if c.HTML != "" || c.Markdown != "" || c.SVG != "" || c.Record != "" {
		return nil
	}
	for i, g := range r.Grids() {
		if i > 0 {
			fmt.Fprintln(stdout)
		}
		if _, err := io.WriteString(stdout, g.Text()); err != nil {
			return err
		}
	}
	return nil
}
