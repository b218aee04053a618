package plan

import (
	"fmt"
	"time"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/numeral"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/language"
)

// A Forward is what a pass over one sequence needs, without gradients.
type Forward struct {
	Length  int     `json:"length"`
	Bytes   int64   `json:"bytes"` // of the process
	Seconds float64 `json:"seconds"`
	Share   float64 `json:"share"` // of the sequence that was run to tell
}

// Forward predicts passes over single sequences, as in serving, running shorter
// ones for about so long each. Texts become vectors; a head for hidden words or for
// labels has few rows to work on.
func (s Subject) Forward(lengths []int, budget time.Duration) (list []Forward, err error) {
	p, err := s.prober()
	if err != nil {
		return nil, err
	}
	if e, ok := s.Task.(language.Embedder); ok {
		p.task = reader{p.task, e}
	}
	if !s.Served {
		for _, q := range p.params {
			q.Fix(true)
			defer q.Fix(false)
		}
	}
	for _, L := range lengths {
		one := []int{L}
		c, err := p.climb([][]int{one}, p.byLength(), budget)
		if err != nil {
			return nil, err
		}
		list = append(list, Forward{Length: L, Share: c.share, Seconds: c.seconds(one), Bytes: s.held() + c.alone(L)})
	}
	return list, nil
}

// A reader is a task whose made-up texts are turned into vectors.
type reader struct {
	task.Sized
	embedder language.Embedder
}

// MadeUp implements task.Sized.
func (r reader) MadeUp(t *autograd.Tape, lengths []int) *autograd.Node {
	b := language.MadeUp(lengths, r.embedder.Tokenizer().Size())
	return r.embedder.Vectors(t, b, r.embedder.Hidden(t, b), "")
}

// held is the memory of this process with the model, without gradients, and with what
// lies on the heap that may be garbage.
func (s Subject) held() int64 {
	if s.Served {
		return Resident() + runtimeBytes + slack(heap())
	}
	m := s.base()
	return m.Program + m.Weights/2 + slack(m.heap-m.Weights/2) // with what Fix has made
}

// forwardBudget is for how long RefuseForward runs passes where a short look does not
// tell.
const forwardBudget = time.Second

// RefuseForward returns a *TooLargeError if a pass over a sequence of this length needs
// more than so many bytes. Where it needs far less, it takes but a moment to see.
func (s Subject) RefuseForward(length int, available int64) error {
	need := int64(0)
	for _, budget := range []time.Duration{0, forwardBudget} {
		list, err := s.Forward([]int{length}, budget)
		if err != nil {
			return err
		}
		if need = list[0].Bytes; need < available/4 {
			return nil
		}
	}
	if need <= available {
		return nil
	}
	held := s.held()
	e := &TooLargeError{
		Need: need, Available: available, Fits: toInt(0.9 * float64(length) * float64(available-held) / float64(need-held)),
		Most: fmt.Sprintf("a sequence of %s tokens", numeral.Thousands(length)), Change: []string{"shorter sequences"},
	}
	for ; e.Fits > 0; e.Fits /= 2 { // what is advised has been tried
		list, err := s.Forward([]int{e.Fits}, forwardBudget)
		if err != nil {
			return err
		}
		if list[0].Bytes <= available {
			e.Change = []string{fmt.Sprintf("sequences of %s at most", numeral.Thousands(e.Fits))}
			break
		}
	}
	return e
}
