package serve_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/serve"
)

// refusal is a request that gets no answer, its status, and a part of the line that says
// why.
type refusal struct {
	path, body string
	status     int
	want       string
}

var (
	long    = `"` + strings.Repeat("so ", 30) + `"` // 92 tokens
	onText  = func(data string) string { return `{"inputs": [{"name": "text", "datatype": "BYTES", ` + data + `}]}` }
	refused = []refusal{
		// Every route that takes JSON.
		{"/v1/embeddings", ``, 400, "the body is empty"},
		{"/v1/embeddings", `{`, 400, "ends too early"},
		{"/v1/embeddings", `{"input": "x"}}`, 400, "goes on after"},
		{"/v1/embeddings", `{"input": "x"} {}`, 400, "goes on after"},
		{"/v1/embeddings", `[1]`, 400, "JSON array, not an object"},
		{"/v1/embeddings", `{"input": "secret` + "\x01" + `"}`, 400, "at byte"},
		{"/v1/embeddings", "{\"input\": \"\xff\"}", 400, "not UTF-8"},
		{"/v1/embeddings", `{"input": "x", "inputs": "y"}`, 400, `unknown field "inputs": there is "model", "input"`},
		{"/v1/embeddings", `{}`, 400, "say which model"},
		{"/v1/embeddings", `{"model": "gpt", "input": "x"}`, 404, `no model has that name; there is "reviews", "rhyme", "lengths"`},
		{"/v1/embeddings", `{"model": 5, "input": "x"}`, 400, "model: got a number"},
		{"/v1/embeddings", `{"model": "reviews"}`, 400, "input is missing"},
		{"/v1/embeddings", `{"model": "reviews", "input": null}`, 400, "input is missing"},
		{"/v1/embeddings", `{"model": "reviews", "input": []}`, 400, "input is an empty list"},
		{"/v1/embeddings", `{"model": "reviews", "input": 5}`, 400, "input: want a text"},
		{"/v1/embeddings", `{"model": "reviews", "input": {"text": "x"}}`, 400, "input: want a text"},
		{"/v1/embeddings", `{"model": "reviews", "input": ["x", null]}`, 400, "input[1]: want a text"},
		{"/v1/embeddings", `{"model": "reviews", "input": ["x", ["y"]]}`, 400, "input[1]: want a text, or a list of ids"},
		{"/v1/embeddings", `{"model": "reviews", "input": [5, null]}`, 400, "a list of ids"},
		{"/v1/embeddings", `{"model": "reviews", "input": [5, "x"]}`, 400, "a list of ids"},
		{"/v1/embeddings", `{"model": "reviews", "input": [5, 1.5]}`, 400, "a list of ids"},
		{"/v1/embeddings", `{"model": "reviews", "input": [5, 999]}`, 400, "id 999 at place 1: want 0 to 260"},
		{"/v1/embeddings", `{"model": "reviews", "input": [-1]}`, 400, "id -1 at place 0"},
		{"/v1/embeddings", `{"model": "reviews", "input": [99999999999999999999]}`, 400, "a list of ids"},
		{"/v1/embeddings", `{"model": "reviews", "input": "x", "encoding_format": "hex"}`, 400, "encoding_format: want float or base64"},
		{"/v1/embeddings", `{"model": "reviews", "input": "x", "dimensions": 0}`, 400, "dimensions: want at least 1"},
		{"/v1/embeddings", `{"model": "reviews", "input": "x", "dimensions": 17}`, 400, "17 dimensions: the model's vectors have 16"},
		{"/v1/embeddings", `{"model": "reviews", "input": "x", "dimensions": "5"}`, 400, "dimensions: got a string"},
		{"/v1/embeddings", `{"model": "reviews", "input": "x", "chunk": -1}`, 400, "chunk: want at least 1"},
		{"/v1/embeddings", `{"model": "reviews", "input": "x", "pooling": "sum"}`, 400, `pooling "sum": want mean`},
		{"/v1/embeddings", `{"model": "reviews", "input": ["x", ` + long + `]}`, 400, "input[1] has 92 tokens, the special ones included; the model takes 48"},
		{"/v1/embeddings", `{"model": "reviews", "input": ["1","2","3","4","5","6","7"]}`, 400, "input has 7 texts, at most 6 may be"},
		{"/v1/classify", `{"model": "reviews", "input": ` + long + `}`, 400, "input has 92 tokens"},
		{"/v1/classify", `{"model": "reviews", "input": {"text": "x", "par": "y"}}`, 400, `an object with "text" and`},
		{"/v1/classify", `{"model": "reviews", "input": [{"pair": "y"}]}`, 400, `input[0]: want an object with "text" and`},
		{"/v1/classify", `{"model": "reviews", "input": [[5]]}`, 400, "input[0]: want a text"},
		{"/v1/classify", `{"model": "reviews", "input": "x", "top": 0}`, 400, "top: want at least 1"},
		{"/v1/classify", `{"model": "rhyme", "input": "x"}`, 400, "the model is one of the task mlm"},
		{"/v1/fill-mask", `{"model": "reviews", "input": "[MASK]"}`, 400, "the model is one of the task text"},
		{"/v1/fill-mask", `{"model": "rhyme", "input": ["the [MASK]", "the cat"]}`, 400, "input[1]: no [MASK] in the text"},
		{"/v1/fill-mask", `{"model": "rhyme", "truncate": true, "input": "` + strings.Repeat("cat ", 60) + `[MASK]"}`, 400, "input: no [MASK] in the 48 tokens that are read: 15 more were cut"},
		{"/v1/fill-mask", `{"model": "rhyme", "input": "[MASK] ` + strings.Repeat("cat ", 60) + `"}`, 400, "input has 63 tokens"},
		{"/embed", `{`, 400, "ends too early"},
		{"/embed", `{"model": "reviews"}`, 422, "inputs is missing"},
		{"/embed", `{"model": "reviews", "inputs": "x", "prompt_name": "query"}`, 422, `unknown field "prompt_name"`},
		{"/embed", `{"model": "reviews", "inputs": ` + long + `}`, 413, "inputs has 92 tokens, the special ones included; the model takes 48"},
		{"/embed", `{"model": "reviews", "inputs": "x", "truncation_direction": "left"}`, 422, "only right can be done"},
		{"/embed", `{"model": "reviews", "inputs": ["1","2","3","4","5","6","7"]}`, 413, "inputs has 7 texts, at most 6 may be"},
		{"/embed_all", `{"model": "reviews", "inputs": ` + long + `}`, 413, "92 tokens"},
		{"/embed_all", `{"model": "none", "inputs": "x"}`, 404, "no model has that name"},
		{"/predict", `{"model": "rhyme", "inputs": "x"}`, 424, "the model is one of the task mlm"},
		{"/predict", `{"model": "reviews", "inputs": ["a", "b", "c"]}`, 422, "a list of one text, or of two"},
		{"/predict", `{"model": "reviews", "inputs": [["a"], ["b", null]]}`, 422, "inputs[1]: want a list of one text"},
		{"/predict", `{"model": "reviews", "inputs": [["a"], "b"]}`, 422, "inputs[1]: want a list"},
		{"/predict", `{"model": "reviews", "inputs": []}`, 422, "inputs is an empty list"},
		{"/predict", `{"model": "reviews", "inputs": [["1"],["2"],["3"],["4"],["5"],["6"],["7"]]}`, 413, "inputs has 7 texts"},
		{"/predict", `{"model": "reviews", "inputs": "x", "raw_scores": true}`, 422, "raw_scores: only probabilities"},
		{"/tokenize", `{"model": "reviews", "inputs": [5]}`, 422, "inputs[0]: want a text"},
		{"/tokenize", `{"model": "reviews", "inputs": "` + strings.Repeat("x", 1000) + `"}`, 413, "1,002 tokens and more, the server takes 600"},
		{"/decode", `{"model": "reviews", "ids": "x"}`, 422, "ids: want a list of at least one id"},
		{"/decode", `{"model": "reviews", "ids": [5, 999]}`, 422, "id 999 at place 1"},
		{"/decode", `{"model": "reviews", "ids": [["x"]]}`, 422, "ids[0]: want a text, or a list of ids"},
		{"/decode", `{"model": "reviews", "ids": [[5], "x"]}`, 422, "ids[1]: want a list of at least one id"},
		{"/decode", `{"model": "reviews", "ids": [[5], []]}`, 422, "ids[1]: want a list of at least one id"},
		{"/v2/models/none/infer", onText(`"shape": [1], "data": ["x"]`), 404, "no model has that name"},
		{"/v2/models/reviews/infer", `{}`, 400, `inputs: want one, with the name "text"`},
		{"/v2/models/reviews/infer", `{"inputs": [{"name": "x"}]}`, 400, `inputs: want one`},
		{"/v2/models/reviews/infer", `{"inputs": [{"name": "text", "datatype": "FP32", "shape": [1], "data": [1]}]}`, 400, "datatype: want BYTES"},
		{"/v2/models/reviews/infer", onText(`"shape": [], "data": ["x"]`), 400, "shape: want [N]"},
		{"/v2/models/reviews/infer", onText(`"shape": [1, 2], "data": ["x"]`), 400, "shape: want [N]"},
		{"/v2/models/reviews/infer", onText(`"shape": [0], "data": []`), 400, "shape: want [N]"},
		{"/v2/models/reviews/infer", onText(`"shape": [9223372036854775807], "data": ["x"]`), 400, "at most 6 may be"},
		{"/v2/models/reviews/infer", onText(`"shape": [2], "data": ["x"]`), 400, "shape: 2 texts, data has 1"},
		{"/v2/models/reviews/infer", onText(`"shape": [1], "data": [5]`), 400, "data[0]: want a text"},
		{"/v2/models/reviews/infer", onText(`"shape": [1], "data": "x"`), 400, "data: want a list"},
		{"/v2/models/reviews/infer", onText(`"shape": [1], "data": [["x", "y"]]`), 400, "data: want a list"},
		{"/v2/models/reviews/infer", onText(`"shape": [1]`), 400, "data: want a list"},
		{"/v2/models/reviews/infer", onText(`"shape": [1], "parameters": {"binary_data_size": 5}`), 400, "0 bytes follow the JSON"},
		{"/v2/models/reviews/infer", onText(`"shape": [1], "data": [` + long + `]`), 400, "text has 92 tokens"},
		{"/v2/models/reviews/infer", `{"outputs": [{"name": "logits"}], ` + onText(`"shape": [1], "data": ["x"]`)[1:], 400, "the model has no such output"},
		{"/v2/models/reviews/infer", `{"parameters": {"sequence_id": 1}, ` + onText(`"shape": [1], "data": ["x"]`)[1:], 400, `unknown field "sequence_id"`},
	}
)

