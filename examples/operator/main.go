// Command operator uses the Orchid operator alone: three sequences of different
// lengths in one packed batch, forward and backward, and one of them by itself.
//
//	go run ./examples/operator -transform dft
package main

import (
	"flag"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/mixer"
	"github.com/orchid-seq/orchid/tensor"
)

const (
	channels = 32
	longest  = 1000
)

func main() {
	options := mixer.Default()
	flag.StringVar(&options.Transform, "transform", options.Transform, "dft, dft-ortho, dct-ortho, dct or dct1")
	flag.Parse()
	m, err := mixer.New(options, "", channels, longest)
	if err != nil {
		log.Fatal(err)
	}
	if err := autograd.Initialize(m.Params(), autograd.SchemeUniform, 1); err != nil {
		log.Fatal(err)
	}
	// Sequences stand one behind the other, without padding; offsets tell them apart.
	seq := tensor.Pack(longest, 17, 300)
	rng := rand.New(rand.NewPCG(1, 2))
	x := make([]float32, seq.Total()*channels)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	dx := make([]float32, len(x)) // Backward adds the gradient to it
	var tape autograd.Tape
	y := m.Forward(&tape, tape.Variable(x, dx, seq.Total(), channels), seq)
	fmt.Printf("%s: x %v to y %v, %d parameters\n", options.Describe(), []int{seq.Total(), channels}, y.Shape, autograd.Count(m.Params()))

	lo, hi := seq.Span(1)
	alone := tensor.Pack(hi - lo)
	var other autograd.Tape
	z := m.Forward(&other, other.Input(x[lo*channels:hi*channels], hi-lo, channels), alone)
	fmt.Println("the second sequence alone has the same bits:", slices.Equal(z.Data, y.Data[lo*channels:hi*channels]))

	tape.Backward(y, x, 1) // the gradient of sum(y * x)
	fmt.Printf("|dx| = %.4g\n", norm(dx))
	for _, p := range m.Params() {
		if p.Frozen {
			continue
		}
		fmt.Printf("|grad of %s %v| = %.4g\n", p.Name, p.Shape, norm(p.Grad))
	}
}

func norm(v []float32) float64 {
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	return math.Sqrt(sum)
}
