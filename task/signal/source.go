package signal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
)

// A Source gives labelled sequences.
type Source interface {
	// Open reads what there is, once. Where classes is nil, the training part says
	// them; otherwise labels are their places, and the training part may be missing.
	Open(ctx context.Context, classes []string, report func(done, total int)) (*Parts, error)
	// Endings are those of the names of its files.
	Endings() []string
	// Read returns the sequences of a file, [rows, channels], with a name for each.
	Read(path string) (sequences [][]float32, names []string, err error)
	// Splits names the parts that there may be, the one to report first in front.
	Splits() []string
	// Where names the data in messages.
	Where() string
	// Describe says in a few words what is learned from what.
	Describe() string
}

// absent adds to an error about data that is not there how to say where it is.
func absent(key, value, what string, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return fmt.Errorf("%s=%s: %w; name the %s by %s=PATH (eval: --data PATH)", key, value, err, what, key)
}

// Parts are the sequences of a data set, by part.
type Parts struct {
	Classes  []string
	Channels int
	Sets     map[string]Set
}

// A Set is the sequences of one part. It is safe for concurrent use.
type Set interface {
	Len() int
	// Rows returns the length of a sequence.
	Rows(i int) int
	Label(i int) int
	// Name says where a sequence is from.
	Name(i int) string
	// Read writes a sequence [Rows(i), channels] to dst.
	Read(dst []float32, i int) error
}
