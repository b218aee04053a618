package serve

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/orchid-seq/orchid"
)

// textsRequest is what /v1/classify and /v1/fill-mask take.
type textsRequest struct {
	Model    string          `json:"model"`
	Input    json.RawMessage `json:"input"`
	Top      *int            `json:"top"`
	Truncate bool            `json:"truncate"`
}

type classifyAnswer struct {
	Object string          `json:"object"`
	Data   []classesAnswer `json:"data"`
	Model  string          `json:"model"`
	Usage  usageAnswer     `json:"usage"`
}

type classesAnswer struct {
	Index     int      `json:"index"`
	Label     string   `json:"label,omitempty"`
	Labels    []string `json:"labels,omitzero"`
	Value     *float64 `json:"value,omitempty"`
	Scores    []score  `json:"scores,omitempty"` // the most probable first
	Truncated int      `json:"truncated_tokens,omitempty"`
}

// A score is the probability of a class.
type score struct {
	Score float64 `json:"score"`
	Label string  `json:"label"`
}

// scores returns the first top of the classes, the most probable first; 0 is all.
func scores(p orchid.Prediction, top int) []score {
	list := make([]score, 0, len(p.Probabilities))
	for label, v := range p.Probabilities {
		list = append(list, score{v, label})
	}
	slices.SortFunc(list, func(a, b score) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Label, b.Label)) })
	if top > 0 {
		list = list[:min(top, len(list))]
	}
	return list
}

// A textsQuestion is a textsRequest that has been read.
type textsQuestion struct {
	inputs   []orchid.Input
	top      int
	truncate bool
}

// textsQuestion reads a textsRequest and finds its model.
func (s *Server) textsQuestion(w http.ResponseWriter, r *http.Request) (m *served, q textsQuestion, err error) {
	var a textsRequest
	if m, err = s.question(w, r, &a, func() string { return a.Model }); err != nil {
		return nil, q, err
	}
	q.truncate = a.Truncate
	if q.top, err = positive("top", a.Top); err != nil {
		return nil, q, err
	}
	q.inputs, _, err = s.texts("input", a.Input, forms{pairs: true})
	return m, q, err
}

// classifyTexts answers POST /v1/classify.
func (s *Server) classifyTexts(w http.ResponseWriter, r *http.Request) error {
	m, q, err := s.textsQuestion(w, r)
	if err != nil {
		return err
	}
	list, err := s.classify(r, m, "input", orchid.ClassifyOptions{Truncate: q.truncate}, q.inputs)
	if err != nil {
		return err
	}
	a := classifyAnswer{Object: "list", Model: m.info.Name}
	for i, c := range list {
		a.Data = append(a.Data, classesAnswer{i, c.Label, c.Labels, c.Value, scores(c.Prediction, q.top), c.Cut})
		a.Usage.add(c.Usage)
	}
	return s.json(w, r, http.StatusOK, a)
}

type fillAnswer struct {
	Object string        `json:"object"`
	Data   []masksAnswer `json:"data"`
	Model  string        `json:"model"`
	Usage  usageAnswer   `json:"usage"`
}

type masksAnswer struct {
	Index     int              `json:"index"`
	Masks     [][]orchid.Guess `json:"masks"`
	Truncated int              `json:"truncated_tokens,omitempty"`
}

// fillMasks answers POST /v1/fill-mask.
func (s *Server) fillMasks(w http.ResponseWriter, r *http.Request) error {
	m, q, err := s.textsQuestion(w, r)
	if err != nil {
		return err
	}
	list, err := s.fillMask(r, m, "input", orchid.FillOptions{Truncate: q.truncate, Top: cmp.Or(q.top, 5)}, q.inputs)
	if err != nil {
		return err
	}
	a := fillAnswer{Object: "list", Model: m.info.Name}
	for i, f := range list {
		a.Data = append(a.Data, masksAnswer{i, f.Masks, f.Cut})
		a.Usage.add(f.Usage)
	}
	return s.json(w, r, http.StatusOK, a)
}
