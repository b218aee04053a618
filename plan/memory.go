package plan

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/optim"
)

// A Memory is the parts of a process's resident memory, in bytes.
type Memory struct {
	Program     int64 `json:"program"`     // the program, the Go runtime and the data it holds
	Weights     int64 `json:"weights"`     // parameters, buffers and gradients
	Optimizer   int64 `json:"optimizer"`   // moments of AdamW, and an average of the weights
	Activations int64 `json:"activations"` // values, gradients and scratch of a step
	Evaluation  int64 `json:"evaluation"`  // the same of an evaluation
	Garbage     int64 `json:"garbage"`     // what Go lets grow between two collections
	Preparation int64 `json:"preparation"` // all of the process while it read the data

	heap int64 // of Program and Weights, what Go's collector looks after
}

// Step is what a training step needs, late in the training.
func (m Memory) Step() int64 {
	return m.Program + m.Weights + m.Optimizer + m.Activations + min(m.Garbage, m.slack(0))
}

// Run is the most that a training needs: what was held for steps stays while the model
// is evaluated.
func (m Memory) Run() int64 {
	return max(m.Program+m.Weights+m.Optimizer+m.Activations+m.Evaluation+m.Garbage, m.Preparation)
}

// slack is how much garbage there may be before Go collects it, with an evaluation or
// without.
func (m Memory) slack(evaluation int64) int64 {
	return slack(m.heap + m.Optimizer + m.Activations + evaluation)
}

// slack is how much garbage there may be beside so many bytes before Go collects it.
func slack(live int64) int64 {
	percent := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(percent)
	if percent[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return int64(min(1, float64(percent[0].Value.Uint64())/100) * float64(live))
}

// heap is what Go's collector looks after.
func heap() int64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// garbage is the garbage that there may be if so many bytes are made.
func (m Memory) garbage(made float64) int64 {
	return min(m.slack(m.Evaluation), int64(min(made, 1<<62)))
}

// base measures this process, which has the model and the data, and counts what a
// training adds at once.
func (s Subject) base() (m Memory) {
	params := s.Task.Params()
	optim.ZeroGrad(params) // so that gradients are resident
	debug.FreeOSMemory()
	all := 0
	for _, p := range params {
		all += len(p.Data) + len(p.Grad)
	}
	trained := autograd.Count(params)
	m.Weights = 4 * int64(all)
	m.Program = max(0, Resident()-m.Weights) + runtimeBytes
	m.heap = heap()
	m.Optimizer = 8*int64(trained) + 4*int64(all/2-trained)
	if s.Experiment.Training.EMA > 0 {
		m.Optimizer += 4 * int64(trained)
	}
	return m
}

// runtimeBytes is what a training adds to the program: code that has not run yet, stacks.
const runtimeBytes = 4 << 20

// programBytes is about what the program's code takes where the system does not tell.
const programBytes = 20 << 20

// Resident returns the resident memory of this process in bytes; where the system does
// not tell, what the Go runtime has of it.
func Resident() int64 {
	if n := processStatus("VmRSS"); n > 0 {
		return n
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys-m.HeapReleased) + programBytes
}

// Peak returns the most that Resident has been, 0 where the system does not tell.
func Peak() int64 { return processStatus("VmHWM") }
