package image

import (
	"testing"

	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/internal/par"
)

// BenchmarkBatch measures how many pictures of CIFAR-10 one core makes ready for
// training: cropped and mirrored, and by the whole recipe of ImageNet.
func BenchmarkBatch(b *testing.B) {
	dir := numtest.Shared(b, "data", "cifar-10-sample")
	defer par.SetThreads(par.SetThreads(1))
	for _, r := range []struct {
		name   string
		change func(c *Config)
	}{{"crop+flip", func(c *Config) { c.Crop = 4 }}, {"full", vary}} {
		b.Run(r.name, func(b *testing.B) {
			c := tiny(dir)
			c.Batch = 50
			r.change(c)
			k := prepared(b, c)
			var batch batch
			step := 0
			for b.Loop() {
				k.fill(&batch, step)
				step++
			}
			b.ReportMetric(float64(c.Batch)*float64(b.N)/b.Elapsed().Seconds(), "pictures/s")
		})
	}
}
