package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/orchid-seq/orchid/internal/numeral"
)

// A confusionView is a confusion matrix as the page shows it.
type confusionView struct {
	Caption string
	Classes []string
	Rows    []confusionRow
}

type confusionRow struct {
	Class, Share string // share of the class that was taken for itself
	Cells        []confusionCell
}

type confusionCell struct {
	Count   string
	Heat    int // from 0 to 100, of the root of the share of the row, so that few can be seen
	Correct bool
}

// A page shows matrices of up to so many classes, and of more the most frequent
// mistakes alone.
const (
	mostClasses  = 50
	mostMistakes = 30
)

// confusions returns a matrix for each row of a table that has some: the sum over
// its runs of the same classes. Those with too many classes are grids of mistakes.
func (t *Table) confusions() (list []confusionView, mistakes []Grid) {
	for _, r := range t.Rows {
		var sum *Confusion
		runs := 0
		for _, run := range r.Runs {
			c := run.Confusion
			switch {
			case c == nil || !run.Finished: // what has no result yet
			case sum == nil:
				sum, runs = &Confusion{Classes: c.Classes, Split: c.Split}, 1
				for _, row := range c.Counts {
					sum.Counts = append(sum.Counts, slices.Clone(row))
				}
			case slices.Equal(sum.Classes, c.Classes) && sum.Split == c.Split:
				runs++
				for i, row := range c.Counts {
					for j, n := range row {
						sum.Counts[i][j] += n
					}
				}
			}
		}
		if sum == nil {
			continue
		}
		caption := fmt.Sprintf("%s: what was taken for what, %s, %s", r.Name, sum.Split, numeral.Plural(runs, "run"))
		if len(sum.Classes) > mostClasses {
			mistakes = append(mistakes, sum.mistakes(caption))
		} else {
			list = append(list, sum.view(caption))
		}
	}
	return list, mistakes
}

// mistakes lists the classes that were most often taken for another one.
func (c *Confusion) mistakes(caption string) Grid {
	g := Grid{Caption: fmt.Sprintf("%s; of %s classes, the most frequent mistakes", caption, numeral.Thousands(len(c.Classes))), Keys: 2, Head: []string{"true class", "taken for", "times", "of that class"}}
	type mistake struct{ class, other, n, total int }
	var all []mistake
	for i, row := range c.Counts {
		total := rowSum(row)
		for j, n := range row {
			if i != j && n > 0 {
				all = append(all, mistake{i, j, n, total})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b mistake) int { return cmp.Compare(b.n, a.n) })
	for _, m := range all[:min(mostMistakes, len(all))] {
		g.Rows = append(g.Rows, []string{c.Classes[m.class], c.Classes[m.other], numeral.Thousands(m.n), fmt.Sprintf("%.1f %%", 100*float64(m.n)/float64(m.total))})
	}
	return g
}

func rowSum(row []int) (total int) {
	for _, n := range row {
		total += n
	}
	return total
}

func (c *Confusion) view(caption string) confusionView {
	v := confusionView{Caption: caption, Classes: c.Classes}
	for i, row := range c.Counts {
		total := rowSum(row)
		r := confusionRow{Class: c.Classes[i], Share: none}
		if total > 0 {
			r.Share = fmt.Sprintf("%.1f %%", 100*float64(row[i])/float64(total))
		}
		for j, n := range row {
			heat := int(math.Round(100 * math.Sqrt(float64(n)/math.Max(1, float64(total)))))
			r.Cells = append(r.Cells, confusionCell{numeral.Thousands(n), heat, i == j})
		}
		v.Rows = append(v.Rows, r)
	}
	return v
}
