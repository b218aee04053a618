//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package train

// LockFile is what Lock leaves in a folder.
const LockFile = ".lock"

// Lock keeps a second process out of a run's folder. On systems without flock
// it does nothing.
func Lock(string) (unlock func(), err error) { return func() {}, nil }
