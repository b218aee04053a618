//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package train

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// LockFile is what Lock leaves in a folder.
const LockFile = ".lock"

// Lock keeps a second process out of a run's folder, until unlock is called or
// the process ends, however it ends. On systems without flock it does nothing.
func Lock(dir string) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(dir, LockFile), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%s: lock: %w", dir, err)
		}
		return nil, fmt.Errorf("%s: another process is training in this folder", dir)
	}
	return func() { f.Close() }, nil
}
