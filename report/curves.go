package report

import (
	"github.com/orchid-seq/orchid/internal/plot"
)

// mostPoints bounds those of one figure, so that a page of many runs stays small.
const mostPoints = 16_000

// curves are the figures of a table: the training loss, and the metric where it
// was measured on the way.
func (t *Table) curves() (figures []plot.Figure) {
	loss := t.curve(t.Name+": loss of the training", "loss", func(r *Row, run *Run) (points []Point, value func(p Point) (float64, bool)) {
		return run.History.Training, func(p Point) (float64, bool) { return p.Loss, true }
	})
	if loss.longest() > 1 {
		figures = append(figures, loss.Figure)
	}
	metric := t.Rows[0].Metric
	scored := t.curve(t.Name+": "+Words(metric)+" of the evaluations", Words(metric), func(r *Row, run *Run) (points []Point, value func(p Point) (float64, bool)) {
		return run.History.Evaluations, func(p Point) (float64, bool) {
			v, ok := p.Metrics[metric]
			return v, ok && p.Split == run.Experiment.Training.EvalSplit
		}
	})
	if scored.longest() > 1 {
		figures = append(figures, scored.Figure)
	}
	return figures
}

// A curveFigure is by steps and by minutes.
type curveFigure struct{ plot.Figure }

// longest returns the number of points of the longest line.
func (f curveFigure) longest() (n int) {
	for _, l := range f.Panels[0].Lines {
		n = max(n, len(l.Points))
	}
	return n
}

// curve draws a line a run, those of a row in one look.
func (t *Table) curve(title, y string, of func(r *Row, run *Run) ([]Point, func(p Point) (float64, bool))) curveFigure {
	f := plot.Figure{Title: title, Y: y, Panels: []plot.Panel{{Title: "by steps", X: "steps"}, {Title: "by time", X: "minutes"}}}
	count := 0
	for _, r := range t.Rows {
		count += len(r.Runs)
	}
	room := max(40, min(400, mostPoints/(2*count)))
	looks := t.looks()
	for i, r := range t.Rows {
		for _, run := range r.Runs {
			points, value := of(r, run)
			var steps, minutes [][2]float64
			for _, p := range points {
				if v, ok := value(p); ok {
					steps = append(steps, [2]float64{float64(p.Step), v})
					minutes = append(minutes, [2]float64{p.Seconds / 60, v})
				}
			}
			for j, points := range [][][2]float64{steps, minutes} {
				f.Panels[j].Lines = append(f.Panels[j].Lines, plot.Line{Name: r.Name, Class: looks[i], Points: plot.Thin(points, room)})
			}
		}
	}
	return curveFigure{f}
}

// looks gives each row one.
func (t *Table) looks() []string {
	mixers := make([]string, len(t.Rows))
	for i, r := range t.Rows {
		mixers[i] = r.mixer()
	}
	return plot.Looks(mixers)
}
