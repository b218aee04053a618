//go:build unix

package picture

import (
	"image/color"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestPipe: a pipe with the name of a file is refused, not waited for.
func TestPipe(t *testing.T) {
	dir := t.TempDir()
	write(t, picture(t, 3, 2, plain(color.White)), dir, "train", "b", "0.png")
	if err := syscall.Mkfifo(filepath.Join(dir, "train", "b", "x.png"), 0o600); err != nil {
		t.Skip(err)
	}
	_, _, err := Open(t.Context(), dir, Options{})
	if err == nil || !strings.Contains(err.Error(), "x.png: not a regular file") {
		t.Errorf("%v", err)
	}
}
