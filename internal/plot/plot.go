// Package plot draws lines over axes as SVG, for files and for pages.
package plot

import (
	"bytes"
	"fmt"
	"html"
	"math"
	"strings"
)

// A Figure is panels that share a y axis.
type Figure struct {
	Title  string
	Y      string    // what the y axis shows
	Base   float64   // of a logarithmic y axis, 0 for a linear one
	Shows  []float64 // values that the y axis reaches whatever the lines do
	Panels []Panel
}

// A Panel is a pair of axes with lines in it.
type Panel struct {
	Title, X string
	Base     float64 // of a logarithmic x axis, 0 for a linear one
	Lines    []Line
}

// A Line joins points (x, y); one that its axes have no place for, such as NaN,
// or 0 on a logarithmic axis, leaves a gap. Its class chooses colour and dashes;
// lines of the same name are the same thing to a reader.
type Line struct {
	Name, Class string
	Points      [][2]float64
}

// Sizes of a plot in pixels: of the axes of a panel, and of the room around.
const (
	plotWidth, plotHeight = 340.0, 300.0
	plotLeft, plotRight   = 70.0, 20.0
	plotTop, plotBelow    = 64.0, 52.0
	legendLine            = 19.0
	fewPoints             = 16 // of a line, which are then marked
)

// Style is the rules that figures want, once a page: a mixer, or a place in a
// list, has a colour that can be read on light and on dark pages. Paper is light.
const Style = `.plot .page { fill: #ffffff } .plot text { fill: #24292f; font: 13px system-ui, 'DejaVu Sans', sans-serif; text-anchor: middle }
.plot .grid { stroke: #d0d7de; stroke-width: 1 } .plot .frame { fill: none; stroke: #24292f }
.plot .title { font-size: 15px; font-weight: 600 } .plot .right { text-anchor: end } .plot .left { text-anchor: start }
.plot .orchid, .plot .attention, .plot .hyena, .plot .m2, .plot .fifth, .plot .sixth, .plot .seventh, .plot .eighth { fill: none; stroke-width: 2 }
.plot .orchid { stroke: #3b6fb6 } .plot .attention { stroke: #b8701a } .plot .hyena { stroke: #4f8a3d } .plot .m2 { stroke: #8f4fa8 }
.plot .fifth { stroke: #c0394b } .plot .sixth { stroke: #16838a } .plot .seventh { stroke: #7d6a1f } .plot .eighth { stroke: #6b7280 }
.plot .dashed { stroke-dasharray: 5 4 } .plot .dotted { stroke-dasharray: 1.5 3 } .plot .broken { stroke-dasharray: 10 3 2 3 }
.plot .thin { stroke-width: 1 } .plot .mark { stroke-dasharray: none; stroke-width: 3 }
@media screen and (prefers-color-scheme: dark) {
.plot .page { fill: #0d1117 } .plot text { fill: #e6edf3 } .plot .grid { stroke: #30363d } .plot .frame { stroke: #e6edf3 }
.plot .orchid { stroke: #79a8ea } .plot .attention { stroke: #e0a458 } .plot .hyena { stroke: #86c06f } .plot .m2 { stroke: #c58fdd }
.plot .fifth { stroke: #f0808d } .plot .sixth { stroke: #5cc0c7 } .plot .seventh { stroke: #cdb95e } .plot .eighth { stroke: #a3abb8 }
}
`

// SVG draws the panels side by side as a file of its own, the lines of all panels
// named below.
func (f Figure) SVG() []byte {
	x, y := f.axes()
	legend := f.Legend()
	width := float64(len(f.Panels))*(plotLeft+plotWidth) + plotRight
	height := plotTop + plotHeight + plotBelow + 8 + legendLine*float64(max(4, len(legend)))
	d := drawing{}
	d.put(`<svg class="plot" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" role="img">`, width, height, width, height)
	d.put("<title>%s</title>\n<style>\n%s</style>\n<rect class=\"page\" width=\"100%%\" height=\"100%%\"/>", html.EscapeString(f.Title), Style)
	d.put(`<text class="title" x="%.1f" y="24">%s</text>`, width/2, html.EscapeString(f.Title))
	for i, p := range f.Panels {
		d.panel(p, f.Y, x[i], y, plotLeft+float64(i)*(plotLeft+plotWidth), plotTop)
	}
	for i, l := range legend {
		at := plotTop + plotHeight + plotBelow + 12 + legendLine*float64(i)
		d.put(`<path class="%s" d="M%.1f %.1fh28"/><text class="left" x="%.1f" y="%.1f">%s</text>`, html.EscapeString(l.Class), plotLeft, at, plotLeft+36, at+4, html.EscapeString(l.Name))
	}
	d.put("</svg>")
	return d.Bytes()
}

// Inline draws one panel as an element of an HTML page that holds Style; id, a
// name that no other element has, begins the names of its parts. What the lines
// do is said in words for those who cannot see them.
func (f Figure) Inline(i int, id string) []byte {
	x, y := f.axes()
	p := f.Panels[i]
	const top = 40.0
	width, height := plotLeft+plotWidth+plotRight, top+plotHeight+plotBelow
	d := drawing{}
	d.put(`<svg class="plot" viewBox="0 0 %.0f %.0f" role="img" aria-labelledby="%s-title %s-desc">`, width, height, id, id)
	d.put(`<title id="%s-title">%s</title><desc id="%s-desc">%s</desc>`, id, html.EscapeString(strings.TrimSpace(f.Title+" "+p.Title)), id, html.EscapeString(f.describe(p)))
	d.panel(p, f.Y, x[i], y, plotLeft, top)
	d.put("</svg>")
	return d.Bytes()
}

