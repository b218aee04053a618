package report

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/orchid-seq/orchid/internal/numeral"
	"github.com/orchid-seq/orchid/internal/plot"
)

// A stretched row is a row of a table at several lengths.
type stretched struct {
	name, look string
	at         map[int]*atLength
}

// atLength is what the runs of a row score at one length.
type atLength struct {
	values []float64 // a run each
	tests  int       // of all runs, 0 where one does not say
}

// stretchedBy are the settings of an evaluation that do not make its task another
// one.
var stretchedBy = []string{"length", "tests", "batch"}

// stretches collects the evaluations that name a length; the last of several that
// are alike counts.
func (t *Table) stretches() (list []*stretched) {
	looks := t.looks()
	for i, r := range t.Rows {
		rows := map[string]*stretched{}
		for _, run := range r.Runs {
			last := map[string]map[int]Evaluation{} // by what else is set
			for _, e := range run.Evaluations {
				L, ok := e.length()
				if !ok {
					continue
				}
				also := ""
				for _, k := range slices.Sorted(maps.Keys(e.Settings)) {
					if !slices.Contains(stretchedBy, k) {
						also += ", " + k + "=" + e.Settings[k]
					}
				}
				if last[also] == nil {
					last[also] = map[int]Evaluation{}
				}
				last[also][L] = e
			}
			for also, at := range last {
				if rows[also] == nil {
					rows[also] = &stretched{name: r.Name + also, look: looks[i], at: map[int]*atLength{}}
				}
				for L, e := range at {
					rows[also].add(L, e, run)
				}
			}
		}
		for n, also := range slices.Sorted(maps.Keys(rows)) {
			if n > 0 {
				rows[also].look += " dashed"
			}
			list = append(list, rows[also])
		}
	}
	return list
}

// add counts the evaluation of one run.
func (s *stretched) add(L int, e Evaluation, run *Run) {
	if s.at[L] == nil {
		s.at[L] = &atLength{}
	}
	text := e.Settings["tests"]
	if text == "" {
		text = run.setting("tests")
	}
	tests, _ := strconv.Atoi(text)
	s.at[L].values = append(s.at[L].values, e.Metrics["accuracy"])
	s.at[L].tests += tests
}

// byLength are the grid and the figure of accuracy against length; ok is false
// where nothing was measured.
func (t *Table) byLength() (g Grid, f plot.Figure, ok bool) {
	rows := t.stretches()
	if rows == nil {
		return g, f, false
	}
	title := t.Name + ": accuracy against length"
	g = Grid{Name: t.Name + ": by length", Caption: title + " (in brackets: how many tests)", Head: []string{""}}
	f = plot.Figure{Title: title, Y: "accuracy", Shows: []float64{0, 1}, Panels: []plot.Panel{{X: "length", Base: 2}}}
	lengths := map[int]bool{}
	for _, s := range rows {
		for L := range s.at {
			lengths[L] = true
		}
	}
	sorted := slices.Sorted(maps.Keys(lengths))
	for _, L := range sorted {
		g.Head = append(g.Head, numeral.Thousands(L))
	}
	for _, s := range rows {
		row, line := []string{s.name}, plot.Line{Name: s.name, Class: s.look}
		for _, L := range sorted {
			at := s.at[L]
			if at == nil {
				row = append(row, none)
				continue
			}
			m := meanOf(at.values)
			text := spread("accuracy", m)
			if at.tests > 0 {
				text += fmt.Sprintf(" (%s)", numeral.Thousands(at.tests))
			}
			row = append(row, text)
			line.Points = append(line.Points, [2]float64{float64(L), m.mean})
		}
		g.Rows, f.Panels[0].Lines = append(g.Rows, row), append(f.Panels[0].Lines, line)
	}
	return g, f, true
}
