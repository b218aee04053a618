package task

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// near reports whether two metrics agree; NaN agrees with nothing.
func near(got, want float64) bool { return math.Abs(got-want) <= 1e-12 }

// TestMetricsOfScikit compares with testdata/metrics.json, which
// testdata/metrics.py wrote.
func TestMetricsOfScikit(t *testing.T) {
	var golden struct {
		Single []struct {
			Classes                     int
			Labels, Predicted, Matrix   []int
			Accuracy, MacroF1, Matthews float64
			F1                          []float64
			Macro                       float64 `json:"macro_f1"`
		}
		Multi []struct {
			Classes           int
			Labels, Predicted [][]float32
			Micro             float64 `json:"micro_f1"`
			Macro             float64 `json:"macro_f1"`
			Exact             float64
		}
		Numbers []struct {
			X, Y              []float64
			Pearson, Spearman float64
		}
	}
	text, err := os.ReadFile("testdata/metrics.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.Single) < 10 || len(golden.Multi) < 4 || len(golden.Numbers) < 6 {
		t.Fatal("cases are missing")
	}
	for i, g := range golden.Single {
		c := NewConfusion(g.Classes)
		for j := range g.Labels {
			c.Add(g.Predicted[j], g.Labels[j])
		}
		for k := range g.Classes {
			if !near(c.F1(k), g.F1[k]) {
				t.Errorf("case %d: F1 of class %d: %v, want %v", i, k, c.F1(k), g.F1[k])
			}
			for p := range g.Classes {
				if got, want := c.Count(k, p), g.Matrix[k*g.Classes+p]; got != want {
					t.Errorf("case %d: %d taken for %d %d times, want %d", i, k, p, got, want)
				}
			}
		}
		for _, v := range []struct {
			name      string
			got, want float64
		}{{"accuracy", c.Accuracy(), g.Accuracy}, {"macro F1", c.MacroF1(), g.Macro}, {"Matthews", c.Matthews(), g.Matthews}} {
			if !near(v.got, v.want) {
				t.Errorf("case %d: %s %v, want %v", i, v.name, v.got, v.want)
			}
		}
	}
	for i, g := range golden.Multi {
		m := NewMultiLabel(g.Classes)
		for j := range g.Labels {
			m.Add(g.Predicted[j], 0.5, g.Labels[j])
		}
		if !near(m.MicroF1(), g.Micro) || !near(m.MacroF1(), g.Macro) || !near(m.Exact(), g.Exact) {
			t.Errorf("multi-label case %d: %v %v %v, want %v %v %v", i, m.MicroF1(), m.MacroF1(), m.Exact(), g.Micro, g.Macro, g.Exact)
		}
	}
	for i, g := range golden.Numbers {
		if p, s := Pearson(g.X, g.Y), Spearman(g.X, g.Y); !near(p, g.Pearson) || !near(s, g.Spearman) {
			t.Errorf("numbers %d: Pearson %v, want %v; Spearman %v, want %v", i, p, g.Pearson, s, g.Spearman)
		}
	}
}

func TestConstantNumbersCorrelateNot(t *testing.T) {
	c, y := []float64{0.1, 0.1, 0.1}, []float64{1, 2, 3}
	for _, f := range []func(x, y []float64) float64{Pearson, Spearman} {
		if f(c, y) != 0 || f(y, c) != 0 || f(c, c) != 0 || f(c[:1], y[:1]) != 0 {
			t.Error("a constant correlates")
		}
	}
}

// TestNaNIsSeen proves that predictions that are no numbers never give a
// number.
func TestNaNIsSeen(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	y := []float64{1, 2, 3}
	invalid, empty := NewConfusion(2), NewConfusion(2)
	invalid.Add(1, 1)
	invalid.Add(Class([]float64{1, nan}), 0)
	multi := NewMultiLabel(2)
	multi.Add([]float32{1, float32(nan)}, 0, []float32{1, 0})
	none := NewMultiLabel(2)
	for i, v := range []float64{
		Pearson([]float64{1, nan, 2}, y), Pearson(y, []float64{nan, nan, nan}), Pearson([]float64{1, inf, 2}, y), Pearson([]float64{inf, inf, inf}, y),
		Pearson([]float64{2, 2, 2}, []float64{1, nan, 1}), Pearson(nil, nil),
		Spearman([]float64{1, nan, 2}, y), Spearman(y, []float64{nan, 1, 1}), Spearman(nil, nil),
		invalid.Accuracy(), invalid.F1(1), invalid.MacroF1(), invalid.Matthews(),
		empty.Accuracy(), empty.F1(1), empty.MacroF1(), empty.Matthews(),
		multi.MicroF1(), multi.MacroF1(), multi.Exact(), none.MicroF1(), none.MacroF1(), none.Exact(),
	} {
		if !math.IsNaN(v) {
			t.Errorf("value %d is %v, want NaN", i, v)
		}
	}
	if got := Spearman([]float64{1, inf, 2}, y); !near(got, 0.5) {
		t.Errorf("an infinity has a rank like any other: %v", got)
	}
}

func TestClass(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		scores []float32
		want   int
	}{{nil, -1}, {[]float32{-3}, 0}, {[]float32{1, 3, 3}, 1}, {[]float32{nan, 1}, -1}, {[]float32{1, nan}, -1}} {
		if got := Class(c.scores); got != c.want {
			t.Errorf("class of %v: %d, want %d", c.scores, got, c.want)
		}
	}
}
