package serve

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/orchid-seq/orchid"
)

type inferAnswer struct {
	ID         string         `json:"id,omitempty"`
	Model      string         `json:"model_name"`
	Version    string         `json:"model_version"`
	Parameters map[string]int `json:"parameters"`
	Outputs    []outputAnswer `json:"outputs"`
}

type outputAnswer struct {
	tensorAnswer
	Parameters map[string]int `json:"parameters,omitempty"`
	Data       any            `json:"data,omitempty"` // []float32 or []string; not if it is binary
}

// infer answers POST /v2/models/NAME/infer.
func (s *Server) infer(w http.ResponseWriter, r *http.Request) error {
	m, err := s.model(r.PathValue("name"))
	if err != nil {
		return err
	}
	entry(r).model = m.info.Name
	q, texts, err := s.readInfer(w, r)
	if err != nil {
		return err
	}
	wanted, err := m.wanted(q)
	if err != nil {
		return err
	}
	a := inferAnswer{ID: q.ID, Model: m.info.Name, Version: "1"}
	if a.Outputs, a.Parameters, err = s.inferOutputs(r, m, q, wanted, texts); err != nil {
		return err
	}
	var tail bytes.Buffer
	for i, o := range wanted {
		if *o.Parameters.Binary {
			n := tail.Len()
			a.Outputs[i].binary(&tail)
			a.Outputs[i].Parameters = map[string]int{"binary_data_size": tail.Len() - n}
		}
	}
	if tail.Len() == 0 {
		return s.json(w, r, http.StatusOK, a)
	}
	head, err := json.Marshal(a)
	if err != nil {
		return err
	}
	w.Header().Set(inferHeader, strconv.Itoa(len(head)))
	w.Header().Set("Content-Type", "application/octet-stream")
	return s.write(w, r, http.StatusOK, append(head, tail.Bytes()...))
}

// wanted returns the outputs that a request asks for, all if it names none, each with
// whether it is binary.
func (m *served) wanted(q inferRequest) ([]inferOutput, error) {
	known := m.outputs()
	list := q.Outputs
	if len(list) == 0 {
		for _, o := range known {
			list = append(list, inferOutput{Name: o.Name})
		}
	}
	if len(list) > len(known) {
		return nil, fail(invalid, "outputs", "outputs: %d are asked for, the model has %d", len(list), len(known))
	}
	for i, o := range list {
		found := false
		for _, k := range known {
			found = found || k.Name == o.Name
		}
		if !found {
			return nil, fail(invalid, "outputs", "outputs[%d]: the model has no such output; GET /v2/models/%s lists them", i, m.info.Name)
		}
		if o.Parameters.Binary == nil {
			list[i].Parameters.Binary = &q.Parameters.Binary
		}
	}
	return list, nil
}

// inferOutputs computes outputs, and how many tokens were read and cut.
func (s *Server) inferOutputs(r *http.Request, m *served, q inferRequest, wanted []inferOutput, texts []orchid.Input) (out []outputAnswer, usage map[string]int, err error) {
	var vectors []orchid.Embedding
	var classes []orchid.Classification
	for _, o := range wanted {
		if o.Name == "embedding" && vectors == nil {
			e := orchid.EmbedOptions{Truncate: q.Parameters.Truncate, Pooling: q.Parameters.Pooling, Normalize: q.Parameters.Normalize}
			if e.Dimensions, err = positive("dimensions", q.Parameters.Dimensions); err != nil {
				return nil, nil, err
			}
			if vectors, err = s.embed(r, m, "text", e, texts); err != nil {
				return nil, nil, err
			}
		}
		if o.Name != "embedding" && classes == nil {
			if classes, err = s.classify(r, m, "text", orchid.ClassifyOptions{Truncate: q.Parameters.Truncate}, texts); err != nil {
				return nil, nil, err
			}
		}
	}
	usage = map[string]int{"tokens": entry(r).tokens}
	if entry(r).cut > 0 {
		usage["truncated_tokens"] = entry(r).cut
	}
	n := len(texts)
	for _, o := range wanted {
		var t outputAnswer
		var numbers []float32
		t.Name, t.Datatype, t.Shape = o.Name, "FP32", []int{n}
		for i := range n {
			switch o.Name {
			case "embedding":
				numbers = append(numbers, vectors[i].Vector...)
			case "probabilities":
				for _, class := range m.info.Classes {
					numbers = append(numbers, float32(classes[i].Probabilities[class]))
				}
			case "value":
				numbers = append(numbers, float32(*classes[i].Value))
			}
		}
		if o.Name == "label" {
			labels := make([]string, n)
			for i, c := range classes {
				labels[i] = c.Label
			}
			t.Datatype, t.Data = "BYTES", labels
		} else {
			t.Shape, t.Data = []int{n, len(numbers) / n}, numbers
		}
		out = append(out, t)
	}
	return out, usage, nil
}

// binary moves the data of an output behind the JSON.
func (o *outputAnswer) binary(tail *bytes.Buffer) {
	switch data := o.Data.(type) {
	case []float32:
		tail.Write(littleEndian(nil, data))
	case []string:
		for _, text := range data {
			tail.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(text))))
			tail.WriteString(text)
		}
	}
	o.Data = nil
}
