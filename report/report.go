// Package report collects runs into tables and figures: Markdown for the
// documentation, one HTML page that needs nothing else, and SVG files.
//
// What it shows stands in the files of the runs, or is absent.
package report

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/orchid-seq/orchid/internal/plot"
)

// Options say what a report is about.
type Options struct {
	Dirs    []string // folders below which runs are
	Lengths []string // files of orchid bench lengths --json
	Kernels string   // folder of the run whose kernels are shown; "" for the first that has some
}

// A Report is what was found. Nothing in it changes once it is made.
type Report struct {
	Tables  []*Table
	Lengths []LengthRow // by channels, then by length
	Kernels *Kernels    // nil for none
	// Notes say, a line each, what was left out and why.
	Notes []string

	runs []*Run
	dirs []string // of the options
}

// New reads the runs below folders. A run that cannot be read is noted; the
// error is about folders and files that were asked for by name, or says that
// there is no run.
func New(ctx context.Context, o Options) (*Report, error) {
	r := &Report{dirs: o.Dirs}
	dirs, notes, err := Find(o.Dirs)
	if err != nil {
		return nil, err
	}
	for _, dir := range dirs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		run, more, err := readRun(dir)
		if err != nil {
			notes = append(notes, fmt.Sprintf("left out: %v", err))
			continue
		}
		r.runs, notes = append(r.runs, run), append(notes, more...)
	}
	r.note(notes)
	if r.Lengths, notes, err = readLengths(o.Lengths); err != nil {
		return nil, err
	}
	r.note(notes)
	if len(r.runs) == 0 && len(r.Lengths) == 0 {
		if len(r.Notes) > 0 {
			return nil, fmt.Errorf("no run can be read; %s", strings.Join(r.Notes, "; "))
		}
		return nil, fmt.Errorf("no run below %s: a run is a folder that orchid train --out writes, with config.json and history.jsonl", strings.Join(o.Dirs, ", "))
	}
	r.Tables, notes = group(r.runs)
	r.note(notes)
	r.Kernels, err = pickKernels(ctx, r.runs, o.Kernels)
	if err != nil {
		if ctx.Err() != nil || o.Kernels != "" {
			return nil, err
		}
		r.note([]string{fmt.Sprintf("no kernels are shown: %v", err)})
	}
	return r, nil
}

// note keeps notes, a line each.
func (r *Report) note(notes []string) {
	for _, n := range notes {
		lines := strings.Split(strings.TrimSpace(n), "\n")
		if more := len(lines) - 1; more > 0 {
			lines[0] += fmt.Sprintf(" (and %d more)", more)
		}
		r.Notes = append(r.Notes, lines[0])
	}
}

// Grids returns every table, in order.
func (r *Report) Grids() (list []Grid) {
	for _, t := range r.Tables {
		list = append(list, t.results())
		if g, ok := t.others(); ok {
			list = append(list, g)
		}
		if g, _, ok := t.byLength(); ok {
			list = append(list, g)
		}
	}
	if len(r.Lengths) > 0 {
		list = append(list, runTimeGrid(r.Lengths))
	}
	return list
}

// figures returns every figure, in order.
func (r *Report) figures() (list []plot.Figure) {
	for _, t := range r.Tables {
		if _, f, ok := t.byLength(); ok {
			list = append(list, f)
		}
		list = append(list, t.curves()...)
	}
	if len(r.Lengths) > 0 {
		list = append(list, RunTimes(r.Lengths))
	}
	if r.Kernels != nil {
		list = append(list, r.Kernels.Figures...)
	}
	return list
}

// A File is one to write, with the name it wants in its folder.
type File struct {
	Name string
	Data []byte
}

// SVGs returns a file a figure.
func (r *Report) SVGs() (files []File) {
	seen := map[string]int{}
	for _, f := range r.figures() {
		name := slug(f.Title)
		if seen[name]++; seen[name] > 1 {
			name += fmt.Sprintf("-%d", seen[name])
		}
		files = append(files, File{filepath.Clean(name + ".svg"), f.SVG()})
	}
	return files
}

// A Summary is what a row says in numbers; what is not there was not measured.
type Summary struct {
	Table      string   `json:"table"`
	Row        string   `json:"row"`
	Metric     string   `json:"metric"`
	Mean       *float64 `json:"mean,omitempty"`
	Deviation  *float64 `json:"deviation,omitempty"` // of a sample, from two runs on
	Seeds      int      `json:"seeds"`               // runs that have finished
	Unfinished int      `json:"unfinished,omitempty"`
	Paper      *float64 `json:"paper,omitempty"`
	Expect     *float64 `json:"expect,omitempty"`
	Within     *bool    `json:"within,omitempty"` // the mean is as expected
	Parameters int      `json:"parameters,omitempty"`
	Seconds    *float64 `json:"seconds,omitempty"` // of training, the mean
	Dirs       []string `json:"dirs"`
}

// Summaries returns the rows of all tables. Values that are no numbers, which
// JSON cannot hold, are left out.
func (r *Report) Summaries() (list []Summary) {
	for _, t := range r.Tables {
		for _, row := range t.Rows {
			list = append(list, t.summary(row))
		}
	}
	return list
}

func (t *Table) summary(r *Row) Summary {
	s := Summary{Table: t.Name, Row: r.Name, Metric: r.Metric}
	set := func(to **float64, v float64, ok bool) {
		if ok && v-v == 0 {
			*to = &v
		}
	}
	m := meanOf(r.values())
	set(&s.Mean, m.mean, m.n > 0)
	set(&s.Deviation, m.deviation, m.n > 1)
	seconds := r.seconds()
	set(&s.Seconds, seconds.mean, seconds.n > 0)
	v, ok := r.paper()
	set(&s.Paper, v, ok)
	v, ok = r.expect()
	set(&s.Expect, v, ok)
	if within, ok := r.within(); ok {
		s.Within = &within
	}
	for _, run := range r.Runs {
		s.Dirs = append(s.Dirs, run.Dir)
		s.Parameters = max(s.Parameters, run.Parameters)
		if run.Finished {
			s.Seeds++
		} else {
			s.Unfinished++
		}
	}
	return s
}
