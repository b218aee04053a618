// Package tinymodel makes model folders for tests: models that train in a moment.
package tinymodel

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/train"
)

// The data of the models.
var (
	reviews = "text,label\n" + strings.Repeat("a fine film,positive\na dull film,negative\nfine and warm,positive\nlong and dull,negative\nso fine,positive\nso dull,negative\n", 8)
	lengths = "text,label\n" + strings.Repeat("a,1\na b,3\na b c,5\na b c d,7\n", 8)
	rhyme   = strings.Repeat("the cat sat on the mat\n\n", 40)
	words   = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\ncat\nsat\non\nmat\na\n##t\n"
)

// settings are common to all of them.
var settings = []string{"width=16", "depth=1", "mlp-blocks=1", "filter-width=8", "dropout=0", "max-length=48", "pad-vocabulary=1", "lr=5e-3", "checkpoint-every=1000"}

// Reviews writes dir/reviews, which tells positive from negative, and returns its path.
// A token is a byte, and a text has at most 48.
func Reviews(dir string) (string, error) {
	return trained(dir, "text", "reviews", "reviews.csv", reviews, "tokenizer=bytes", "pool=mean", "batch=6", "steps=40", "lr=2e-2")
}

// Lengths writes dir/lengths, which gives a number, and returns its path.
func Lengths(dir string) (string, error) {
	return trained(dir, "text", "lengths", "lengths.csv", lengths, "tokenizer=bytes", "pool=mean", "labels=number", "batch=8", "steps=20")
}

// Rhyme writes dir/rhyme, which fills masks in "the cat sat on the mat", and returns its
// path.
func Rhyme(dir string) (string, error) {
	vocabulary := filepath.Join(dir, "vocab.txt")
	if err := os.WriteFile(vocabulary, []byte(words), 0o644); err != nil {
		return "", err
	}
	return trained(dir, "mlm", "rhyme", "rhyme.txt", rhyme, "tokenizer="+vocabulary, "document=paragraph", "length=16", "holdout=0.2", "batch=8", "steps=60", "lr=2e-2")
}

// trained trains a model on data, which it puts into a file of dir beside it.
func trained(dir, name, folder, file, data string, own ...string) (string, error) {
	ctx := context.Background()
	path := filepath.Join(dir, file)
	if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
		return "", err
	}
	e, err := experiment.New(name)
	if err != nil {
		return "", err
	}
	all := append([]string{"data=" + path, "cache=" + filepath.Join(dir, "cache")}, settings...)
	if err := e.Override(append(all, own...)); err != nil {
		return "", err
	}
	k, err := e.Build(ctx)
	if err != nil {
		return "", err
	}
	if c, ok := k.(io.Closer); ok {
		defer c.Close()
	}
	if err := k.Prepare(ctx, func(int, int) {}); err != nil {
		return "", err
	}
	out := filepath.Join(dir, folder)
	if err := os.Mkdir(out, 0o755); err != nil {
		return "", err
	}
	if err := e.WriteConfig(out); err != nil {
		return "", err
	}
	if f, ok := k.(task.Filer); ok {
		if err := f.WriteFiles(out); err != nil {
			return "", err
		}
	}
	if _, err := train.Run(ctx, e.Training, k, out, false, train.Observer{}); err != nil {
		return "", err
	}
	return out, e.WriteModel(out, k, nil)
}

// Attention writes dir/attention, a model of text without kernels, and returns its path.
func Attention(dir string) (string, error) {
	return trained(dir, "text", "attention", "attention.csv", reviews, "tokenizer=bytes", "mixer=attention", "mixer-residual=true", "steps=1")
}
