package text

import (
	"context"

	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/tokenize"
)

// A Source gives labelled texts and says what counts as success on them.
type Source interface {
	Kind() task.Kind
	// Classes names the classes, in order; it may have to read the data. Nil
	// for Number.
	Classes(ctx context.Context, words *tokenize.Tokenizer, report func(done, total int)) ([]string, error)
	// Columns names the fields of a record that hold the text and, for pairs, the
	// second text.
	Columns() []string
	// Splits names the splits; train among them, that to report first in front.
	Splits() []string
	// Open reads and tokenises a split.
	Open(ctx context.Context, split string, words *tokenize.Tokenizer, longest int, classes []string, report func(done, total int)) (Examples, error)
	// Texts reads the examples of a split as they are, for the bag of words. Open
	// has opened the split before.
	Texts(ctx context.Context, split string) ([]task.Example, error)
	// Metrics compares predictions, which are classes or values like the labels.
	// Among the results is "score", the one to compare models by.
	Metrics(predicted, labels []float64) map[string]float64
	// Cache is the folder for what is kept from one run to the next, "" for the
	// usual one.
	Cache() string
	// Describe says in a few words what is learned from what.
	Describe() string
}

// Examples are tokenised texts with labels. They are safe for concurrent use.
type Examples interface {
	Len() int
	// Length returns the number of words of an example.
	Length(i int) int
	// Append appends its words and says where a second text begins, 0 for none.
	Append(words []int, i int) (all []int, second int)
	// Labels returns its class, its classes or its value.
	Labels(i int) []float32
	// Checksum identifies the examples.
	Checksum() string
	// Cut says of how many examples words were left out.
	Cut() int
}
