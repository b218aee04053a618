package serve

import (
	"encoding/json"
	"net/http"

	"github.com/orchid-seq/orchid"
)

// embeddingsRequest is OpenAI's, and what we have besides.
type embeddingsRequest struct {
	Model      string          `json:"model"`
	Input      json.RawMessage `json:"input"`
	Encoding   *string         `json:"encoding_format"`
	Dimensions *int            `json:"dimensions"`
	User       string          `json:"user"` // of no use here

	Truncate  bool           `json:"truncate"`
	Pooling   orchid.Pooling `json:"pooling"`
	Normalize bool           `json:"normalize"`
	Chunk     *int           `json:"chunk"`
}

type embeddingsAnswer struct {
	Object string            `json:"object"`
	Data   []embeddingAnswer `json:"data"`
	Model  string            `json:"model"`
	Usage  usageAnswer       `json:"usage"`
}

type embeddingAnswer struct {
	Object    string        `json:"object"`
	Index     int           `json:"index"`
	Embedding vector        `json:"embedding"`
	Truncated int           `json:"truncated_tokens,omitempty"`
	Chunks    []chunkAnswer `json:"chunks,omitzero"`
}

// chunkAnswer is a part of a text: bytes start to end of its UTF-8.
type chunkAnswer struct {
	Start     int    `json:"start"`
	End       int    `json:"end"`
	Tokens    int    `json:"tokens"`
	Embedding vector `json:"embedding"`
}

type usageAnswer struct {
	Prompt    int `json:"prompt_tokens"`
	Total     int `json:"total_tokens"`
	Truncated int `json:"truncated_tokens,omitempty"`
}

func (u *usageAnswer) add(v orchid.Usage) {
	u.Prompt += v.Tokens
	u.Total += v.Tokens
	u.Truncated += v.Cut
}

// embeddings answers POST /v1/embeddings.
func (s *Server) embeddings(w http.ResponseWriter, r *http.Request) error {
	var q embeddingsRequest
	m, err := s.question(w, r, &q, func() string { return q.Model })
	if err != nil {
		return err
	}
	o := orchid.EmbedOptions{Truncate: q.Truncate, Pooling: q.Pooling, Normalize: q.Normalize}
	if o.Dimensions, err = positive("dimensions", q.Dimensions); err != nil {
		return err
	}
	if o.Chunk, err = positive("chunk", q.Chunk); err != nil {
		return err
	}
	base64 := false
	if q.Encoding != nil {
		base64 = *q.Encoding == "base64"
		if !base64 && *q.Encoding != "float" {
			return fail(invalid, "encoding_format", "encoding_format: want float or base64")
		}
	}
	inputs, _, err := s.texts("input", q.Input, forms{ids: true})
	if err != nil {
		return err
	}
	list, err := s.embed(r, m, "input", o, inputs)
	if err != nil {
		return err
	}
	a := embeddingsAnswer{Object: "list", Model: m.info.Name, Data: make([]embeddingAnswer, len(list))}
	for i, e := range list {
		d := embeddingAnswer{Object: "embedding", Index: i, Embedding: vector{e.Vector, base64}, Truncated: e.Cut}
		for _, c := range e.Chunks {
			d.Chunks = append(d.Chunks, chunkAnswer{c.Start, c.End, c.Tokens, vector{c.Vector, base64}})
		}
		a.Usage.add(e.Usage)
		a.Data[i] = d
	}
	return s.json(w, r, http.StatusOK, a)
}

// question reads the JSON object of a request and finds its model.
func (s *Server) question(w http.ResponseWriter, r *http.Request, into any, name func() string) (*served, error) {
	body, err := s.body(w, r, "application/json")
	if err != nil {
		return nil, err
	}
	if err := decode(body, into); err != nil {
		return nil, err
	}
	m, err := s.model(name())
	if err == nil {
		entry(r).model = m.info.Name
	}
	return m, err
}

// positive returns a number that may be left out, but not be 0.
func positive(field string, v *int) (int, error) {
	if v == nil {
		return 0, nil
	}
	if *v < 1 {
		return 0, fail(invalid, field, "%s: want at least 1", field)
	}
	return *v, nil
}
