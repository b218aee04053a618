package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"regexp"
	"strings"
)

// A History is the curves of a run.
type History struct {
	Training    []Point
	Evaluations []Point
	Step        int     // reached
	Seconds     float64 // until there
}

// A Point is a line of history.jsonl: the loss of a training line, the metrics of
// an evaluation.
type Point struct {
	Step    int
	Seconds float64
	Tokens  int // trained on so far
	Loss    float64
	Split   string
	Metrics map[string]float64

	// Of a training line; what lines of older versions lack is 0.
	Rate     float64            // learning rate of the main group
	GradNorm float64            // mean since the line before
	Layers   map[string]float64 // norms of the gradients of this step, by layer
	MemoryMB int                // of the process
	Steps    int                // of the whole run
}

// readHistory reads a history.jsonl. A line that says nothing is left out and
// noted, but for the last one, which a run that is going on has not finished.
func readHistory(path string) (h History, notes []string, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return h, nil, err
	}
	n, bad, first := 0, 0, 0
	for line := range bytes.Lines(text) {
		n++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if err := h.Add(line); err != nil {
			if bad++; bad == 1 {
				first = n
			}
			if torn := !bytes.HasSuffix(line, []byte("\n")); torn {
				bad--
			}
		}
	}
	if bad > 0 {
		notes = append(notes, fmt.Sprintf("%s: line %d is no line of a history (%d such in all); left out", path, first, bad))
	}
	return h, notes, nil
}

// Add takes one more line. The error says why it is none of a history; then nothing
// has changed.
func (h *History) Add(line []byte) error {
	p, trained, err := readPoint(line)
	if err != nil {
		return err
	}
	h.Step, h.Seconds = max(h.Step, p.Step), max(h.Seconds, p.Seconds)
	if trained {
		h.Training = append(h.Training, p)
	}
	if p.Metrics != nil {
		h.Evaluations = append(h.Evaluations, p)
	}
	return nil
}

// readPoint reads one line and says whether it is about training.
func readPoint(line []byte) (p Point, trained bool, err error) {
	var l struct {
		Step     *int              `json:"step"`
		Seconds  number            `json:"seconds"`
		Tokens   int               `json:"tokens"`
		Loss     *number           `json:"loss"`
		Split    string            `json:"split"`
		Metrics  map[string]number `json:"metrics"`
		Rate     number            `json:"lr"`
		GradNorm number            `json:"grad_norm"`
		Layers   map[string]number `json:"grad_norms"`
		MemoryMB int               `json:"memory_mb"`
		Steps    int               `json:"steps"`
	}
	if err := json.Unmarshal(notFinite.ReplaceAll(line, []byte(`:"$1"`)), &l); err != nil {
		return p, false, err
	}
	if l.Step == nil || l.Loss == nil && l.Metrics == nil {
		return p, false, fmt.Errorf("no step, or neither loss nor metrics")
	}
	p = Point{
		Step: *l.Step, Seconds: float64(l.Seconds), Tokens: l.Tokens, Split: l.Split,
		Rate: float64(l.Rate), GradNorm: float64(l.GradNorm), Layers: floats(l.Layers), MemoryMB: l.MemoryMB, Steps: l.Steps,
		Metrics: floats(l.Metrics),
	}
	if l.Loss != nil {
		p.Loss = float64(*l.Loss)
	}
	return p, l.Loss != nil, nil
}

// notFinite is how other programs write numbers that JSON has no form for.
var notFinite = regexp.MustCompile(`:\s*(-?(?:NaN|Infinity|Inf))\b`)

// A number is one of JSON, or the name of one that is not finite; null is NaN.
type number float64

// floats returns values as Go's numbers, nil for none.
func floats(values map[string]number) map[string]float64 {
	if values == nil {
		return nil
	}
	list := make(map[string]float64, len(values))
	for k, v := range values {
		list[k] = float64(v)
	}
	return list
}

// MarshalJSON implements json.Marshaler.
func (n number) MarshalJSON() ([]byte, error) {
	if v := float64(n); math.IsNaN(v) || math.IsInf(v, 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *number) UnmarshalJSON(text []byte) error {
	switch s := strings.Trim(string(text), `"`); s {
	case "NaN", "-NaN", "null":
		*n = number(math.NaN())
	case "Infinity", "Inf":
		*n = number(math.Inf(1))
	case "-Infinity", "-Inf":
		*n = number(math.Inf(-1))
	default:
		return json.Unmarshal(text, (*float64)(n))
	}
	return nil
}
