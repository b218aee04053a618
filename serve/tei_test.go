package serve_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/serve"
)

// TestEmbedRoutes: /embed and /embed_all give what Model.Embed does, normalised by
// default as there, and say what was cut.
func TestEmbedRoutes(t *testing.T) {
	s := all(t, serve.Options{})
	long := strings.Repeat("dull ", 20)
	inputs := []orchid.Input{{A: "a fine film"}, {A: long}}
	body := `{"model": "reviews", "truncate": true, "truncation_direction": "Right", "inputs": ` + quoted([]string{inputs[0].A, long})
	for more, o := range map[string]orchid.EmbedOptions{
		``:                      {Normalize: true, Truncate: true},
		`, "normalize": false`:  {Truncate: true},
		`, "dimensions": 3`:     {Normalize: true, Truncate: true, Dimensions: 3},
		`, "normalize": null`:   {Normalize: true, Truncate: true},
		`, "dimensions": null `: {Normalize: true, Truncate: true},
	} {
		var a [][]float32
		r := s.post("/embed", body+more+"}", &a)
		for i, want := range s.embed("reviews", o, inputs...) {
			numtest.BitEqual(t, fmt.Sprint(more, i), a[i], want.Vector)
		}
		if cut := r.Header.Get("X-Truncated-Tokens"); cut != "1=54" {
			t.Errorf("cut %q", cut)
		}
	}
	var a [][][]float32
	s.post("/embed_all", body+"}", &a)
	for i, want := range s.embed("reviews", orchid.EmbedOptions{Tokens: true, Truncate: true}, inputs...) {
		for k, row := range want.TokenVectors {
			numtest.BitEqual(t, fmt.Sprint(i, k), a[i][k], row)
		}
	}
	// One text, and its ids.
	for _, in := range []string{`"the cat"`, `[[5, 6]]`} {
		var a [][]float32
		if r := s.post("/embed", `{"model": "rhyme", "inputs": `+in+`}`, &a); r.Header.Get("X-Truncated-Tokens") != "" {
			t.Error("nothing was cut")
		}
		numtest.BitEqual(t, in, a[0], s.embed("rhyme", orchid.EmbedOptions{Normalize: true}, orchid.Input{A: "the cat"})[0].Vector)
	}
}

// TestPredict: /predict tells a text, a pair and a list of both apart.
func TestPredict(t *testing.T) {
	s := all(t, serve.Options{})
	type scores []struct {
		Score float64
		Label string
	}
	one, err := s.models["reviews"].Classify(t.Context(), orchid.ClassifyOptions{}, orchid.Input{A: "a fine film"}, orchid.Input{A: "dull", B: "so"})
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, got scores, want orchid.Classification) {
		t.Helper()
		if len(got) != 2 || got[0].Label != want.Label || got[0].Score != want.Probabilities[want.Label] {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	var alone scores
	s.post("/predict", `{"model": "reviews", "inputs": "a fine film"}`, &alone)
	check("a text", alone, one[0])
	alone = nil
	s.post("/predict", `{"model": "reviews", "inputs": ["a fine film"]}`, &alone)
	check("a text in a list", alone, one[0])
	alone = nil
	s.post("/predict", `{"model": "reviews", "inputs": ["dull", "so"]}`, &alone)
	check("a pair", alone, one[1])
	var list []scores
	s.post("/predict", `{"model": "reviews", "inputs": [["a fine film"], ["dull", "so"]]}`, &list)
	check("a list", list[0], one[0])
	check("a list", list[1], one[1])
	var value scores
	s.post("/predict", `{"model": "lengths", "inputs": "a b"}`, &value)
	if len(value) != 1 || value[0].Label != "value" {
		t.Errorf("%v", value)
	}
}

// TestTokens: /tokenize and /decode are the two ways between texts and ids.
func TestTokens(t *testing.T) {
	s := all(t, serve.Options{})
	type token struct {
		ID          int
		Text        string
		Special     bool
		Start, Stop *int
	}
	text := strings.Repeat("The  cat ", 60) // more than the model takes
	var a [][]token
	s.post("/tokenize", `{"model": "rhyme", "inputs": `+quoted([]string{text, "mat"})+`}`, &a)
	if len(a) != 2 || len(a[0]) != 122 || !a[0][0].Special || a[0][0].Start != nil || a[0][0].Text != "[CLS]" {
		t.Fatalf("%v", a)
	}
	if k := a[0][4]; k.Text != "cat" || k.ID != 6 || k.Special || text[*k.Start:*k.Stop] != "cat" {
		t.Errorf("%+v", k)
	}
	a = nil
	s.post("/tokenize", `{"model": "rhyme", "inputs": "the cat", "add_special_tokens": false}`, &a)
	if len(a[0]) != 2 || a[0][0].Special {
		t.Errorf("%v", a)
	}
	for body, want := range map[string]string{
		`"ids": [2, 5, 6, 3]`: "the cat", `"ids": [[2, 5, 6, 3]]`: "the cat", `"ids": [2, 5, 6, 3], "skip_special_tokens": false`: "[CLS] the cat [SEP]",
	} {
		var a []string
		s.post("/decode", `{"model": "rhyme", `+body+`}`, &a)
		if len(a) != 1 || a[0] != want {
			t.Errorf("%s: %q", body, a)
		}
	}
}

// TestInfo: /info and /health have the fields of text-embeddings-inference.
func TestInfo(t *testing.T) {
	s := all(t, serve.Options{Limits: serve.Limits{Items: 7, Queue: 8}, Version: "1.2"})
	var a map[string]any
	s.get("/info?model=reviews", &a)
	if a["model_id"] != "reviews" || a["max_input_length"] != 48. || a["max_client_batch_size"] != 7. || a["max_concurrent_requests"] != 8. || a["version"] != "1.2" || a["model_dtype"] != "float32" {
		t.Errorf("%v", a)
	}
	if got := quoted(a["model_type"]); got != `{"classifier":{"id2label":{"0":"negative","1":"positive"},"label2id":{"negative":0,"positive":1}}}` {
		t.Error(got)
	}
	s.get("/info?model=rhyme", &a)
	if got := quoted(a["model_type"]); got != `{"embedding":{"pooling":"mean"}}` {
		t.Error(got)
	}
	s.get("/health", &a)
}
