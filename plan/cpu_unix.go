//go:build unix

package plan

import "syscall"

// CPUSeconds returns the time that all cores have worked for this process, 0 where the
// system does not tell.
func CPUSeconds() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