// Legend returns a line for each name, in their order.
func (f Figure) Legend() (lines []Line) {
	seen := map[string]bool{}
	for _, p := range f.Panels {
		for _, l := range p.Lines {
			if len(l.Points) > 0 && !seen[l.Name] {
				seen[l.Name] = true
				lines = append(lines, Line{Name: l.Name, Class: l.Class})
			}
		}
	}
	return lines
}

// axes returns the x axis of each panel and the y axis of all.
func (f Figure) axes() (x []*axis, y *axis) {
	y = &axis{base: f.Base}
	for _, v := range f.Shows {
		y.include(v)
	}
	for _, p := range f.Panels {
		a := &axis{base: p.Base}
		for _, l := range p.Lines {
			for _, q := range l.Points {
				if a.holds(q[0]) && y.holds(q[1]) {
					a.include(q[0])
					y.include(q[1])
				}
			}
		}
		x = append(x, a)
	}
	return x, y
}

// describe says in words what a panel shows.
func (f Figure) describe(p Panel) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s against %s.", f.Y, p.X)
	for _, l := range p.Lines {
		if len(l.Points) > 0 {
			first, last := l.Points[0], l.Points[len(l.Points)-1]
			fmt.Fprintf(&b, " %s: from %.4g at %.6g to %.4g at %.6g.", l.Name, first[1], first[0], last[1], last[0])
		}
	}
	return b.String()
}

// A drawing is SVG so far.
type drawing struct{ bytes.Buffer }

func (d *drawing) put(format string, args ...any) { fmt.Fprintf(d, format+"\n", args...) }

// panel draws axes and lines with their upper left corner at (left, top).
func (d *drawing) panel(p Panel, yLabel string, x, y *axis, left, top float64) {
	bottom := top + plotHeight
	d.put(`<text x="%.1f" y="%.1f">%s</text>`, left+plotWidth/2, top-12, html.EscapeString(p.Title))
	for _, v := range x.ticks() {
		at := left + plotWidth*x.place(v)
		d.put(`<path class="grid" d="M%.1f %.1fV%.1f"/><text x="%.1f" y="%.1f">%s</text>`, at, top, bottom, at, bottom+18, x.label(v))
	}
	for _, v := range y.ticks() {
		at := bottom - plotHeight*y.place(v)
		d.put(`<path class="grid" d="M%.1f %.1fH%.1f"/><text class="right" x="%.1f" y="%.1f">%s</text>`, left, at, left+plotWidth, left-6, at+4, y.label(v))
	}
	d.put(`<rect class="frame" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, left, top, plotWidth, plotHeight)
	d.put(`<text x="%.1f" y="%.1f">%s</text><text class="left" x="%.1f" y="%.1f">%s</text>`, left+plotWidth/2, bottom+38, html.EscapeString(p.X), left-plotLeft+8, top-12, html.EscapeString(yLabel))
	for _, l := range p.Lines {
		d.line(l, x, y, left, bottom)
	}
}

// line draws the pieces between the gaps of a line, and marks a few points.
func (d *drawing) line(l Line, x, y *axis, left, bottom float64) {
	class := html.EscapeString(l.Class)
	var piece, marks strings.Builder
	end := func() {
		if piece.Len() > 0 {
			d.put(`<polyline class="%s" points="%s"><title>%s</title></polyline>`, class, strings.TrimSpace(piece.String()), html.EscapeString(l.Name))
			piece.Reset()
		}
	}
	for _, q := range l.Points {
		if !x.holds(q[0]) || !y.holds(q[1]) {
			end()
			continue
		}
		at, over := left+plotWidth*x.place(q[0]), bottom-plotHeight*y.place(q[1])
		fmt.Fprintf(&piece, "%.1f,%.1f ", at, over)
		if len(l.Points) <= fewPoints {
			fmt.Fprintf(&marks, `<circle class="%s mark" cx="%.1f" cy="%.1f" r="1.5"><title>%s: %.4g at %s</title></circle>`,
				class, at, over, html.EscapeString(l.Name), q[1], x.label(q[0]))
		}
	}
	end()
	if marks.Len() > 0 {
		d.put("%s", marks.String())
	}
}

// Thin returns about n of the points of a line, in their order: of each
// stretch the lowest and the highest, so that peaks stay; NaN stays too.
func Thin(points [][2]float64, n int) [][2]float64 {
	n = max(n, 4)
	if len(points) <= n {
		return points
	}
	stretches := n / 2
	list := make([][2]float64, 0, n)
	for i := range stretches {
		lo, hi := i*len(points)/stretches, (i+1)*len(points)/stretches
		low, high := lo, lo
		for j := lo; j < hi; j++ {
			if v := points[j][1]; math.IsNaN(v) {
				low, high = j, j
				break
			} else if v < points[low][1] {
				low = j
			} else if v > points[high][1] {
				high = j
			}
		}
		list = append(list, points[min(low, high)])
		if low != high {
			list = append(list, points[max(low, high)])
		}
	}
	if last := points[len(points)-1]; list[len(list)-1] != last {
		list = append(list, last)
	}
	return list
}
