package mlm

import (
	"context"
	"errors"
	"fmt"

	"github.com/orchid-seq/orchid/data"
	"github.com/orchid-seq/orchid/data/corpus"
	"github.com/orchid-seq/orchid/data/store"
	"github.com/orchid-seq/orchid/data/text"
)

// open tokenises files, or finds that done before, and cuts them.
func (k *Task) open(ctx context.Context, files []string, report func(done, total int)) (*windows, error) {
	c := k.c.Corpus
	c.Data = files
	s, _, err := corpus.Open(ctx, c, corpus.Options{Tokenizer: k.words.Literal(), Formats: k.env.Formats, Note: k.env.Note},
		func(done, total int64) { report(int(done), int(total)) })
	if err != nil {
		return nil, err
	}
	w := newWindows(s, k.c.Length-2)
	if w.count() == 0 {
		s.Close()
		return nil, fmt.Errorf("%v: no words in the text", files)
	}
	return w, nil
}

// Prepare implements task.Task.
func (k *Task) Prepare(ctx context.Context, report func(done, total int)) error {
	if k.loader != nil {
		return nil
	}
	if len(k.c.EvalData) > 0 {
		if err := k.openEval(ctx, report); err != nil {
			return err
		}
	}
	if err := k.openTrain(ctx, report); err != nil {
		return err
	}
	w := k.sets["train"].windows
	if len(k.sets["train"].list) == 0 || len(k.sets["validation"].list) == 0 {
		return fmt.Errorf("%v: %d windows of %d words are too few to hold out a share of %g; name other text by eval-data=PATH", k.c.Corpus.Data, w.count(), k.c.Length, k.c.Holdout)
	}
	k.dealer = k.deal(k.sets["train"])
	k.loader = data.NewLoader(k.batch)
	return nil
}

// openTrain reads the text to train on, once, and holds some of it out if there is
// no other text to evaluate on.
func (k *Task) openTrain(ctx context.Context, report func(done, total int)) error {
	if k.sets["train"] != nil {
		return nil
	}
	w, err := k.open(ctx, k.c.Corpus.Data, report)
	if err != nil {
		return err
	}
	if len(k.c.EvalData) > 0 {
		k.sets["train"] = &set{windows: w, list: w.all()}
		return nil
	}
	train, held := w.split(k.c.Holdout)
	k.sets["train"], k.sets["validation"] = &set{windows: w, list: train}, &set{windows: w, list: held}
	return nil
}

// openEval reads the text to evaluate on, once.
func (k *Task) openEval(ctx context.Context, report func(done, total int)) error {
	if k.sets["validation"] != nil {
		return nil
	}
	if err := k.env.Apart(text.Common(k.c.Corpus.Data, k.c.EvalData), "eval-data"); err != nil {
		return err
	}
	w, err := k.open(ctx, k.c.EvalData, report)
	if err == nil {
		k.sets["validation"] = &set{windows: w, list: w.all()}
	}
	return err
}

// Close ends what runs in the background and closes the data. The model can
// still be used; to train or evaluate further reads the data again.
func (k *Task) Close() error {
	if k.loader != nil {
		k.loader.Close()
	}
	stores := map[*store.Store]bool{} // both parts of one text have the same
	for _, s := range k.sets {
		stores[s.store] = true
	}
	var faults []error
	for s := range stores {
		faults = append(faults, s.Close())
	}
	k.sets, k.dealer, k.loader = map[string]*set{}, nil, nil
	return errors.Join(faults...)
}
