package text

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/orchid-seq/orchid/data/corpus"
	"github.com/orchid-seq/orchid/internal/whole"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/bagofwords"
)

// baseline returns the scores of trivial models on a split: what has been found
// before for the same texts, in this process or another; nothing if there is no
// data to fit them to.
func (k *Task) baseline(ctx context.Context, split string) (map[string]float64, error) {
	if !k.c.Baseline {
		return nil, nil
	}
	if b, ok := k.baselines[split]; ok {
		return b, nil
	}
	train, err := k.set(ctx, "train", k.env.Progress("reading"))
	if err != nil {
		k.env.Say(fmt.Sprintf("no score of trivial models, which are fitted to the training data: %v", err))
		return nil, ctx.Err()
	}
	test, err := k.set(ctx, split, k.env.Progress("reading"))
	if err != nil {
		return nil, err
	}
	path := k.baselineFile(train, test)
	b := readBaseline(path)
	if b == nil {
		if b, err = k.fitBaseline(ctx, split, train); err != nil {
			return nil, err
		}
		if path != "" { // a cache that cannot be written is no reason to stop
			_ = whole.WriteFile(path, func(w io.Writer) error { return json.NewEncoder(w).Encode(b) })
		}
	}
	if k.baselines == nil {
		k.baselines = map[string]map[string]float64{}
	}
	k.baselines[split] = b
	return b, nil
}

// baselineFile names the file that keeps the scores for two sets, "" if there is
// no folder for it.
func (k *Task) baselineFile(train, test Examples) string {
	dir, err := corpus.Folder(k.source.Cache())
	if err != nil {
		return ""
	}
	key := sha256.Sum256(fmt.Appendf(nil, "%d %s %d %q %s %s", bagofwords.Version, k.source.Kind(), k.letters(), k.classes, train.Checksum(), test.Checksum()))
	return filepath.Join(dir, fmt.Sprintf("%x.baseline.json", key[:16]))
}

func readBaseline(path string) (b map[string]float64) {
	text, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(text, &b) != nil {
		return nil
	}
	if _, ok := b["majority"]; !ok {
		return nil
	}
	return b
}

func (k *Task) fitBaseline(ctx context.Context, split string, set Examples) (map[string]float64, error) {
	const long = 500_000 // tokens; more take longer than a moment
	tokens := 0
	for i := range set.Len() {
		tokens += set.Length(i)
	}
	if tokens > long {
		k.env.Say("fitting a bag of words (k-mers for bases) to compare with (once; baseline=false leaves it out)")
	}
	train, err := k.source.Texts(ctx, "train")
	if err != nil {
		return nil, err
	}
	test, err := k.source.Texts(ctx, split)
	if err != nil {
		return nil, err
	}
	constant, err := bagofwords.Constant(train, len(k.classes), k.source.Kind())
	if err != nil {
		return nil, err
	}
	b := map[string]float64{"majority": k.scoreOf(ctx, test, func(task.Example) []float64 { return constant })}
	words, err := bagofwords.Fit(ctx, train, len(k.classes), k.source.Kind(), k.letters(), k.env.Progress("fitting"))
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, bagofwords.ErrTooManyClasses):
		k.env.Say(fmt.Sprintf("the bag of words to compare with is left out: %v", err))
		return b, nil
	case err != nil:
		return nil, err
	}
	if n := words.Note(); n != "" {
		k.env.Say(n)
	}
	b["bag_of_words"] = k.scoreOf(ctx, test, words.Predict)
	return b, ctx.Err()
}

// kmer is how many bases are a word of the bag, which also counts those of two
// words in a row, one base longer: 4,096 and some that tell species apart well.
const kmer = 5

// letters is how many letters are a word of the bag, 0 for words of a language.
func (k *Task) letters() int {
	if _, err := k.words.Complements(); err == nil { // bases
		return kmer
	}
	return 0
}

// scoreOf returns the score of a model that gives probabilities, or the value.
func (k *Task) scoreOf(ctx context.Context, test []task.Example, predict func(task.Example) []float64) float64 {
	p := newPredictions(k.source, len(k.classes))
	for i, e := range test {
		if i%256 == 0 && ctx.Err() != nil {
			break // the caller asks again
		}
		probabilities := predict(e)
		scores, labels := make([]float32, len(probabilities)), make([]float32, len(e.Labels))
		for i, v := range probabilities {
			if scores[i] = float32(v); k.source.Kind() == task.Multi {
				scores[i] -= 0.5
			}
		}
		for i, v := range e.Labels {
			labels[i] = float32(v)
		}
		p.add(scores, labels)
	}
	return p.metrics()["score"]
}
