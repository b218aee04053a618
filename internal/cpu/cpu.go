// Package cpu says which kernel level this process may use.
package cpu

// A Level is an instruction-set level; each includes the ones below it.
type Level int

// The levels, lowest first.
const (
	Portable Level = iota // plain Go
	AVX2                  // AVX2 and FMA
	AVX512                // AVX-512 F, BW, DQ and VL
)

// Levels lists every level, lowest first, for suites that run on all of them.
var Levels = []Level{Portable, AVX2, AVX512}

var best = detect()

// Best returns the highest level this process may use. It honours GODEBUG
// (for example GODEBUG=cpu.avx512f=off or GODEBUG=cpu.avx2=off).
func Best() Level { return best }

// Limit lowers Best to at most l until restore is called. It is for tests and
// must not be called while kernels run.
func Limit(l Level) (restore func()) {
	old := best
	best = min(best, l)
	return func() { best = old }
}

func (l Level) String() string {
	switch l {
	case AVX2:
		return "avx2"
	case AVX512:
		return "avx512"
	}
	return "portable"
}