// line returns what an answer of a protocol says, which must have its form.
func line(t *testing.T, path, text string) string {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%s: %v in %s", path, err, text)
	}
	switch {
	case strings.HasPrefix(path, "/v1/"), path == "/":
		e := v["error"].(map[string]any)
		_, hasParam := e["param"]
		if e["type"] == "" || e["code"] == "" || !hasParam {
			t.Errorf("%s: %s", path, text)
		}
		return e["message"].(string)
	case !strings.HasPrefix(path, "/v2") && v["error_type"] == nil:
		t.Errorf("%s: no error_type in %s", path, text)
	}
	return v["error"].(string)
}

// TestParam: OpenAI's form of a fault names the field.
func TestParam(t *testing.T) {
	s := all(t, serve.Options{})
	for field, value := range map[string]string{"dimensions": "17", "pooling": `"sum"`, "chunk": "0", "input": "[]", "model": `"none"`} {
		q := map[string]json.RawMessage{"model": json.RawMessage(`"reviews"`), "input": json.RawMessage(`"x"`)}
		q[field] = json.RawMessage(value)
		body, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		_, text := s.send("POST", "/v1/embeddings", string(body), "Content-Type: application/json")
		var v struct{ Error struct{ Param string } }
		if err := json.Unmarshal([]byte(text), &v); err != nil || v.Error.Param != field {
			t.Errorf("%s=%s: %v, param of %s", field, value, err, text)
		}
	}
}

