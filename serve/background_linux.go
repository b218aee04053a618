package serve

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// background gives the thread of the calling goroutine a tenth of the weight that others
// have: short requests go before long ones, which still move on beside busy neighbours.
// The thread ends with the goroutine.
func background() {
	runtime.LockOSThread()
	// Where the system refuses, long texts and short ones share evenly.
	_ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), 10)
}
