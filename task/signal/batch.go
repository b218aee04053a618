package signal

import (
	"cmp"
	"encoding/binary"
	"hash"
	"math"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/random"
	"github.com/orchid-seq/orchid/tensor"
)

// A batch is packed sequences with their labels, normalised.
type batch struct {
	x      []float32 // [T, C]
	seq    tensor.Offsets
	labels []int
	err    error
}

// batch reads examples of a set. Those of a training step are varied, each by a
// stream of its own, so that the result does not depend on threads.
func (k *Task) batch(set Set, examples []int, step *int) batch {
	lengths, streams := make([]int, len(examples)), make([]random.Stream, len(examples))
	b := batch{labels: make([]int, len(examples))}
	for j, i := range examples {
		lengths[j], b.labels[j] = set.Rows(i), set.Label(i)
		if step != nil {
			streams[j] = random.New(k.seed, "augment", *step, j)
			lengths[j] = k.c.pace(lengths[j], &streams[j])
		}
	}
	b.seq = tensor.Pack(lengths...)
	C := k.c.Channels
	b.x = make([]float32, b.seq.Total()*C)
	faults := make([]error, len(examples))
	par.For(len(examples), 4, func(lo, hi int) {
		for j := lo; j < hi; j++ {
			from, to := b.seq.Span(j)
			x := b.x[from*C : to*C]
			if faults[j] = read(set, x, examples[j], C); faults[j] != nil {
				continue
			}
			if step != nil {
				k.c.vary(x, C, &streams[j])
			}
			k.scale.apply(x)
		}
	})
	b.err = cmp.Or(faults...) // the first
	return b
}

// read writes a sequence of a set to dst, stretched to its length.
func read(set Set, dst []float32, i, channels int) error {
	n := set.Rows(i) * channels
	if len(dst) == n {
		return set.Read(dst, i)
	}
	x := make([]float32, n)
	if err := set.Read(x, i); err != nil {
		return err
	}
	stretch(dst, x, channels)
	return nil
}

// Loss records the mean loss of a training step. A file that was readable when the
// data was opened and no longer is makes it panic with an error that names the file.
func (k *Task) Loss(t *autograd.Tape, step int) (loss *autograd.Node, sequences, tokens int) {
	b := k.loader.At(step)
	if b.err != nil {
		panic(&autograd.InputError{Err: b.err})
	}
	logits := k.model.Forward(t, b.x, b.seq)
	rows := b.seq.Map(k.c.Signal.Rows)
	return t.CrossEntropy(logits, b.labels, k.c.Smoothing), b.seq.Count(), rows.Total()
}

// hashSequence adds a sequence and its label to a checksum.
func hashSequence(h hash.Hash, x []float32, label int) {
	b := make([]byte, 0, 16+4*len(x))
	b = binary.LittleEndian.AppendUint64(b, uint64(label))
	b = binary.LittleEndian.AppendUint64(b, uint64(len(x)))
	for _, v := range x {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	h.Write(b)
}
