package orchid

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/mixer"
	"github.com/orchid-seq/orchid/model"
	"github.com/orchid-seq/orchid/task/language"
)

// Kernels are what the long convolution of a block works with for one text. It adds
// the two: Static, which training has fixed, and Own, which the text itself asks for.
// Taps stand in the order of Lags, magnitudes in that of Frequencies.
type Kernels struct {
	Usage
	Lags        []int     // how many tokens back a tap reaches, ascending; below 0 it looks ahead
	Frequencies []float64 // of the bins of the spectrum, in cycles a token
	Static      *Kernel   // nil if the model was made without
	Own         *Kernel
}

// A Kernel is the taps of some channels, and the magnitudes of their spectra.
type Kernel struct {
	All      Channel   // of all channels together, the root of the mean square
	Channels []Channel // those asked for, in their order
}

// A Channel is one of a Kernel.
type Channel struct {
	Taps       []float32
	Magnitudes []float32
}

// A KernelError says that a block of a model has no kernels to look at.
type KernelError struct {
	Dir   string // the folder
	Block int
	Mixer string // what the block has in place of an Orchid operator
}

// Error names the folder and what its blocks are made of.
func (e *KernelError) Error() string {
	return fmt.Sprintf("%s: block %d mixes with mixer=%s, which makes no kernel of a text: only mixer=orchid does", e.Dir, e.Block, e.Mixer)
}

// Kernels returns those of a block, counted from 0, for one text, and of its channels
// those asked for. The error is an *OptionError if there is no such block or channel, a
// *KernelError if the block is no Orchid operator, and a *LengthError if the text has
// more tokens than the model takes; nothing is cut. Where the model fills masks, [MASK]
// hides a word as it does for FillMask.
func (m *Model) Kernels(ctx context.Context, in Input, block int, channels []int) (Kernels, error) {
	var k Kernels
	encoder := m.task.(interface{ Encoder() *model.Encoder }).Encoder()
	if block < 0 || block >= len(encoder.Blocks) {
		return k, wrongOption("block", "block %d: the model has the blocks 0 to %d", block, len(encoder.Blocks)-1)
	}
	for _, c := range channels {
		if c < 0 || c >= m.info.Width {
			return k, wrongOption("channels", "channel %d: the model has the channels 0 to %d", c, m.info.Width-1)
		}
	}
	orchid, ok := encoder.Blocks[block].Mixer.(*mixer.Orchid)
	if !ok {
		return k, &KernelError{m.info.Dir, block, m.info.Settings["mixer"]}
	}
	e, err := m.Tokens(in, false)
	if f, ok := m.task.(filler); ok {
		if masked, fault := f.Read(in, false); fault == nil {
			e, err = masked, nil
		}
	}
	k.Usage = Usage{Tokens: len(e.IDs)}
	if err != nil {
		return k, err
	}
	t := &tape{NoGrad: true, Stop: ctx.Err}
	var b language.Batch
	b.Add(e.IDs, e.Second())
	rows, err := encoder.Hear(block, t, func() error {
		return autograd.Catch(func() { m.embedder.Hidden(t, b) })
	})
	if err != nil {
		return k, err
	}
	static, own, err := orchid.Kernels(rows)
	if err != nil {
		return k, err
	}
	order := make([]int, len(own.Lags)) // of the taps
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(own.Lags[a], own.Lags[b]) })
	for _, n := range order {
		k.Lags = append(k.Lags, own.Lags[n])
	}
	k.Frequencies = own.Frequencies
	k.Own = pick(own, order, channels)
	if static != nil {
		k.Static = pick(static, order, channels)
	}
	return k, ctx.Err()
}

// pick returns some channels of a kernel, its taps in an order.
func pick(k *mixer.Kernel, order, channels []int) *Kernel {
	out := &Kernel{All: Channel{
		Taps:       make([]float32, len(order)),
		Magnitudes: make([]float32, len(k.Frequencies)),
	}}
	for i, n := range order {
		out.All.Taps[i] = rootMeanSquare(k.Taps.Row(n))
	}
	for b := range k.Frequencies {
		out.All.Magnitudes[b] = rootMeanSquare(k.Spectrum.Row(b))
	}
	for _, c := range channels {
		var one Channel
		for _, n := range order {
			one.Taps = append(one.Taps, k.Taps.Row(n)[c])
		}
		for b := range k.Frequencies {
			one.Magnitudes = append(one.Magnitudes, k.Spectrum.Row(b)[c])
		}
		out.Channels = append(out.Channels, one)
	}
	return out
}

func rootMeanSquare(row []float32) float32 {
	sum := 0.0
	for _, v := range row {
		sum += float64(v) * float64(v)
	}
	return float32(math.Sqrt(sum / float64(len(row))))
}
