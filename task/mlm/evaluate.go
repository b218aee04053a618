package mlm

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/random"
	"github.com/orchid-seq/orchid/task"
)

// evalWords bounds the words of a batch of an evaluation, if it has several windows.
const evalWords = 4096

// Evaluate scores a split on the same hidden words every time: loss,
// perplexity, and how many are predicted exactly. Beside it stands what a model
// reaches that knows how frequent words are but not the text around them:
// unigram_loss, and majority for the most frequent one. It takes the frequencies
// from the training text if the task has read that, as while training, else from
// the whole text of the split; each word that can be hidden counts once more than
// it occurs.
func (k *Task) Evaluate(ctx context.Context, split string, report func(done, total int)) (map[string]float64, error) {
	open := k.openTrain
	if split == "validation" && len(k.c.EvalData) > 0 {
		open = k.openEval
	}
	if err := open(ctx, report); err != nil {
		return nil, err
	}
	s := k.sets[split]
	if s == nil || len(s.list) == 0 {
		return nil, fmt.Errorf("%v: no %s windows; name other text by eval-data=PATH", k.c.Corpus.Data, split)
	}
	list := evenly(s.list, k.c.EvalLimit)
	t := autograd.Tape{NoGrad: true}
	sum := score{words: k.frequencies(s)}
	for at := 0; at < len(list); {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var b batch
		for ; at < len(list) && (len(b.Words) == 0 || len(b.Words)+k.c.Length <= evalWords); at++ {
			stream := random.New(0, "hidden words of an evaluation", list[at])
			b.add(k, s, list[at], k.c.EvalMask, &stream)
		}
		if len(b.rows) == 0 {
			continue
		}
		err := autograd.Catch(func() {
			t.Reset()
			x := k.model.Forward(&t, b.Words, b.Types, b.Seq)
			logits := k.model.Logits(&t, t.Rows(x, b.rows))
			sum.add(logits.Data, logits.Cols(), b.labels, float64(t.CrossEntropy(logits, b.labels, 0).Data[0]))
		})
		if err != nil {
			return nil, err
		}
		report(at, len(list))
	}
	if sum.n == 0 {
		return nil, errors.New("no word of the text can be hidden")
	}
	return sum.metrics(), nil
}

// evenly returns at most limit items of a list, evenly spread; all for limit 0.
func evenly(list []int, limit int) []int {
	if limit == 0 || len(list) <= limit {
		return list
	}
	some := make([]int, limit)
	for i := range some {
		some[i] = list[i*len(list)/limit]
	}
	return some
}

// A score sums up an evaluation.
type score struct {
	words    *count // to compare with
	n, right int
	loss     float64
	guessed  int     // of the hidden words, are the most frequent one
	unigram  float64 // loss of the frequencies, summed
}

// add counts rows of logits [len(labels), V] whose mean loss is loss.
func (s *score) add(logits []float32, V int, labels []int, loss float64) {
	for i, label := range labels {
		s.unigram += s.words.loss(label)
		if label == s.words.top {
			s.guessed++
		}
		if task.Class(logits[i*V:(i+1)*V]) == label {
			s.right++
		}
	}
	s.n += len(labels)
	s.loss += loss * float64(len(labels))
}

func (s *score) metrics() map[string]float64 {
	n := float64(s.n)
	return map[string]float64{
		"loss": s.loss / n, "perplexity": math.Exp(s.loss / n), "masked_accuracy": float64(s.right) / n,
		"majority": float64(s.guessed) / n, "unigram_loss": s.unigram / n, "hidden_words": n,
	}
}
