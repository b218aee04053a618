package serve

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/orchid-seq/orchid"
)

// teiRequest is what the routes of text-embeddings-inference that compute take.
type teiRequest struct {
	Model     string          `json:"model"` // ours: there may be several
	Inputs    json.RawMessage `json:"inputs"`
	Truncate  *bool           `json:"truncate"`
	Direction *string         `json:"truncation_direction"`
}

// truncate returns whether texts may be cut.
func (q teiRequest) truncate() (bool, error) {
	if q.Direction != nil && !strings.EqualFold(*q.Direction, "right") {
		return false, fail(invalid, "truncation_direction", "truncation_direction: only right can be done")
	}
	return q.Truncate != nil && *q.Truncate, nil
}

type teiEmbedRequest struct {
	teiRequest
	Normalize  *bool `json:"normalize"`
	Dimensions *int  `json:"dimensions"`
}

// teiEmbed answers POST /embed.
func (s *Server) teiEmbed(w http.ResponseWriter, r *http.Request) error {
	var q teiEmbedRequest
	m, err := s.question(w, r, &q, func() string { return q.Model })
	if err != nil {
		return err
	}
	o := orchid.EmbedOptions{Normalize: q.Normalize == nil || *q.Normalize}
	if o.Dimensions, err = positive("dimensions", q.Dimensions); err != nil {
		return err
	}
	list, err := s.teiVectors(w, r, m, q.teiRequest, o)
	if err != nil {
		return err
	}
	a := make([][]float32, len(list))
	for i, e := range list {
		a[i] = e.Vector
	}
	return s.json(w, r, http.StatusOK, a)
}

// teiEmbedAll answers POST /embed_all.
func (s *Server) teiEmbedAll(w http.ResponseWriter, r *http.Request) error {
	var q teiRequest
	m, err := s.question(w, r, &q, func() string { return q.Model })
	if err != nil {
		return err
	}
	list, err := s.teiVectors(w, r, m, q, orchid.EmbedOptions{Tokens: true})
	if err != nil {
		return err
	}
	a := make([][][]float32, len(list))
	for i, e := range list {
		a[i] = e.TokenVectors
	}
	return s.json(w, r, http.StatusOK, a)
}

func (s *Server) teiVectors(w http.ResponseWriter, r *http.Request, m *served, q teiRequest, o orchid.EmbedOptions) (list []orchid.Embedding, err error) {
	if o.Truncate, err = q.truncate(); err != nil {
		return nil, err
	}
	// One list of ids is a list of texts to none but us: there each text is in a list.
	inputs, _, err := s.texts("inputs", q.Inputs, forms{ids: true})
	if err != nil {
		return nil, err
	}
	if list, err = s.embed(r, m, "inputs", o, inputs); err != nil {
		return nil, err
	}
	tellCut(w, len(list), func(i int) orchid.Usage { return list[i].Usage })
	return list, nil
}

type teiPredictRequest struct {
	teiRequest
	Raw bool `json:"raw_scores"`
}

// teiPredict answers POST /predict.
func (s *Server) teiPredict(w http.ResponseWriter, r *http.Request) error {
	var q teiPredictRequest
	m, err := s.question(w, r, &q, func() string { return q.Model })
	if err != nil {
		return err
	}
	if q.Raw {
		return fail(invalid, "raw_scores", "raw_scores: only probabilities are given")
	}
	var o orchid.ClassifyOptions
	if o.Truncate, err = q.truncate(); err != nil {
		return err
	}
	inputs, alone, err := s.sequences(q.Inputs)
	if err != nil {
		return err
	}
	list, err := s.classify(r, m, "inputs", o, inputs)
	if err != nil {
		return err
	}
	tellCut(w, len(list), func(i int) orchid.Usage { return list[i].Usage })
	a := make([][]score, len(list))
	for i, c := range list {
		if c.Value != nil {
			a[i] = []score{{*c.Value, "value"}}
		} else {
			a[i] = scores(c.Prediction, 0)
		}
	}
	if alone {
		return s.json(w, r, http.StatusOK, a[0])
	}
	return s.json(w, r, http.StatusOK, a)
}

// sequences reads what /predict takes: a text, a list of two, which are a pair, or a list
// of lists of one or two.
func (s *Server) sequences(raw json.RawMessage) (list []orchid.Input, alone bool, err error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || raw[0] != '[' {
		return s.texts("inputs", raw, forms{})
	}
	if first := bytes.TrimSpace(raw[1:]); first[0] == '"' {
		in, err := sequence("inputs", raw)
		return []orchid.Input{in}, true, err
	}
	if n := elements(raw); n > s.o.Items {
		return nil, false, fail(tooMany, "inputs", "inputs has %d texts, at most %d may be", n, s.o.Items)
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(raw, &parts); err != nil {
		return nil, false, fail(malformed, "inputs", "inputs: %s", reason(err))
	}
	if len(parts) == 0 {
		return nil, false, fail(invalid, "inputs", "inputs is an empty list: want at least one text")
	}
	for i, p := range parts {
		in, err := sequence(fmt.Sprintf("inputs[%d]", i), p)
		if err != nil {
			return nil, false, err
		}
		list = append(list, in)
	}
	return list, false, nil
}

func sequence(place string, raw []byte) (in orchid.Input, err error) {
	var texts []*string
	if json.Unmarshal(raw, &texts) != nil || len(texts) < 1 || len(texts) > 2 || texts[0] == nil || texts[len(texts)-1] == nil {
		return in, fail(invalid, place, "%s: want a list of one text, or of two that are a pair", place)
	}
	in.A = *texts[0]
	if len(texts) == 2 {
		in.B = *texts[1]
	}
	return in, nil
}
