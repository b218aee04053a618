package live

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/orchid-seq/orchid/internal/plot"
	"github.com/orchid-seq/orchid/report"
)

// mostPoints bounds those of one figure, so that a page stays small however often
// it is sent; mostLayered bounds the runs whose layers are drawn.
const (
	mostPoints  = 3000
	mostLayered = 4
)

// A sample is a value at a place of a run.
type sample struct {
	p     report.Point
	value float64
}

// A quantity is what a figure shows of each run.
type quantity struct {
	title, y string
	base     float64   // of the y axis
	shows    []float64 // values that the axis reaches
	of       func(r *run) []sample
}

// trained takes a value from each line of a training.
func trained(value func(p report.Point) float64) func(r *run) []sample {
	return func(r *run) (list []sample) {
		for _, p := range r.History.Training {
			list = append(list, sample{p, value(p)})
		}
		return list
	}
}

// memories returns the memory of the process; older versions did not write it.
func memories(r *run) (list []sample) {
	for _, p := range r.History.Training {
		if p.MemoryMB > 0 {
			list = append(list, sample{p, float64(p.MemoryMB)})
		}
	}
	return list
}

// quantities lists what figures show: the scores are those of the runs.
func quantities(runs []*run) []quantity {
	list := []quantity{{
		title: "Loss of the training", y: "loss",
		of: trained(func(p report.Point) float64 { return p.Loss }),
	}}
	var metrics []string
	for _, r := range runs {
		if m := r.metric(); m != "" && !slices.Contains(metrics, m) {
			metrics = append(metrics, m)
		}
	}
	for _, m := range metrics {
		list = append(list, quantity{title: "Evaluations: " + report.Words(m), y: report.Words(m), of: func(r *run) (list []sample) {
			for _, p := range r.scores() {
				if v, ok := p.Metrics[m]; ok {
					list = append(list, sample{p, v})
				}
			}
			return list
		}})
	}
	return append(list,
		quantity{title: "Learning rate", y: "rate", shows: []float64{0}, of: trained(func(p report.Point) float64 { return p.Rate })},
		quantity{title: "Speed of the training", y: "tokens/s", shows: []float64{0}, of: speeds},
		quantity{title: "Norm of the gradient, before clipping", y: "norm", base: 10, of: trained(func(p report.Point) float64 { return p.GradNorm })},
		quantity{title: "Memory of the process", y: "MB in RAM", shows: []float64{0}, of: memories},
	)
}

// speeds returns the tokens a second between lines. The time of evaluations is not
// counted: an evaluation writes its line when it ends.
func speeds(r *run) (list []sample) {
	evaluations := r.History.Evaluations
	var before report.Point
	for _, p := range r.History.Training {
		for len(evaluations) > 0 && evaluations[0].Step < p.Step {
			if e := evaluations[0]; e.Step >= before.Step {
				before = e
			}
			evaluations = evaluations[1:]
		}
		if p.Tokens > before.Tokens && p.Seconds > before.Seconds {
			list = append(list, sample{p, float64(p.Tokens-before.Tokens) / (p.Seconds - before.Seconds)})
		}
		before = p
	}
	return list
}

// figure draws a line a run.
func (q quantity) figure(runs []*run, looks []string, by string) plot.Figure {
	panel := plot.Panel{X: by}
	room := max(60, mostPoints/max(1, len(runs)))
	for i, r := range runs {
		line := plot.Line{Name: r.Dir, Class: looks[i]}
		for _, s := range q.of(r) {
			line.Points = append(line.Points, [2]float64{place(s.p, by), s.value})
		}
		line.Points = plot.Thin(line.Points, room)
		panel.Lines = append(panel.Lines, line)
	}
	return plot.Figure{Title: q.title, Y: q.y, Base: q.base, Shows: q.shows, Panels: []plot.Panel{panel}}
}

// The x axes there are.
const (
	bySteps   = "steps"
	byMinutes = "minutes"
)

// place is where a point stands on the x axis.
func place(p report.Point, by string) float64 {
	if by == byMinutes {
		return p.Seconds / 60
	}
	return float64(p.Step)
}

// layers draws the norms of the gradients by layer, a panel a run; no panel where
// the runs have not written them.
func layers(runs []*run, by string) plot.Figure {
	f := plot.Figure{Title: "Norms of the gradients by layer, before clipping", Y: "norm", Base: 10}
	for _, r := range runs {
		lines := map[string][][2]float64{}
		for _, p := range r.History.Training {
			for name, v := range p.Layers {
				lines[name] = append(lines[name], [2]float64{place(p, by), v})
			}
		}
		if len(lines) == 0 {
			continue
		}
		panel := plot.Panel{Title: r.Dir, X: by}
		names := byDepth(lines)
		looks := plot.Looks(make([]string, len(names)))
		for i, name := range names {
			panel.Lines = append(panel.Lines, plot.Line{Name: name, Class: looks[i], Points: plot.Thin(lines[name], max(60, mostPoints/len(names)))})
		}
		if f.Panels = append(f.Panels, panel); len(f.Panels) == mostLayered {
			break
		}
	}
	return f
}

// byDepth sorts the names of layers: blocks by their numbers, before the rest.
func byDepth(lines map[string][][2]float64) (names []string) {
	number := func(name string) int {
		n, err := strconv.Atoi(strings.TrimPrefix(name, "blocks."))
		if err != nil {
			return 1 << 30
		}
		return n
	}
	for name := range lines {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(number(a), number(b)), cmp.Compare(a, b)) })
	return names
}
