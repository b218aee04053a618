package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/internal/numeral"
)

// TestMistakes: of many classes a page lists the most frequent mistakes, in place of a
// matrix that no browser shows.
func TestMistakes(t *testing.T) {
	const n = mostClasses + 1
	c := &Confusion{Split: "test"}
	for i := range n {
		row := make([]int, n)
		row[i], row[(i+1)%n] = 1000, i
		c.Classes, c.Counts = append(c.Classes, fmt.Sprint("class ", i)), append(c.Counts, row)
	}
	few := &Confusion{Classes: c.Classes[:1], Split: "test", Counts: [][]int{{7}}}
	table := &Table{Name: "T", Rows: []*Row{{Name: "many", Runs: []*Run{{Confusion: c, Finished: true}, {Confusion: c}, {Confusion: c, Finished: true}}}, {Name: "few", Runs: []*Run{{Confusion: few, Finished: true}}}}}
	views, mistakes := table.confusions()
	if len(views) != 1 || len(mistakes) != 1 || !strings.HasPrefix(views[0].Caption, "few: ") {
		t.Fatalf("%d matrices, %d lists", len(views), len(mistakes))
	}
	g := mistakes[0]
	last := n - 1
	want := []string{fmt.Sprint("class ", last), "class 0", numeral.Thousands(2 * last), fmt.Sprintf("%.1f %%", 100*float64(last)/float64(1000+last))}
	if len(g.Rows) != mostMistakes || !slices.Equal(g.Rows[0], want) || !strings.Contains(g.Caption, "2 runs; of 51 classes, the most frequent mistakes") {
		t.Errorf("%q: %q, want %q", g.Caption, g.Rows[0], want)
	}
}
