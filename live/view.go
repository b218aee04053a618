package live

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/orchid-seq/orchid/internal/numeral"
	"github.com/orchid-seq/orchid/internal/plot"
)

var (
	//go:embed page.html
	pageText string
	//go:embed page.css
	pageStyle string
	//go:embed page.js
	pageScript string

	pageForm = template.Must(template.New("page").Parse(pageText))
)

// sections are the parts of a page that change, in their order; page.html has a
// template and a place for each.
var sections = []string{"status", "choice", "runs", "curves", "layers", "kernels", "settings"}

// mostShown is how many runs a page begins with.
const mostShown = 8

// A choice is what a reader wants to see, from the query of an address.
type choice struct {
	runs    []string // IDs; nil for those that are new
	by      string   // x axis
	kernels string   // ID of a run; "" for the first
}

func choose(q url.Values) choice {
	c := choice{runs: q["run"], by: q.Get("by"), kernels: q.Get("kernels")}
	if c.by != byMinutes {
		c.by = bySteps
	}
	return c
}

// shown picks the runs of a choice; without one, those that train, then those that
// have changed last.
func (c choice) shown(runs []*run, now time.Time) (list []*run) {
	for _, r := range runs {
		if c.runs == nil || slices.Contains(c.runs, r.ID) {
			list = append(list, r)
		}
	}
	if c.runs != nil || len(list) <= mostShown {
		return list
	}
	recent := slices.Clone(list)
	slices.SortStableFunc(recent, func(a, b *run) int {
		if x, y := a.state(now) == training, b.state(now) == training; x != y {
			if x {
				return -1
			}
			return 1
		}
		return b.Changed.Compare(a.Changed)
	})
	recent = recent[:mostShown]
	return slices.DeleteFunc(list, func(r *run) bool { return !slices.Contains(recent, r) })
}

// A view is what page.html shows.
type view struct {
	Title    string
	Status   string
	Faults   []string
	Sections map[string]template.HTML

	By      string
	Choices []option
	Cards   []card
	Curves  []drawn
	Layers  drawn
	Kernels kernelView
	Tables  []table
}

// An option is a run that a reader may choose.
type option struct {
	ID, Name, State      string
	Shown, Kernels, Asks bool // Asks: it has kernels to look at
}

// Drawn is a figure as HTML.
type drawn struct {
	Title  string
	Panels []template.HTML
	Legend []plot.Line
}

type kernelView struct {
	Text    string
	Figures []drawn
}

// render draws the sections of a page, with the faults of folders that could not be
// read. It returns them by name, and the folder of the run whose kernels are shown, ""
// for none.
func render(runs []*run, faults []string, c choice, now time.Time, seen func(dir string) *sight) (v view, kernels string) {
	shown := c.shown(runs, now)
	mixers := make([]string, len(shown))
	for i, r := range shown {
		mixers[i] = r.Experiment.Setting("mixer")
	}
	looks := plot.Looks(mixers)
	v = view{Title: title(runs), Status: status(runs, now), Faults: faults, By: c.by, Tables: settings(shown)}
	for i, r := range shown {
		v.Cards = append(v.Cards, r.card(looks[i], now))
		if mixers[i] == "orchid" && (kernels == "" || r.ID == c.kernels) {
			kernels = r.Dir
		}
	}
	for _, r := range runs {
		v.Choices = append(v.Choices, option{
			ID: r.ID, Name: r.Dir, State: r.state(now), Shown: slices.Contains(shown, r),
			Kernels: r.Dir == kernels, Asks: slices.Contains(shown, r) && r.Experiment.Setting("mixer") == "orchid",
		})
	}
	for i, q := range quantities(shown) {
		f := q.figure(shown, looks, c.by)
		if slices.ContainsFunc(f.Panels[0].Lines, func(l plot.Line) bool { return len(l.Points) > 0 }) {
			v.Curves = append(v.Curves, draws(f, fmt.Sprintf("curve-%d", i)))
		}
	}
	v.Layers = draws(layers(shown, c.by), "layers")
	v.Kernels.Text = "No run that is shown has the Orchid operator."
	if kernels != "" {
		v.Kernels.Text = "They are drawn once there is a checkpoint, and again at newer ones."
		if s := seen(kernels); s != nil {
			v.Kernels.Text = s.Text
			for i, f := range s.Figures {
				v.Kernels.Figures = append(v.Kernels.Figures, draws(f, fmt.Sprintf("kernel-%d", i)))
			}
		}
	}
	v.Sections = map[string]template.HTML{}
	for _, name := range sections {
		var b bytes.Buffer
		if err := pageForm.ExecuteTemplate(&b, name, v); err != nil {
			panic(err) // the template is wrong
		}
		v.Sections[name] = template.HTML(strings.TrimSpace(b.String()))
	}
	return v, kernels
}

// draws draws a figure; id begins the names of its parts.
func draws(f plot.Figure, id string) drawn {
	d := drawn{Title: f.Title, Legend: f.Legend()}
	for i := range f.Panels {
		d.Panels = append(d.Panels, template.HTML(f.Inline(i, fmt.Sprintf("%s-%d", id, i)))) // plot escapes
	}
	return d
}

// title names the page among others: how far the run is, or how many there are.
func title(runs []*run) string {
	if len(runs) != 1 {
		return numeral.Plural(len(runs), "run") + " – Orchid"
	}
	r := runs[0]
	text := r.Dir + " – Orchid"
	if steps := r.steps(); steps > 0 {
		text = fmt.Sprintf("%d %% ", 100*r.History.Step/steps) + text
	}
	return text
}

// status counts the runs by what they do: it changes rarely enough to be read out.
func status(runs []*run, now time.Time) string {
	if len(runs) == 0 {
		return "No run yet: it appears once its training has begun."
	}
	count := map[string]int{}
	for _, r := range runs {
		count[r.state(now)]++
	}
	if len(runs) == 1 {
		return map[string]string{training: "The run is training.", finished: "The training has ended; the model is there.", silent: "The run has written nothing for a while; it may have been stopped."}[runs[0].state(now)]
	}
	var parts []string
	for _, s := range []string{training, finished, silent} {
		if count[s] > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", numeral.Thousands(count[s]), s))
		}
	}
	return numeral.Plural(len(runs), "run") + ": " + strings.Join(parts, ", ") + "."
}
