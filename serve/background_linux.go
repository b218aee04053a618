package serve

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// background lets the calling goroutine run only where no other thread wants to: what is
// woken up by a short request need not wait for the end of its time slice. Its thread ends
// with it.
func background() {
	runtime.LockOSThread()
	// Where the system refuses, long texts and short ones share evenly.
	_ = unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_IDLE}, 0)
}
