package text

import (
	"math"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/random"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/language"
	"github.com/orchid-seq/orchid/tensor"
	"github.com/orchid-seq/orchid/tokenize"
)

// Classify says what the model makes of each text of a batch; none depends on the
// others. It is safe for concurrent use.
func (k *Task) Classify(t *autograd.Tape, b language.Batch) []task.Prediction {
	out := make([]task.Prediction, b.Seq.Count())
	logits := k.use(t, b)
	for i := range out {
		out[i] = k.prediction(k.values(logits.Row(i)))
	}
	return out
}

// prediction reads one row of outputs.
func (k *Task) prediction(out []float32) task.Prediction {
	switch k.source.Kind() {
	case task.Number:
		v := float64(out[0])
		return task.Prediction{Value: &v}
	case task.Single:
		return task.Softmax(k.classes, out)
	}
	p := task.Prediction{Labels: []string{}, Probabilities: map[string]float64{}}
	for i, class := range k.classes {
		p.Probabilities[class] = 1 / (1 + math.Exp(-float64(out[i])))
		if out[i] > 0 {
			p.Labels = append(p.Labels, class)
		}
	}
	return p
}

// Columns names the fields of a record that hold the text and, for pairs, the
// second text.
func (k *Task) Columns() []string { return k.source.Columns() }

// BothStrands reports whether results are means over both strands of DNA, so that
// a token has no row of its own.
func (k *Task) BothStrands() bool { return k.c.ReverseComplement == meanStrand }

// Tokenizer implements language.Embedder.
func (k *Task) Tokenizer() *tokenize.Tokenizer { return k.words }

// Size implements language.Embedder.
func (k *Task) Size() (width, layers int) {
	e := k.c.Language.Model.Encoder
	return e.Width, e.Depth
}

// Longest implements language.Embedder.
func (k *Task) Longest() int { return k.c.Language.Model.Longest() }

// Hidden implements language.Embedder.
func (k *Task) Hidden(t *autograd.Tape, b language.Batch) *autograd.Node {
	return k.model.Forward(t, b.Words, b.Types, b.Seq)
}

// Vectors implements language.Embedder: by default what the head sees.
func (k *Task) Vectors(t *autograd.Tape, b language.Batch, hidden *autograd.Node, how autograd.Pooling) *autograd.Node {
	pool := func(hidden *autograd.Node) *autograd.Node {
		if how == "" {
			return k.model.Pooled(t, hidden, b.Seq)
		}
		return t.Pool(hidden, b.Seq, how)
	}
	return k.bothStrands(t, b, pool(hidden), func(b language.Batch) *autograd.Node { return pool(k.Hidden(t, b)) })
}

// Keep lets static kernels be kept; see mixer.Keeper.
func (k *Task) Keep(bytes int) { k.model.Encoder.Keep(bytes) }

// Sample returns words [n, L].
func (k *Task) Sample() (map[string]*tensor.Tensor, error) {
	const samples, length = 4, 16
	L := length
	if n := k.c.Language.Model.Longest(); n > 0 {
		L = min(L, n)
	}
	words := tensor.New(samples, L)
	for i := range samples {
		s := random.New(0, "sample", i)
		for j := range words.Row(i) {
			words.Row(i)[j] = float32(s.IntN(k.words.Size()))
		}
	}
	return map[string]*tensor.Tensor{"words": words}, nil
}

// Predict returns the logits [n, classes], or values [n, 1], of "words" [n, L].
func (k *Task) Predict(inputs map[string]*tensor.Tensor) (*tensor.Tensor, error) {
	rows, err := language.Words(inputs, k.c.Language.Model.Vocabulary)
	if err != nil {
		return nil, err
	}
	var b language.Batch
	for _, words := range rows {
		b.Add(words, 0)
	}
	out := tensor.New(len(rows), len(k.model.Head.Bias.Data))
	err = autograd.Catch(func() {
		t := autograd.Tape{NoGrad: true}
		logits := k.use(&t, b)
		for i := range rows {
			copy(out.Row(i), k.values(logits.Row(i)))
		}
	})
	return out, err
}
