//go:build unix

package sound

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestPipe: a pipe with the name of a file is refused, not waited for.
func TestPipe(t *testing.T) {
	dir := t.TempDir()
	write(t, 8000, 10, dir, "a", "1.wav")
	write(t, 8000, 10, dir, "b", "1.wav")
	if err := syscall.Mkfifo(filepath.Join(dir, "b", "x.wav"), 0o600); err != nil {
		t.Skip(err)
	}
	_, _, err := opened(t, dir, nil)
	if err == nil || !strings.Contains(err.Error(), "x.wav: not a regular file") {
		t.Errorf("%v", err)
	}
}
