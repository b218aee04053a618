package serve_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid"
	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/serve"
)

type output struct {
	Name, Datatype string
	Shape          []int
	Parameters     map[string]int
	Data           []any
}

type inferred struct {
	ID         string
	Model      string `json:"model_name"`
	Version    string `json:"model_version"`
	Parameters map[string]int
	Outputs    []output
}

// lengthFirst are texts as binary tensors have them.
func lengthFirst(texts ...string) string {
	var b []byte
	for _, t := range texts {
		b = append(binary.LittleEndian.AppendUint32(b, uint32(len(t))), t...)
	}
	return string(b)
}

func numbers(b string) (v []float32) {
	for ; len(b) > 0; b = b[4:] {
		v = append(v, math.Float32frombits(binary.LittleEndian.Uint32([]byte(b))))
	}
	return v
}

// TestInfer: texts go in as JSON or as bytes, results come out as either, with the bits of
// Model.Embed.
func TestInfer(t *testing.T) {
	s := all(t, serve.Options{})
	texts := []string{"a fine film", "so dull"}
	want := s.embed("reviews", orchid.EmbedOptions{}, orchid.Input{A: texts[0]}, orchid.Input{A: texts[1]})
	both := append(append([]float32{}, want[0].Vector...), want[1].Vector...)
	for _, in := range []string{`"shape": [2], "data": ["a fine film", "so dull"]`, `"shape": [2, 1], "data": [["a fine film"], ["so dull"]]`, `"shape": [2], "parameters": {"binary_data_size": 26}`} {
		for _, out := range []string{``, `, "parameters": {"binary_data_output": true}`, `, "outputs": [{"name": "embedding", "parameters": {"binary_data": true}}, {"name": "label"}]`} {
			head := `{"id": "q", "inputs": [{"name": "text", "datatype": "BYTES", ` + in + `}]` + out + `}`
			body, headers := head, []string{"Content-Type: application/octet-stream"}
			if strings.Contains(in, "binary") {
				body += lengthFirst(texts...)
				headers = append(headers, "Inference-Header-Content-Length: "+strconv.Itoa(len(head)))
			}
			r, text := s.send("POST", "/v2/models/reviews/versions/1/infer", body, headers...)
			if r.StatusCode != 200 {
				t.Fatalf("%s: %s %s", head, r.Status, text)
			}
			var tail string
			if n := r.Header.Get("Inference-Header-Content-Length"); n != "" {
				length, err := strconv.Atoi(n)
				if err != nil {
					t.Fatal(err)
				}
				text, tail = text[:length], text[length:]
			}
			var a inferred
			parse(t, text, &a)
			if a.ID != "q" || a.Model != "reviews" || a.Version != "1" || a.Parameters["tokens"] != 22 {
				t.Errorf("%+v", a)
			}
			o := a.Outputs[0]
			if o.Name != "embedding" || fmt.Sprint(o.Shape) != "[2 16]" || o.Datatype != "FP32" {
				t.Errorf("%+v", o)
			}
			var got []float32
			if size, ok := o.Parameters["binary_data_size"]; ok {
				got = numbers(tail[:size])
			} else {
				for _, v := range o.Data {
					got = append(got, float32(v.(float64)))
				}
			}
			numtest.BitEqual(t, head, got, both)
			labels := a.Outputs[len(a.Outputs)-1]
			if size, ok := labels.Parameters["binary_data_size"]; ok {
				if tail[len(tail)-size:] != lengthFirst("positive", "negative") {
					t.Errorf("%q", tail)
				}
			} else if fmt.Sprint(labels.Data) != "[positive negative]" {
				t.Errorf("%+v", labels)
			}
		}
	}
	// Every parameter, and what was cut.
	var a inferred
	s.post("/v2/models/rhyme/infer", `{"inputs": [{"name": "text", "datatype": "BYTES", "shape": [1], "data": [`+quoted(strings.Repeat("cat ", 60))+`]}], "parameters": {"truncate": true, "pooling": "first", "normalize": true, "dimensions": 4}}`, &a)
	if fmt.Sprint(a.Parameters) != "map[tokens:48 truncated_tokens:14]" || fmt.Sprint(a.Outputs[0].Shape) != "[1 4]" || len(a.Outputs) != 1 {
		t.Errorf("%+v", a)
	}
	a = inferred{}
	s.post("/v2/models/lengths/infer", `{"inputs": [{"name": "text", "datatype": "BYTES", "shape": [1], "data": ["a b"]}], "outputs": [{"name": "value"}]}`, &a)
	if len(a.Outputs) != 1 || fmt.Sprint(a.Outputs[0].Shape) != "[1 1]" {
		t.Errorf("%+v", a)
	}
}

// TestKServeMetadata: server and models can be asked for.
func TestKServeMetadata(t *testing.T) {
	s := all(t, serve.Options{Version: "1.2"})
	for path, want := range map[string]string{
		"/v2":                                 `{"extensions":["binary_tensor_data"],"name":"orchid","version":"1.2"}`,
		"/v2/health/live":                     `{"live":true}`,
		"/v2/health/ready":                    `{"ready":true}`,
		"/v2/models/rhyme":                    `{"inputs":[{"datatype":"BYTES","name":"text","shape":[-1]}],"name":"rhyme","outputs":[{"datatype":"FP32","name":"embedding","shape":[-1,16]}],"platform":"orchid","versions":["1"]}`,
		"/v2/models/lengths/ready":            `{"name":"lengths","ready":true}`,
		"/v2/models/lengths/versions/1/ready": `{"name":"lengths","ready":true}`,
	} {
		var a map[string]any
		s.get(path, &a)
		if quoted(a) != want {
			t.Errorf("%s: %s", path, quoted(a))
		}
	}
}
