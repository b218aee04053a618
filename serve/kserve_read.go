package serve

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"strconv"
	"unicode/utf8"

	"github.com/orchid-seq/orchid"
)

// inferHeader is how many bytes of a body are JSON, where binary tensors follow.
const inferHeader = "Inference-Header-Content-Length"

// inferRequest is the JSON of POST /v2/models/NAME/infer.
type inferRequest struct {
	ID         string          `json:"id"`
	Parameters inferParameters `json:"parameters"`
	Inputs     []inferInput    `json:"inputs"`
	Outputs    []inferOutput   `json:"outputs"`
}

type inferParameters struct {
	Binary     bool           `json:"binary_data_output"`
	Truncate   bool           `json:"truncate"`
	Pooling    orchid.Pooling `json:"pooling"`
	Normalize  bool           `json:"normalize"`
	Dimensions *int           `json:"dimensions"`
}

type inferInput struct {
	Name       string          `json:"name"`
	Shape      []int           `json:"shape"`
	Datatype   string          `json:"datatype"`
	Parameters sizeParameter   `json:"parameters"`
	Data       json.RawMessage `json:"data"`
}

type inferOutput struct {
	Name       string          `json:"name"`
	Parameters binaryParameter `json:"parameters"`
}

// The parameters of tensors may hold anything; those that we know follow.
type (
	sizeParameter   struct{ Size *int }
	binaryParameter struct{ Binary *bool }
)

// UnmarshalJSON implements json.Unmarshaler.
func (p *sizeParameter) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &struct {
		Size **int `json:"binary_data_size"`
	}{&p.Size})
}

// UnmarshalJSON implements json.Unmarshaler.
func (p *binaryParameter) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &struct {
		Binary **bool `json:"binary_data"`
	}{&p.Binary})
}

// readInfer reads a request and its texts.
func (s *Server) readInfer(w http.ResponseWriter, r *http.Request) (q inferRequest, texts []orchid.Input, err error) {
	body, err := s.body(w, r, "application/json", "application/octet-stream")
	if err != nil {
		return q, nil, err
	}
	var tail []byte
	if length := r.Header.Get(inferHeader); length != "" {
		n, err := strconv.Atoi(length)
		if err != nil || n < 0 || n > len(body) {
			return q, nil, fail(malformed, "", "%s: want a number of bytes of the body, which has %d", inferHeader, len(body))
		}
		body, tail = body[:n], body[n:]
	}
	if err := decode(body, &q); err != nil {
		return q, nil, err
	}
	if len(q.Inputs) != 1 || q.Inputs[0].Name != "text" {
		return q, nil, fail(invalid, "inputs", `inputs: want one, with the name "text"`)
	}
	in := q.Inputs[0]
	if in.Datatype != "BYTES" {
		return q, nil, fail(invalid, "datatype", "datatype: want BYTES")
	}
	n := 1
	if len(in.Shape) < 1 || len(in.Shape) > 2 || len(in.Shape) == 2 && in.Shape[1] != 1 || in.Shape[0] < 1 {
		return q, nil, fail(invalid, "shape", "shape: want [N] or [N, 1] for N texts")
	}
	if n = in.Shape[0]; n > s.o.Items {
		return q, nil, fail(tooMany, "shape", "%d texts, at most %d may be", n, s.o.Items)
	}
	if in.Parameters.Size != nil {
		if in.Data != nil || *in.Parameters.Size != len(tail) {
			return q, nil, fail(invalid, "binary_data_size", "binary_data_size: %d bytes follow the JSON, as %s has it", len(tail), inferHeader)
		}
		texts, err = s.binaryTexts(tail, n)
	} else {
		if len(tail) > 0 {
			return q, nil, fail(invalid, "binary_data_size", "binary_data_size is missing: %d bytes follow the JSON", len(tail))
		}
		texts, err = s.jsonTexts(in.Data)
	}
	if err == nil && len(texts) != n {
		err = fail(invalid, "shape", "shape: %d texts, data has %d", n, len(texts))
	}
	return q, texts, err
}

// jsonTexts reads texts from JSON: a list, or a list of lists of one.
func (s *Server) jsonTexts(raw json.RawMessage) ([]orchid.Input, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || raw[0] != '[' {
		return nil, fail(invalid, "data", "data: want a list of texts")
	}
	if first := bytes.TrimSpace(raw[1:]); first[0] != '[' {
		list, _, err := s.texts("data", raw, forms{})
		return list, err
	}
	if n := elements(raw); n > s.o.Items {
		return nil, fail(tooMany, "data", "data has %d texts, at most %d may be", n, s.o.Items)
	}
	var rows [][]*string
	wrong := fail(invalid, "data", "data: want a list of texts, or of lists with one text each")
	if json.Unmarshal(raw, &rows) != nil {
		return nil, wrong
	}
	list := make([]orchid.Input, len(rows))
	for i, row := range rows {
		if len(row) != 1 || row[0] == nil {
			return nil, wrong
		}
		list[i].A = *row[0]
	}
	return list, nil
}

// binaryTexts reads n texts, each after its length in 4 bytes.
func (s *Server) binaryTexts(b []byte, n int) ([]orchid.Input, error) {
	list := make([]orchid.Input, 0, n)
	for len(b) > 0 && len(list) < n {
		if len(b) < 4 || uint64(binary.LittleEndian.Uint32(b)) > uint64(len(b)-4) {
			return nil, fail(malformed, "text", "text %d: its length goes beyond the body", len(list))
		}
		end := 4 + int(binary.LittleEndian.Uint32(b))
		text := b[4:end]
		if !utf8.Valid(text) {
			return nil, fail(malformed, "text", "text %d is not UTF-8", len(list))
		}
		list = append(list, orchid.Input{A: string(text)})
		b = b[end:]
	}
	if len(b) > 0 {
		return nil, fail(invalid, "shape", "shape: %d texts, and %d bytes behind them", n, len(b))
	}
	return list, nil
}
