package live

import (
	"bytes"
	"io"
	"os"
	"time"

	"github.com/orchid-seq/orchid/internal/whole"
	"github.com/orchid-seq/orchid/report"
)

// A tail reads a history.jsonl that grows. Lines are read once, when they are
// whole. The zero value has read nothing.
type tail struct {
	History report.History

	end  int64  // of what was read, behind a line
	last []byte // the line before end
	size int64  // of the file when it was last looked at
	time time.Time
}

// read takes what has come since. A run that goes on from a checkpoint cuts its
// history, so a file whose last known line is not at its place is read anew.
func (t *tail) read(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Size() == t.size && info.ModTime().Equal(t.time) {
		return nil
	}
	f, err := whole.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if !t.grown(f) {
		*t = tail{}
	}
	text, err := io.ReadAll(io.NewSectionReader(f, t.end, max(0, info.Size()-t.end)))
	if err != nil {
		return err
	}
	text = text[:bytes.LastIndexByte(text, '\n')+1]
	for line := range bytes.Lines(text) {
		_ = t.History.Add(line) // what is no line of a history says nothing
		t.last = bytes.Clone(line)
	}
	t.end += int64(len(text))
	t.size, t.time = info.Size(), info.ModTime()
	return nil
}

// grown reports whether a file still begins with what was read.
func (t *tail) grown(f io.ReaderAt) bool {
	there := make([]byte, len(t.last))
	n, _ := f.ReadAt(there, t.end-int64(len(t.last)))
	return bytes.Equal(there[:n], t.last)
}
