package serve_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/orchid-seq/orchid/serve"
)

// records are a log that a test reads while the server writes.
type records struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *records) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *records) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// TestLog: each request is one record, with its id and what it took, without its text;
// the id comes back.
func TestLog(t *testing.T) {
	out := &records{}
	s := all(t, serve.Options{Log: slog.New(slog.NewJSONHandler(out, nil))})
	for _, c := range []struct{ path, body, id string }{
		{"/embed", `{"model": "reviews", "truncate": true, "inputs": "secret ` + strings.Repeat("words ", 20) + `"}`, "my-id_1.2"},
		{"/v1/embeddings", `{"model": "secret", "input": "secret"}`, "has space"},
		{"/v1/embeddings", `{"model": "reviews", "input": "secret`, strings.Repeat("x", 65)},
	} {
		r, _ := s.send("POST", c.path, c.body, "X-Request-Id: "+c.id)
		if got := r.Header.Get("X-Request-Id"); (got == c.id) != (c.id == "my-id_1.2") || len(got) < 9 {
			t.Errorf("the id %q comes back as %q", c.id, got)
		}
	}
	// The record is written after the answer.
	var lines []string
	for range 100 {
		if lines = strings.Split(strings.TrimSpace(out.String()), "\n"); len(lines) == 3 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if len(lines) != 3 || strings.Contains(out.String(), "secret") {
		t.Fatalf("%s", out)
	}
	var first map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil {
		t.Fatal(err)
	}
	if ms := first["ms"].(float64); !(ms > 0) {
		t.Errorf("%v ms", ms)
	}
	for key, want := range map[string]any{"id": "my-id_1.2", "method": "POST", "route": "/embed", "status": 200., "model": "reviews", "tokens": 48., "truncated_tokens": 81., "level": "INFO"} {
		if first[key] != want {
			t.Errorf("%s is %v, want %v", key, first[key], want)
		}
	}
	if !strings.Contains(lines[1], `"failure":"model_not_found"`) || !strings.Contains(lines[2], `"failure":"malformed_body"`) {
		t.Errorf("%s", out)
	}
}

// TestPanic: a handler that panics costs its request alone, and the log says where.
func TestPanic(t *testing.T) {
	out := &records{}
	s := all(t, serve.Options{Page: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("on the page") }), Log: slog.New(slog.NewTextHandler(out, nil))})
	r, text := s.send("GET", "/", "")
	if r.StatusCode != 500 || strings.Contains(text, "on the page") || !strings.Contains(text, `"server_error"`) {
		t.Errorf("%s %s", r.Status, text)
	}
	var a any
	s.get("/health", &a)
	if got := out.String(); !strings.Contains(got, "on the page") || !strings.Contains(got, "log_test.go") || !strings.Contains(got, "level=ERROR") {
		t.Error(got)
	}
}

// TestMetrics: what was done is counted.
func TestMetrics(t *testing.T) {
	s := all(t, serve.Options{})
	var a [][]float32
	s.post("/embed", `{"model": "reviews", "inputs": ["a fine film", "so dull"]}`, &a)
	s.send("POST", "/embed", `{`)
	r, text := s.send("GET", "/metrics", "")
	for _, want := range []string{
		`orchid_requests_total{route="/embed",status="200"} 1`, `orchid_requests_total{route="/embed",status="400"} 1`, `orchid_request_seconds_count{route="/embed"} 2`,
		`orchid_request_seconds_bucket{route="/embed",le="+Inf"} 2`, `orchid_tokens_total{model="reviews"} 22`, "orchid_batches_total 1", "orchid_batch_texts_total 2", "orchid_batch_tokens_total 22",
		"orchid_requests_in_progress 0", `orchid_queue_requests{model="rhyme",lane="long"} 0`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "text/plain; version=0.0.4") {
		t.Error(r.Header)
	}
}
