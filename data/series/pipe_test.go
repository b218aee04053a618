//go:build unix

package series

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestPipe: a pipe with the name of a file is refused, not waited for.
func TestPipe(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.ts")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	_, err := Read(path, Default())
	if err == nil || !strings.Contains(err.Error(), "x.ts: not a regular file") {
		t.Errorf("%v", err)
	}
}
