package report

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/experiment"
)

// A Table is the rows that stand together.
type Table struct {
	Name string
	Rows []*Row
}

// A Row is the runs of one recipe or, without one, of the same settings: they
// differ by their seed.
type Row struct {
	Name   string
	Metric string             // that the row is compared by
	Recipe *experiment.Recipe // nil for none, or settings other than its
	Runs   []*Run             // one a seed

	settings []string // as key=value, the task before them, without what does not count
}

// beside are settings that do not make an experiment another one.
var beside = []string{"seed", "checkpoint-every", "log-every", "eval-every"}

// seeded are settings that name a folder, with several seeds one each.
var seeded = []string{"from", "tokenizer"}

// ordinal ends the name of the folder of one seed.
var ordinal = regexp.MustCompile(`-[0-9]+$`)

// settingsOf lists what makes two runs the same experiment.
func settingsOf(r *Run) []string {
	list := []string{"task=" + r.Experiment.Name}
	for _, s := range r.Experiment.List() {
		text := s.String()
		switch {
		case slices.Contains(beside, s.Key):
			continue
		case slices.Contains(seeded, s.Key):
			text = ordinal.ReplaceAllString(text, "")
		}
		list = append(list, s.Key+"="+text)
	}
	return list
}

// group sorts runs, which come in the order of their folders, into rows and
// tables.
func group(runs []*Run) (tables []*Table, notes []string) {
	for _, r := range runs {
		name, row := r.Experiment.Name, &Row{Name: r.Experiment.Model(), settings: settingsOf(r)}
		if part := r.setting("name"); r.Experiment.Name == "glue" {
			name += " " + part
		}
		if r.Recipe != nil {
			name, row.Name, row.Recipe, row.Metric = r.Recipe.Table, r.Recipe.Row, r.Recipe, r.Recipe.Metric
		}
		if len(r.Changed) > 0 {
			row.Name, row.Recipe = row.Name+", "+strings.Join(r.Changed, ", "), nil
		}
		at := slices.IndexFunc(tables, func(t *Table) bool { return t.Name == name })
		if at < 0 {
			tables, at = append(tables, &Table{Name: name}), len(tables)
		}
		t := tables[at]
		at = slices.IndexFunc(t.Rows, func(o *Row) bool {
			return o.Name == row.Name && (o.Recipe == nil) == (row.Recipe == nil) && slices.Equal(o.settings, row.settings)
		})
		if at < 0 {
			t.Rows, at = append(t.Rows, row), len(t.Rows)
		}
		row = t.Rows[at]
		row.Runs = append(row.Runs, r)
		if row.Recipe != nil && !reflect.DeepEqual(row.Recipe, r.Recipe) {
			notes = append(notes, fmt.Sprintf("%s: its recipe.yaml differs from that of %s; the latter stands", r.Dir, row.Runs[0].Dir))
		}
	}
	slices.SortStableFunc(tables, func(a, b *Table) int { return strings.Compare(a.Name, b.Name) })
	for _, t := range tables {
		for _, r := range t.Rows {
			notes = append(notes, r.dropCopies()...)
			r.chooseMetric()
		}
		tellApart(t.Rows)
	}
	return tables, notes
}

// chooseMetric picks one where no recipe has.
func (r *Row) chooseMetric() {
	for _, run := range r.Runs {
		if m := run.result(); m != nil && r.Metric == "" {
			r.Metric = MetricOf(m)
		}
	}
	if r.Metric == "" {
		r.Metric = "loss"
	}
}

// dropCopies keeps one run a seed, the first of those that got furthest: the same
// training again says nothing about how seeds differ. Notes name the others.
func (r *Row) dropCopies() (notes []string) {
	type trial struct{ seed, from string } // weights to begin with are chance too
	kept := map[trial]*Run{}
	of := func(run *Run) trial { return trial{run.setting("seed"), run.setting("from")} }
	for _, run := range r.Runs {
		if first := kept[of(run)]; first == nil || run.got() > first.got() {
			kept[of(run)] = run
		}
	}
	r.Runs = slices.DeleteFunc(r.Runs, func(run *Run) bool {
		first := kept[of(run)]
		if run != first {
			notes = append(notes, fmt.Sprintf("%s: the training of %s again, seed %s; left out", run.Dir, first.Dir, run.setting("seed")))
		}
		return run != first
	})
	return notes
}

// got ranks what there is of a run: a start, an end, an end with a result.
func (r *Run) got() int {
	switch {
	case !r.Finished:
		return 0
	case r.result() == nil:
		return 1
	}
	return 2
}

// tellApart adds to rows of the same name what is different about them: a few
// settings, or else their folder.
func tellApart(rows []*Row) {
	const few = 4
	same := map[string][]*Row{}
	for _, r := range rows {
		same[r.Name] = append(same[r.Name], r)
	}
	for _, list := range same {
		if len(list) == 1 {
			continue
		}
		differ := differences(list)
		for _, r := range list {
			if len(differ) == 0 || len(differ) > few {
				r.Name += separator + r.Runs[0].Dir
				continue
			}
			for _, i := range differ {
				r.Name += separator + r.settings[i]
			}
		}
	}
}

// differences returns the places of the settings that rows do not share, none for
// rows of several tasks, which have other keys.
func differences(rows []*Row) (places []int) {
	first := rows[0].settings
	for _, r := range rows {
		if r.settings[0] != first[0] {
			return nil
		}
	}
	for i := range first {
		if slices.ContainsFunc(rows, func(r *Row) bool { return r.settings[i] != first[i] }) {
			places = append(places, i)
		}
	}
	return places
}

// values returns the metric of the runs that have finished.
func (r *Row) values() (list []float64) {
	for _, run := range r.Runs {
		if v, ok := run.result()[r.Metric]; ok && run.Finished {
			list = append(list, v)
		}
	}
	return list
}

// within reports whether the mean is as the recipe expects it; ok is false where
// there is no mean, or nothing is expected.
func (r *Row) within() (within, ok bool) {
	m := meanOf(r.values())
	if _, ok := r.expect(); !ok || m.n == 0 {
		return false, false
	}
	return r.Recipe.Within(m.mean), true
}

// paper returns the value of the paper, if a recipe has it.
func (r *Row) paper() (v float64, ok bool) {
	if r.Recipe == nil {
		return 0, false
	}
	return r.Recipe.PaperValue()
}

// expect returns what the recipe should give, if it is known.
func (r *Row) expect() (v float64, ok bool) {
	if r.Recipe == nil {
		return 0, false
	}
	return r.Recipe.Expected()
}

// mixer names what mixes along the sequence.
func (r *Row) mixer() string { return r.Runs[0].setting("mixer") }
