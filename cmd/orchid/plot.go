package main

import (
	"bytes"
	"fmt"
	"html"
	"math"
)

// A panel is a pair of axes with lines in it.
type panel struct {
	title, x string
	base     float64 // of a logarithmic x axis, 0 for a linear one
	lines    []line
}

// A line joins points (x, y), above 0 on logarithmic axes. Its class chooses
// colour and dashes.
type line struct {
	name, class string
	points      [][2]float64
}

// Sizes of a plot in pixels: of the axes of a panel, and of the room around.
const (
	plotWidth, plotHeight        = 340.0, 300.0
	plotLeft, plotTop, plotBelow = 70.0, 64.0, 136.0
)

// plotStyle draws a mixer in a colour, forward dashed, readable on light and on
// dark pages.
const plotStyle = `<style>
.page { fill: #ffffff } text { fill: #24292f; font: 13px system-ui, 'DejaVu Sans', sans-serif; text-anchor: middle }
.grid { stroke: #d0d7de; stroke-width: 1 } .frame { fill: none; stroke: #24292f }
.title { font-size: 15px; font-weight: 600 } .right { text-anchor: end } .left { text-anchor: start }
.orchid { fill: none; stroke: #3b6fb6; stroke-width: 2 } .attention { fill: none; stroke: #b8701a; stroke-width: 2 }
.hyena { fill: none; stroke: #4f8a3d; stroke-width: 2 } .m2 { fill: none; stroke: #8f4fa8; stroke-width: 2 }
.dashed { stroke-dasharray: 5 4 } .dotted { stroke-dasharray: 1.5 3 } .broken { stroke-dasharray: 10 3 2 3 }
.thin { stroke-width: 1 }
@media (prefers-color-scheme: dark) {
.page { fill: #0d1117 } text { fill: #e6edf3 } .grid { stroke: #30363d } .frame { stroke: #e6edf3 }
.orchid { stroke: #79a8ea } .attention { stroke: #e0a458 }
.hyena { stroke: #86c06f } .m2 { stroke: #c58fdd }
}
</style>
`

// plot draws panels side by side as SVG, with the same y axis, logarithmic to a
// base or, for 0, linear.
func plot(title, yLabel string, base float64, panels []panel) []byte {
	x, y := make([]axis, len(panels)), axis{base: base}
	for i, p := range panels {
		x[i].base = p.base
		for _, l := range p.lines {
			for _, q := range l.points {
				x[i].include(q[0])
				y.include(q[1])
			}
		}
	}
	width, height := float64(len(panels))*(plotLeft+plotWidth)+20, plotTop+plotHeight+plotBelow
	height += 19 * float64(max(0, len(panels[0].lines)-4)) // a longer legend
	var b bytes.Buffer
	put := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	put(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" role="img">`, width, height, width, height)
	put("<title>%s</title>\n%s<rect class=\"page\" width=\"100%%\" height=\"100%%\"/>", title, plotStyle)
	put(`<text class="title" x="%.1f" y="24">%s</text>`, width/2, title)
	for i, p := range panels {
		left := plotLeft + float64(i)*(plotLeft+plotWidth)
		bottom := plotTop + plotHeight
		put(`<text x="%.1f" y="%.1f">%s</text>`, left+plotWidth/2, plotTop-12, p.title)
		for _, v := range x[i].ticks() {
			at := left + plotWidth*x[i].place(v)
			put(`<path class="grid" d="M%.1f %.1fV%.1f"/><text x="%.1f" y="%.1f">%s</text>`, at, plotTop, bottom, at, bottom+18, x[i].label(v))
		}
		for _, v := range y.ticks() {
			at := bottom - plotHeight*y.place(v)
			put(`<path class="grid" d="M%.1f %.1fH%.1f"/><text class="right" x="%.1f" y="%.1f">%s</text>`, left, at, left+plotWidth, left-6, at+4, y.label(v))
		}
		put(`<rect class="frame" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, left, plotTop, plotWidth, plotHeight)
		put(`<text x="%.1f" y="%.1f">%s</text><text class="right" x="%.1f" y="%.1f">%s</text>`, left+plotWidth/2, bottom+38, p.x, left-6, plotTop-12, yLabel)
		for _, l := range p.lines {
			if len(l.points) == 0 {
				continue
			}
			fmt.Fprintf(&b, `<polyline class="%s" points="`, l.class)
			for _, q := range l.points {
				fmt.Fprintf(&b, "%.1f,%.1f ", left+plotWidth*x[i].place(q[0]), bottom-plotHeight*y.place(q[1]))
			}
			put(`"/>`)
		}
	}
	for i, l := range panels[0].lines {
		if at := plotTop + plotHeight + 64 + 19*float64(i); len(l.points) > 0 {
			put(`<path class="%s" d="M%.1f %.1fh28"/><text class="left" x="%.1f" y="%.1f">%s</text>`, l.class, plotLeft, at, plotLeft+36, at+4, html.EscapeString(l.name))
		}
	}
	put("</svg>")
	return b.Bytes()
}

// An axis spans whole powers of its base or, for base 0, whole steps.
type axis struct {
	base, low, high float64
	some            bool
}

func (a *axis) include(v float64) {
	if !a.some {
		a.low, a.high, a.some = v, v, true
	}
	a.low, a.high = min(a.low, v), max(a.high, v)
}

// scale maps a value to where it would stand on a linear axis.
func (a *axis) scale(v float64) float64 {
	if a.base == 0 {
		return v
	}
	return math.Log(v) / math.Log(a.base)
}

// ends returns the first and the last tick, scaled, and the step between ticks: a
// whole number of powers, or 1, 2 or 5 times a power of ten, of which there are
// eight at most.
func (a *axis) ends() (low, high, step float64) {
	const most, slack = 8, 1e-9 // a tick is its own end
	low, high = a.scale(a.low), a.scale(a.high)
	step = 1
	if a.base == 0 {
		if high == low {
			high = low + 1
		}
		step = math.Pow(10, math.Floor(math.Log10((high-low)/most)))
		for _, f := range []float64{1, 2, 5, 10} {
			if (high-low)/(f*step) <= most-1 {
				step *= f
				break
			}
		}
	} else {
		step = max(1, math.Ceil((high-low)/most))
	}
	unit := step
	if a.base > 0 {
		unit = 1
	}
	low, high = unit*math.Floor(low/unit+slack), unit*math.Ceil(high/unit-slack)
	return low, max(high, low+unit), step
}

// place returns where v stands, from 0 to 1.
func (a *axis) place(v float64) float64 {
	low, high, _ := a.ends()
	return (a.scale(v) - low) / (high - low)
}

// ticks returns the values to mark.
func (a *axis) ticks() (list []float64) {
	low, high, step := a.ends()
	for i := 0; ; i++ {
		e := low + float64(i)*step
		if e > high+step/1000 {
			return list
		}
		if a.base > 0 {
			e = math.Pow(a.base, e)
		}
		list = append(list, e)
	}
}

// label writes a value of the axis.
func (a *axis) label(v float64) string {
	if a.base == 2 {
		return short(v)
	}
	return fmt.Sprintf("%.6g", v)
}

// short writes a power of two.
func short(v float64) string {
	switch {
	case v >= 1<<20:
		return fmt.Sprintf("%gM", v/(1<<20))
	case v >= 1<<10:
		return fmt.Sprintf("%gk", v/(1<<10))
	}
	return fmt.Sprintf("%g", v)
}
