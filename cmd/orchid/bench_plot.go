package main

import (
	"bytes"
	"fmt"
	"math"
)

// A panel is a pair of logarithmic axes with lines in it.
type panel struct {
	title string
	lines []line
}

// A line joins points (x, y), all above 0. Its class chooses colour and dashes.
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
.dashed { stroke-dasharray: 5 4 }
@media (prefers-color-scheme: dark) {
.page { fill: #0d1117 } text { fill: #e6edf3 } .grid { stroke: #30363d } .frame { stroke: #e6edf3 }
.orchid { stroke: #79a8ea } .attention { stroke: #e0a458 }
}
</style>
`

// logPlot draws panels side by side as SVG, with the same y axis.
func logPlot(title, xLabel, yLabel string, panels []panel) []byte {
	x, y := logAxis{base: 2}, logAxis{base: 10}
	for _, p := range panels {
		for _, l := range p.lines {
			for _, q := range l.points {
				x.include(q[0])
				y.include(q[1])
			}
		}
	}
	width, height := float64(len(panels))*(plotLeft+plotWidth)+20, plotTop+plotHeight+plotBelow
	var b bytes.Buffer
	put := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	put(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" role="img">`, width, height, width, height)
	put("<title>%s</title>\n%s<rect class=\"page\" width=\"100%%\" height=\"100%%\"/>", title, plotStyle)
	put(`<text class="title" x="%.1f" y="24">%s</text>`, width/2, title)
	for i, p := range panels {
		left := plotLeft + float64(i)*(plotLeft+plotWidth)
		bottom := plotTop + plotHeight
		put(`<text x="%.1f" y="%.1f">%s</text>`, left+plotWidth/2, plotTop-12, p.title)
		for _, v := range x.ticks() {
			at := left + plotWidth*x.place(v)
			put(`<path class="grid" d="M%.1f %.1fV%.1f"/><text x="%.1f" y="%.1f">%s</text>`, at, plotTop, bottom, at, bottom+18, short(v))
		}
		for _, v := range y.ticks() {
			at := bottom - plotHeight*y.place(v)
			put(`<path class="grid" d="M%.1f %.1fH%.1f"/><text class="right" x="%.1f" y="%.1f">%g</text>`, left, at, left+plotWidth, left-6, at+4, v)
		}
		put(`<rect class="frame" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, left, plotTop, plotWidth, plotHeight)
		put(`<text x="%.1f" y="%.1f">%s</text><text class="right" x="%.1f" y="%.1f">%s</text>`, left+plotWidth/2, bottom+38, xLabel, left-6, plotTop-12, yLabel)
		for _, l := range p.lines {
			if len(l.points) == 0 {
				continue
			}
			fmt.Fprintf(&b, `<polyline class="%s" points="`, l.class)
			for _, q := range l.points {
				fmt.Fprintf(&b, "%.1f,%.1f ", left+plotWidth*x.place(q[0]), bottom-plotHeight*y.place(q[1]))
			}
			put(`"/>`)
		}
	}
	for i, l := range panels[0].lines {
		if at := plotTop + plotHeight + 64 + 19*float64(i); len(l.points) > 0 {
			put(`<path class="%s" d="M%.1f %.1fh28"/><text class="left" x="%.1f" y="%.1f">%s</text>`, l.class, plotLeft, at, plotLeft+36, at+4, l.name)
		}
	}
	put("</svg>")
	return b.Bytes()
}

// A logAxis spans whole powers of its base.
type logAxis struct{ base, low, high float64 }

func (a *logAxis) include(v float64) {
	if a.low == 0 {
		a.low, a.high = v, v
	}
	a.low, a.high = min(a.low, v), max(a.high, v)
}

// ends returns the exponents of the powers around what is included.
func (a *logAxis) ends() (low, high float64) {
	const slack = 1e-9 // a power itself is its own end
	scale := math.Log(a.base)
	low, high = math.Floor(math.Log(a.low)/scale+slack), math.Ceil(math.Log(a.high)/scale-slack)
	return low, max(high, low+1)
}

// place returns where v stands, from 0 to 1.
func (a *logAxis) place(v float64) float64 {
	low, high := a.ends()
	return (math.Log(v)/math.Log(a.base) - low) / (high - low)
}

// ticks returns the powers, at most nine of them.
func (a *logAxis) ticks() (list []float64) {
	low, high := a.ends()
	for e, step := low, math.Ceil((high-low)/8); e <= high; e += step {
		list = append(list, math.Pow(a.base, e))
	}
	return list
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
