package cpu

import "golang.org/x/sys/cpu"

// detect climbs rung by rung, so that taking one away through GODEBUG takes
// away those above it too.
func detect() Level {
	x := cpu.X86
	switch {
	case !x.HasAVX2 || !x.HasFMA:
		return Portable
	case !x.HasAVX512F || !x.HasAVX512BW || !x.HasAVX512DQ || !x.HasAVX512VL:
		return AVX2
	}
	return AVX512
}
