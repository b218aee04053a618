package report

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/orchid-seq/orchid/internal/numeral"
)

// A Grid is a table of texts; the first Keys of each row say what the row is, the
// first alone if Keys is 0.
type Grid struct {
	Name    string // by which a marker asks for it
	Caption string
	Keys    int
	Head    []string
	Rows    [][]string
}

// results is the grid of a table: what was measured beside what the paper and the
// recipe say.
func (t *Table) results() Grid {
	g := t.grid()
	metrics := map[string]bool{}
	for _, r := range t.Rows {
		metrics[r.Metric] = true
	}
	if len(metrics) == 1 {
		g.Head[1] = Words(t.Rows[0].Metric)
	}
	for i, r := range t.Rows {
		if len(metrics) > 1 && g.Rows[i][1] != none {
			g.Rows[i][1] = Words(r.Metric) + " " + g.Rows[i][1]
		}
	}
	g.dropEmpty()
	return g
}

// grid is that of results with all columns, the metrics without their names.
func (t *Table) grid() Grid {
	g := Grid{Name: t.Name, Caption: t.Name, Head: []string{"", "measured", "seeds", "paper", "expected", "parameters", "training time", "kernels"}}
	for _, r := range t.Rows {
		g.Rows = append(g.Rows, []string{r.Name, spread(r.Metric, meanOf(r.values())), r.seeds(), r.published(), r.expected(), r.parameters(), r.time(), r.kernels()})
	}
	return g
}

// Text writes the table for a terminal: its caption, and columns side by side.
func (g Grid) Text() string {
	lines := append([][]string{g.Head}, g.Rows...)
	width := make([]int, len(g.Head))
	for _, line := range lines {
		for i, c := range line {
			width[i] = max(width[i], utf8.RuneCountInString(c))
		}
	}
	var b strings.Builder
	b.WriteString(g.Caption + "\n")
	for _, line := range lines {
		text := ""
		for i, c := range line {
			text += "  " + c + strings.Repeat(" ", width[i]-utf8.RuneCountInString(c))
		}
		b.WriteString(strings.TrimRight(text, " ") + "\n")
	}
	return b.String()
}

// dropEmpty takes out the columns that say nothing in any row.
func (g *Grid) dropEmpty() {
	for c := len(g.Head) - 1; c > 1; c-- {
		if slices.ContainsFunc(g.Rows, func(row []string) bool { return row[c] != none }) {
			continue
		}
		g.Head = slices.Delete(g.Head, c, c+1)
		for i := range g.Rows {
			g.Rows[i] = slices.Delete(g.Rows[i], c, c+1)
		}
	}
}

// seeds says how many runs have finished, and how far the others are.
func (r *Row) seeds() string {
	finished, all := 0, len(r.Runs)
	var others []string
	for _, run := range r.Runs {
		if run.Finished {
			finished++
		} else {
			others = append(others, run.reached())
		}
	}
	if r.Recipe != nil {
		all = max(all, r.Recipe.Seeds)
	}
	text := fmt.Sprint(finished)
	if finished < all {
		text += fmt.Sprintf(" of %d", all)
	}
	if others != nil {
		text += "; " + strings.Join(others, "; ")
	}
	return text
}

// published is the paper's value and where it stands there.
func (r *Row) published() string {
	v, ok := r.paper()
	if !ok {
		return none
	}
	text := Value(r.Metric, v)
	if r.Recipe.Source != "" {
		text += " (" + r.Recipe.Source + ")"
	}
	return text
}

// expected is the recipe's value with its tolerance, and whether the mean is
// within.
func (r *Row) expected() string {
	v, ok := r.expect()
	if !ok {
		return none
	}
	text := spread(r.Metric, mean{v, r.Recipe.Tolerance, 2})
	within, ok := r.within()
	switch {
	case !ok:
		return text
	case within:
		return text + ": within"
	}
	return text + ": outside"
}

func (r *Row) parameters() string {
	for _, run := range r.Runs {
		if run.Parameters > 0 {
			return numeral.Thousands(run.Parameters)
		}
	}
	return none
}

// time is the mean of the runs that have finished.
func (r *Row) time() string {
	m := r.seconds()
	if m.n == 0 {
		return none
	}
	return Span(m.mean)
}

func (r *Row) seconds() mean {
	var list []float64
	for _, run := range r.Runs {
		if run.Finished {
			list = append(list, run.History.Seconds)
		}
	}
	return meanOf(list)
}

// kernels lists the levels of the CPUs that computed.
func (r *Row) kernels() string {
	var list []string
	for _, run := range r.Runs {
		if run.Kernels != "" && !slices.Contains(list, run.Kernels) {
			list = append(list, run.Kernels)
		}
	}
	if list == nil {
		return none
	}
	return strings.Join(list, ", ")
}

// runs is the grid of all runs of a table.
func (t *Table) runs() Grid {
	g := Grid{Name: t.Name + ": runs", Caption: t.Name + ", run by run", Head: []string{"folder", "row", "seed", "measured", "steps", "training time"}}
	for _, r := range t.Rows {
		for _, run := range r.Runs {
			measured, steps := none, numeral.Thousands(run.History.Step)
			if v, ok := run.result()[r.Metric]; ok && run.Finished {
				measured = Words(r.Metric) + " " + Value(r.Metric, v)
			}
			if !run.Finished {
				steps = run.reached()
			}
			g.Rows = append(g.Rows, []string{run.Dir, r.Name, fmt.Sprint(run.Experiment.Training.Seed), measured, steps, Span(run.History.Seconds)})
		}
	}
	return g
}
