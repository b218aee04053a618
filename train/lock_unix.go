//go:build unix

package train

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// lock keeps a second process out of a run's folder, until unlock is called or
// the process ends, however it ends.
func lock(dir string) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(dir, ".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: another process is training in this folder", dir)
	}
	return func() { f.Close() }, nil
}
