package serve

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/orchid-seq/orchid/internal/numeral"
)

type tokenizeRequest struct {
	Model   string          `json:"model"`
	Inputs  json.RawMessage `json:"inputs"`
	Special *bool           `json:"add_special_tokens"`
}

// tokenAnswer is a token: bytes start to stop of the UTF-8 of its text.
type tokenAnswer struct {
	ID      int    `json:"id"`
	Text    string `json:"text"`
	Special bool   `json:"special"`
	Start   *int   `json:"start"`
	Stop    *int   `json:"stop"`
}

// teiTokenize answers POST /tokenize. A text may have more tokens than the model takes.
func (s *Server) teiTokenize(w http.ResponseWriter, r *http.Request) error {
	var q tokenizeRequest
	m, err := s.question(w, r, &q, func() string { return q.Model })
	if err != nil {
		return err
	}
	inputs, _, err := s.texts("inputs", q.Inputs, forms{})
	if err != nil {
		return err
	}
	bare, all := q.Special != nil && !*q.Special, 0
	a := make([][]tokenAnswer, len(inputs))
	for i, in := range inputs {
		leave, err := s.wait(r.Context(), len(in.A))
		if err != nil {
			return err
		}
		e, err := m.Tokenize(in.A, bare)
		leave()
		if err != nil {
			return fail(invalid, "inputs", "%s: %v", place("inputs", inputs, i), err)
		}
		if all += len(e.IDs); all > s.o.RequestTokens {
			return fail(tooLong, "inputs", "the texts have %s and more, the server takes %s a request", numeral.Plural(all, "token"), numeral.Thousands(s.o.RequestTokens))
		}
		const numbers = 16 // that a token takes as much memory as
		if err := s.fits(r, "inputs", numbers*len(e.IDs)); err != nil {
			return err
		}
		a[i] = make([]tokenAnswer, len(e.IDs))
		for k, id := range e.IDs {
			t := tokenAnswer{ID: id, Text: m.Word(id)}
			if span := e.Spans[k]; span.Start == span.End {
				t.Special = true
			} else {
				t.Start, t.Stop = &span.Start, &span.End
			}
			a[i][k] = t
		}
	}
	entry(r).tokens = all
	return s.json(w, r, http.StatusOK, a)
}

type decodeRequest struct {
	Model string          `json:"model"`
	IDs   json.RawMessage `json:"ids"`
	Plain *bool           `json:"skip_special_tokens"`
}

// teiDecode answers POST /decode.
func (s *Server) teiDecode(w http.ResponseWriter, r *http.Request) error {
	var q decodeRequest
	m, err := s.question(w, r, &q, func() string { return q.Model })
	if err != nil {
		return err
	}
	raw := bytes.TrimSpace(q.IDs)
	if len(raw) < 2 || raw[0] != '[' || bytes.ContainsAny(bytes.TrimSpace(raw[1:])[:1], `]"`) {
		return fail(invalid, "ids", "ids: want a list of at least one id, or a list of such lists")
	}
	inputs, _, err := s.texts("ids", raw, forms{ids: true})
	if err != nil {
		return err
	}
	a, all := make([]string, len(inputs)), 0
	for i, in := range inputs {
		if len(in.IDs) == 0 {
			return fail(invalid, "ids", "%s: want a list of at least one id", place("ids", inputs, i))
		}
		if all += len(in.IDs); all > s.o.RequestTokens {
			return fail(tooLong, "ids", "more than %s, which is what the server takes", numeral.Plural(s.o.RequestTokens, "id"))
		}
		if a[i], err = m.Decode(in.IDs, q.Plain == nil || *q.Plain); err != nil {
			return fail(invalid, "ids", "%s: %v", place("ids", inputs, i), err)
		}
	}
	return s.json(w, r, http.StatusOK, a)
}

// teiInfo answers GET /info; ?model= says of which one where there are several.
func (s *Server) teiInfo(w http.ResponseWriter, r *http.Request) error {
	m, err := s.model(r.URL.Query().Get("model"))
	if err != nil {
		return err
	}
	type object = map[string]any
	i := m.info
	pooling := i.Settings["pool"]
	if pooling == "" {
		pooling = "mean"
	}
	kind := object{"embedding": object{"pooling": pooling}}
	if i.Classes != nil {
		names, numbers := map[int]string{}, map[string]int{}
		for n, class := range i.Classes {
			names[n], numbers[class] = class, n
		}
		kind = object{"classifier": object{"id2label": names, "label2id": numbers}}
	}
	return s.json(w, r, http.StatusOK, object{
		"model_id": i.Name, "model_sha": nil, "model_dtype": "float32", "model_type": kind,
		"max_concurrent_requests": s.o.Queue, "max_input_length": s.longest(m), "max_batch_tokens": s.o.BatchTokens, "max_batch_requests": nil,
		"max_client_batch_size": s.o.Items, "auto_truncate": false, "tokenization_workers": 1, "version": s.o.Version, "sha": nil, "docker_label": nil,
	})
}
