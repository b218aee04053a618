package vec

import (
	"math"
	"testing"
)

func TestExhaust(t *testing.T) {
	const B = 4096
	x := make([]float32, B)
	y := make([]float32, B)
	for _, f := range functions {
		worst, at, wabs := 0.0, float32(0), 0.0
		for u := uint64(0x2f000000); u < 0x47d00000; {
			for i := range x {
				v := math.Float32frombits(uint32(u))
				if i&1 == 1 {
					v = -v
				}
				x[i] = v
				u += 29
			}
			f.call(y, x)
			for i, v := range x {
				w := f.want(float64(v))
				if g := float32(w); g-g != 0 || math.Abs(w) < 1e-36 {
					continue
				}
				d := math.Abs(float64(y[i]) - w)
				if f.abs > 1e-30 && d <= f.abs {
					wabs = max(wabs, d)
					continue
				}
				if e := d / ulp(w); e > worst {
					worst, at = e, v
				}
			}
		}
		t.Log(f.name, worst, at, wabs)
	}
}
