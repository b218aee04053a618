package mixer

import (
	"fmt"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/tensor"
)

// BenchmarkOperator times a layer in millions of elements (rows times
// channels) a second.
func BenchmarkOperator(b *testing.B) {
	for _, shape := range []struct{ B, L, D int }{{8, 128, 128}, {1, 4096, 256}} {
		for _, c := range []struct {
			name   string
			config Config
		}{
			{"orchid", Default()},
			{"orchid-dft", changed(func(c *Config) { c.Transform = "dft" })},
			{"attention", options["four heads"]},
			{"hyena", options["hyena"]},
			{"m2", options["m2"]},
		} {
			for _, pass := range []string{"forward", "both"} {
				b.Run(fmt.Sprintf("%dx%dx%d/%s/%s", shape.B, shape.L, shape.D, c.name, pass), func(b *testing.B) {
					m, seq := build(b, c.config, shape.D, shape.L), tensor.Uniform(shape.B, shape.L)
					n := seq.Total() * shape.D
					x, dy, dx := numtest.Normal(1, n), numtest.Normal(2, n), make([]float32, n)
					tape := autograd.Tape{NoGrad: pass == "forward"}
					for b.Loop() {
						tape.Reset()
						y := m.Forward(&tape, tape.Variable(x, dx, seq.Total(), shape.D), seq)
						if pass == "both" {
							tape.Backward(y, dy, 1)
						}
					}
					b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Melem/s")
				})
			}
		}
	}
}
