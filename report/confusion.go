package report

import (
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

// confusions returns a matrix for each row of a table that has some: the sum over
// its runs of the same classes.
func (t *Table) confusions() (list []confusionView) {
	for _, r := range t.Rows {
		var sum *Confusion
		runs := 0
		for _, run := range r.Runs {
			c := run.Confusion
			switch {
			case c == nil:
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
		if sum != nil {
			list = append(list, sum.view(fmt.Sprintf("%s: what was taken for what, %s, %s", r.Name, sum.Split, numeral.Plural(runs, "run"))))
		}
	}
	return list
}

func (c *Confusion) view(caption string) confusionView {
	v := confusionView{Caption: caption, Classes: c.Classes}
	for i, row := range c.Counts {
		total := 0
		for _, n := range row {
			total += n
		}
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