// TestRefused: bad requests get the status of their protocol and one line that says what
// to do, in which no text of theirs is.
func TestRefused(t *testing.T) {
	s := all(t, serve.Options{Limits: serve.Limits{Items: 6, RequestTokens: 600}})
	for _, c := range refused {
		r, text := s.send("POST", c.path, c.body, "Content-Type: application/json")
		if r.StatusCode != c.status || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %.80s: %d, want %d: %s", c.path, c.body, r.StatusCode, c.status, text)
			continue
		}
		if got := line(t, c.path, text); !strings.Contains(got, c.want) || strings.Contains(got, "\n") || strings.Contains(got, "secret") {
			t.Errorf("%s %.80s: %s, want %s", c.path, c.body, got, c.want)
		}
	}
	for _, c := range []struct {
		method, path, header string
		status               int
		want                 string
	}{
		{"GET", "/v1/embeddings", "", 405, "wants the method POST"},
		{"DELETE", "/v1/models", "", 405, "wants the method GET"},
		{"GET", "/v1/nothing", "", 404, "nothing at this path"},
		{"GET", "/v1/models/none", "", 404, "no model has that name"},
		{"GET", "/v2/models/none", "", 404, "no model has that name"},
		{"GET", "/v2/models/reviews/versions/2", "", 404, "nothing at this path"},
		{"GET", "/v2/models//ready", "", 404, "nothing at this path"},
		{"GET", "/info", "", 422, "say which model"},
		{"GET", "/", "", 404, "no page"},
		{"POST", "/embed", "Content-Type: text/plain", 415, "Content-Type: want application/json"},
		{"POST", "/embed", "Content-Type: application/x-www-form-urlencoded", 415, "Content-Type: want application/json"},
		{"POST", "/embed", "Content-Type: ;;", 415, "Content-Type: want application/json"},
		{"POST", "/embed", "Content-Encoding: gzip", 415, "Content-Encoding"},
		{"POST", "/v2/models/reviews/infer", "Inference-Header-Content-Length: 99", 400, "Inference-Header-Content-Length: want a number of bytes of the body, which has 2"},
		{"POST", "/v2/models/reviews/infer", "Inference-Header-Content-Length: x", 400, "want a number of bytes"},
	} {
		body := ""
		if c.method == "POST" {
			body = "{}"
		}
		r, text := s.send(c.method, c.path, body, c.header)
		if got := line(t, c.path, text); r.StatusCode != c.status || !strings.Contains(got, c.want) {
			t.Errorf("%s %s %s: %d %s, want %d %s", c.method, c.path, c.header, r.StatusCode, got, c.status, c.want)
		}
	}
}

// TestBinaryRefused: lengths in a binary tensor are not believed.
func TestBinaryRefused(t *testing.T) {
	s := all(t, serve.Options{})
	for tail, want := range map[string]string{
		"\xff\xff\xff\xff":     "its length goes beyond the body",
		"\x05\x00\x00\x00abc":  "its length goes beyond the body",
		"\x05\x00":             "its length goes beyond the body",
		"\x01\x00\x00\x00\xff": "is not UTF-8",
		lengthFirst("a", "b"):  "shape: 1 texts, and 5 bytes behind them",
		"":                     "shape: 1 texts, data has 0",
	} {
		head := onText(`"shape": [1], "parameters": {"binary_data_size": ` + quoted(len(tail)) + `}`)
		r, text := s.send("POST", "/v2/models/reviews/infer", head+tail, "Inference-Header-Content-Length: "+quoted(len(head)))
		if got := line(t, "/v2", text); r.StatusCode != 400 || !strings.Contains(got, want) {
			t.Errorf("%q: %d %s, want %s", tail, r.StatusCode, got, want)
		}
	}
}
