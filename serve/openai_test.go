package serve_test

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/serve"
)

type embeddings struct {
	Object string
	Data   []struct {
		Object    string
		Index     int
		Embedding json.RawMessage
		Truncated int `json:"truncated_tokens"`
		Chunks    []struct {
			Start, End, Tokens int
			Embedding          json.RawMessage
		}
	}
	Model string
	Usage struct {
		Prompt    int `json:"prompt_tokens"`
		Total     int `json:"total_tokens"`
		Truncated int `json:"truncated_tokens"`
	}
}

// vector reads one of either form.
func vector(t *testing.T, raw json.RawMessage) (v []float32) {
	t.Helper()
	if raw[0] == '[' {
		parse(t, string(raw), &v)
		return v
	}
	var text string
	parse(t, string(raw), &text)
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	for len(b) > 0 {
		v = append(v, math.Float32frombits(binary.LittleEndian.Uint32(b)))
		b = b[4:]
	}
	return v
}

// TestSameBits: a vector is that of Model.Embed, alone, among 63 others and whichever
// way it is written.
func TestSameBits(t *testing.T) {
	s := all(t, serve.Options{})
	texts := make([]string, 64)
	for i := range texts {
		texts[i] = strings.Repeat(string(rune('a'+i%26)), i%40) + " fine"[:i%5]
	}
	for _, encoding := range []string{"", `, "encoding_format": "float"`, `, "encoding_format": "base64", "user": "x"`} {
		var together embeddings
		s.post("/v1/embeddings", `{"model": "reviews", "input": `+quoted(texts)+encoding+`}`, &together)
		for i, text := range texts {
			want := s.embed("reviews", orchid.EmbedOptions{}, orchid.Input{A: text})[0].Vector
			numtest.BitEqual(t, fmt.Sprint("among others ", i, encoding), vector(t, together.Data[i].Embedding), want)
			if i%9 == 0 {
				var alone embeddings
				s.post("/v1/embeddings", `{"model": "reviews", "input": `+quoted(text)+encoding+`}`, &alone)
				numtest.BitEqual(t, fmt.Sprint("alone ", i, encoding), vector(t, alone.Data[0].Embedding), want)
			}
		}
	}
}

// TestEmbeddings: the fields of a request do what they say, and the answer has OpenAI's
// form.
func TestEmbeddings(t *testing.T) {
	s := all(t, serve.Options{})
	var a embeddings
	s.post("/v1/embeddings", `{"model": "rhyme", "input": ["the cat", "mat"], "dimensions": 5, "normalize": true, "pooling": "max", "chunk": 1, "encoding_format": "base64"}`, &a)
	want := s.embed("rhyme", orchid.EmbedOptions{Dimensions: 5, Normalize: true, Pooling: "max", Chunk: 1}, orchid.Input{A: "the cat"}, orchid.Input{A: "mat"})
	if a.Object != "list" || a.Model != "rhyme" || a.Usage.Prompt != 7 || a.Usage.Total != 7 || a.Usage.Truncated != 0 || len(a.Data) != 2 {
		t.Errorf("%+v", a)
	}
	for i, d := range a.Data {
		numtest.BitEqual(t, fmt.Sprint(i), vector(t, d.Embedding), want[i].Vector)
		if d.Object != "embedding" || d.Index != i || len(d.Chunks) != len(want[i].Chunks) {
			t.Errorf("%+v", d)
		}
		for k, c := range d.Chunks {
			w := want[i].Chunks[k]
			numtest.BitEqual(t, fmt.Sprint("chunk ", i, k), vector(t, c.Embedding), w.Vector)
			if c.Start != w.Start || c.End != w.End || c.Tokens != w.Tokens {
				t.Errorf("%+v, want %+v", c, w)
			}
		}
	}
	// Ids stand for the words that they are of.
	text := s.embed("rhyme", orchid.EmbedOptions{}, orchid.Input{A: "the cat"})[0].Vector
	for _, input := range []string{`[5, 6]`, `[[5, 6]]`} {
		a = embeddings{}
		s.post("/v1/embeddings", `{"model": "rhyme", "input": `+input+`}`, &a)
		numtest.BitEqual(t, input, vector(t, a.Data[0].Embedding), text)
	}
	// What is cut is said, of each text and of all.
	a = embeddings{}
	s.post("/v1/embeddings", `{"model": "rhyme", "input": ["cat", `+quoted(strings.Repeat("cat ", 60))+`], "truncate": true}`, &a)
	if a.Data[0].Truncated != 0 || a.Data[1].Truncated != 14 || a.Usage.Truncated != 14 || a.Usage.Prompt != 51 {
		t.Errorf("%+v", a)
	}
}

