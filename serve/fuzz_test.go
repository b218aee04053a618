package serve_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/orchid-seq/orchid"
	"github.com/orchid-seq/orchid/serve"
)

// FuzzBody sends any body to every route that takes one: none makes the server fail or
// leaves anything behind.
func FuzzBody(f *testing.F) {
	server := sync.OnceValue(func() *serve.Server {
		var models []*orchid.Model
		for _, dir := range []string{reviews(), rhyme()} {
			m, err := orchid.Open(context.Background(), dir, orchid.Options{})
			if err != nil {
				panic(err)
			}
			models = append(models, m)
		}
		s, err := serve.New(models, serve.Options{Limits: serve.Limits{Body: 1 << 16, Bodies: 1 << 20, Tokens: 1000, Numbers: 1 << 16}})
		if err != nil {
			panic(err)
		}
		return s
	})
	for _, body := range []string{
		`{"model": "reviews", "input": ["a", "b"], "dimensions": 3, "truncate": true, "chunk": 2}`, `{"model": "reviews", "input": [[5, 6], [7]]}`, `{"model": "rhyme", "input": "the [MASK]", "top": 2}`,
		`{"model": "reviews", "inputs": [["a"], ["b", "c"]]}`, `{"model": "rhyme", "ids": [2, 5]}`, `{"model": "reviews", "inputs": "a", "normalize": null, "truncation_direction": "right"}`,
		`{"inputs": [{"name": "text", "shape": [1], "datatype": "BYTES", "data": ["a"]}], "outputs": [{"name": "label"}]}`,
		`{"inputs": [{"name": "text", "shape": [1], "datatype": "BYTES", "parameters": {"binary_data_size": 5}}]}` + "\x01\x00\x00\x00a", `{"input": "\ud800"}`, `[`, ``, "\xff",
	} {
		f.Add(body, strings.LastIndex(body, "}")+1)
	}
	f.Fuzz(func(t *testing.T, body string, head int) {
		s := server()
		for _, route := range s.Routes() {
			path, ok := strings.CutPrefix(route, "POST ")
			if !ok {
				continue
			}
			r := httptest.NewRequest("POST", strings.Replace(path, "NAME", "reviews", 1), strings.NewReader(body))
			if strings.HasSuffix(path, "infer") && head != len(body) {
				r.Header.Set("Inference-Header-Content-Length", strconv.Itoa(head))
			}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code >= 500 || w.Code < 200 || w.Header().Get("X-Request-Id") == "" {
				t.Errorf("%s: %d %s", path, w.Code, w.Body)
			}
			if w.Code == http.StatusOK && w.Body.Len() == 0 {
				t.Errorf("%s: an empty answer", path)
			}
		}
		if n := s.Busy(); n != 0 {
			t.Errorf("%d requests and bytes are left", n)
		}
	})
}
