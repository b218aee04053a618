package plot

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
)

// elements reads SVG to its end and counts its elements by name.
func elements(t *testing.T, svg []byte) map[string]int {
	t.Helper()
	count := map[string]int{}
	for d := xml.NewDecoder(strings.NewReader(string(svg))); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return count
		}
		if err != nil {
			t.Fatalf("%v in:\n%s", err, svg)
		}
		if e, ok := token.(xml.StartElement); ok {
			count[e.Name.Local]++
		}
	}
}

func evil() Figure {
	name := `<script>alert("x")</script> & co`
	nan, inf := math.NaN(), math.Inf(1)
	return Figure{Title: name, Y: name, Base: 10, Panels: []Panel{
		{Title: name, X: name, Base: 2, Lines: []Line{
			{Name: name, Class: "orchid", Points: [][2]float64{{1, 1}, {2, 3}, {3, nan}, {4, 5}, {5, inf}, {6, 0}, {0, 7}, {8, 9}}},
			{Name: name, Class: "orchid thin", Points: [][2]float64{{2, 2}}},
			{Name: "nothing", Class: "hyena"},
		}},
		{Title: "none", X: "x"},
	}}
}

func TestFigure(t *testing.T) {
	f := evil()
	for name, svg := range map[string][]byte{"file": f.SVG(), "panel": f.Inline(0, "a")} {
		if n := elements(t, svg); n["polyline"] != 4 || n["circle"] != 5 || n["script"] != 0 {
			t.Errorf("%s: got %v, want 4 pieces of lines between gaps, 5 marks and no script", name, n)
		}
		if s := string(svg); strings.Contains(s, "NaN") && name == "file" || strings.Contains(s, "Inf ") {
			t.Errorf("%s: a coordinate is no number", name)
		}
	}
	if n := elements(t, f.Inline(1, "b")); n["polyline"] != 0 || n["desc"] != 1 || n["title"] != 1 {
		t.Errorf("a panel without lines: %v", n)
	}
	if l := f.Legend(); len(l) != 1 {
		t.Errorf("legend %v, want one line a name", l)
	}
}

// TestAxis wants ticks that include all values and stay few.
func TestAxis(t *testing.T) {
	for _, c := range []struct {
		base, low, high float64
		want            []float64
	}{
		{0, 0.13, 0.98, []float64{0, 0.2, 0.4, 0.6, 0.8, 1}},
		{0, -0.1, 0.1, []float64{-0.1, -0.05, 0, 0.05, 0.1}},
		{0, -30, 45, []float64{-40, -20, 0, 20, 40, 60}}, // eight steps of ten, less than seven wanted
		{0, 1, 1, []float64{0, 0.2, 0.4, 0.6, 0.8, 1}},   // not above 1, where no share is
		{0, 0, 0, []float64{0, 0.2, 0.4, 0.6, 0.8, 1}},
		{10, 0.5, 200, []float64{0.1, 1, 10, 100, 1000}},
		{2, 128, 1024, []float64{128, 256, 512, 1024}},
	} {
		a := axis{base: c.base}
		a.include(c.low)
		a.include(c.high)
		got := a.ticks()
		if !slices.EqualFunc(got, c.want, func(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Abs(b) }) {
			t.Errorf("%g to %g, base %g: ticks %v, want %v", c.low, c.high, c.base, got, c.want)
		}
	}
}

func TestThin(t *testing.T) {
	var points [][2]float64
	for i := range 1001 {
		points = append(points, [2]float64{float64(i), math.Sin(float64(i))})
	}
	points[500][1], points[700][1] = 9, math.NaN()
	thin := Thin(points, 50)
	peak, nan := false, false
	for i, p := range thin {
		peak, nan = peak || p[1] == 9, nan || math.IsNaN(p[1])
		if i > 0 && p[0] <= thin[i-1][0] {
			t.Fatalf("point %d stands at %g behind %g", i, p[0], thin[i-1][0])
		}
	}
	if !peak || !nan || len(thin) > 51 || thin[len(thin)-1] != points[1000] {
		t.Errorf("%d points, peak %v, NaN %v, last %v", len(thin), peak, nan, thin[len(thin)-1])
	}
}

// TestLooks wants a look of its own for each line.
func TestLooks(t *testing.T) {
	got := Looks([]string{"orchid", "orchid", "hyena", "", "attention"})
	if want := []string{"orchid", "m2", "hyena", "fifth", "attention"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	many := Looks(make([]string, 64))
	slices.Sort(many)
	if n := len(slices.Compact(many)); n != 64 {
		t.Errorf("64 lines have %d looks", n)
	}
	Looks(make([]string, 200)) // ends
}