// TestModels: what is served can be asked.
func TestModels(t *testing.T) {
	s := all(t, serve.Options{})
	type model struct {
		ID, Object  string
		Created     int64
		Owner       string `json:"owned_by"`
		Task        string
		Description string
		Parameters  int
		Dimensions  int
		Layers      int
		Columns     []string
		MaxTokens   int `json:"max_tokens"`
		Classes     []string
		Routes      []string
	}
	var list struct {
		Object string
		Data   []model
	}
	s.get("/v1/models", &list)
	if list.Object != "list" || len(list.Data) != 3 {
		t.Fatalf("%+v", list)
	}
	for i, want := range []string{"reviews text [negative positive] [/v1/embeddings /v1/classify /v1/kernels]", "rhyme mlm [] [/v1/embeddings /v1/fill-mask /v1/kernels]", "lengths text [] [/v1/embeddings /v1/classify /v1/kernels]"} {
		m := list.Data[i]
		if got := fmt.Sprint(m.ID, " ", m.Task, " ", m.Classes, " ", m.Routes); got != want || m.Object != "model" || m.Created < 1e9 || m.Dimensions != 16 || m.MaxTokens != 48 || m.Parameters < 1000 {
			t.Errorf("%s: %+v", got, m)
		}
		var one model
		s.get("/v1/models/"+m.ID, &one)
		if quoted(one) != quoted(m) {
			t.Errorf("%+v", one)
		}
	}
}

// TestClassify: /v1/classify gives what Model.Classify does.
func TestClassify(t *testing.T) {
	s := all(t, serve.Options{})
	type answer struct {
		Object, Model string
		Data          []struct {
			Index  int
			Label  string
			Value  *float64
			Scores []struct {
				Label string
				Score float64
			}
			Truncated int `json:"truncated_tokens"`
		}
		Usage map[string]int
	}
	var a answer
	s.post("/v1/classify", `{"model": "reviews", "input": ["a fine film", {"text": "so dull", "pair": "x"}, `+quoted(strings.Repeat("dull ", 20))+`], "truncate": true}`, &a)
	want, err := s.models["reviews"].Classify(t.Context(), orchid.ClassifyOptions{Truncate: true}, orchid.Input{A: "a fine film"}, orchid.Input{A: "so dull", B: "x"}, orchid.Input{A: strings.Repeat("dull ", 20)})
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(a.Usage) != "map[prompt_tokens:72 total_tokens:72 truncated_tokens:54]" {
		t.Errorf("%+v", a.Usage)
	}
	for i, d := range a.Data {
		w := want[i]
		if d.Label != w.Label || d.Truncated != w.Cut || len(d.Scores) != 2 || d.Scores[0].Label != w.Label || d.Scores[0].Score != w.Probabilities[w.Label] || d.Scores[0].Score < d.Scores[1].Score {
			t.Errorf("%+v, want %+v", d, w)
		}
	}
	a = answer{}
	s.post("/v1/classify", `{"model": "reviews", "input": "a fine film", "top": 1}`, &a)
	if len(a.Data) != 1 || len(a.Data[0].Scores) != 1 || a.Data[0].Label != "positive" {
		t.Errorf("%+v", a)
	}
	a = answer{}
	s.post("/v1/classify", `{"model": "lengths", "input": "a b"}`, &a)
	if a.Data[0].Value == nil || a.Data[0].Label != "" || a.Data[0].Scores != nil {
		t.Errorf("%+v", a)
	}
}

// TestFillMask: /v1/fill-mask gives what Model.FillMask does.
func TestFillMask(t *testing.T) {
	s := all(t, serve.Options{})
	var a struct {
		Object, Model string
		Data          []struct {
			Index int
			Masks [][]orchid.Guess
		}
		Usage map[string]int
	}
	s.post("/v1/fill-mask", `{"model": "rhyme", "input": ["the [MASK] sat on the mat", "[MASK] cat [MASK]"], "top": 3}`, &a)
	if len(a.Data) != 2 || len(a.Data[0].Masks) != 1 || len(a.Data[1].Masks) != 2 || len(a.Data[0].Masks[0]) != 3 || a.Usage["total_tokens"] != 13 {
		t.Fatalf("%+v", a)
	}
	if g := a.Data[0].Masks[0][0]; g.Word != "cat" || g.Text != "the cat sat on the mat" {
		t.Errorf("%+v", g)
	}
}
