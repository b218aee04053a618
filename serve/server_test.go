package serve_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/orchid-seq/orchid"
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

// TestKeys: with keys, only who shows one gets an answer, but for health and what is
// public.
func TestKeys(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("# ours\n\nfirst-key-0123456789\n second-key-0123456789 \r\n")
	keys, err := serve.ReadKeys(file)
	if err != nil {
		t.Fatal(err)
	}
	s := all(t, serve.Options{Keys: keys, Page: http.NotFoundHandler()})
	for header, want := range map[string]int{
		"": 401, "Authorization: Bearer first-key-0123456789": 200, "Authorization: bearer second-key-0123456789": 200,
		"Authorization: Bearer first-key-012345678": 401, "Authorization: Basic first-key-0123456789": 401, "Authorization: Bearer": 401, "Authorization: Bearer # ours": 401, "Authorization: first-key-0123456789": 401,
	} {
		r, text := s.send("GET", "/v1/models", "", header)
		if r.StatusCode != want {
			t.Errorf("%s: %d, want %d", header, r.StatusCode, want)
		}
		if want == 401 && (r.Header.Get("WWW-Authenticate") != "Bearer" || !strings.Contains(line(t, "/v1/models", text), "Authorization: Bearer KEY")) {
			t.Errorf("%s: %v %s", header, r.Header, text)
		}
	}
	for path, want := range map[string]int{"/health": 200, "/v2/health/live": 200, "/v2/health/ready": 200, "/openapi.json": 200, "/": 404, "/metrics": 401, "/info": 401, "/v2": 401, "/v2/models/rhyme": 401} {
		if r, _ := s.send("GET", path, ""); r.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, r.StatusCode, want)
		}
	}
	for text, want := range map[string]string{"short\n": "keys:1: want a key of at least 16", "# none\n": "no key in it", "first-key-0123456789\nhas space 0123456789": "keys:2: want a key"} {
		write(text)
		if _, err := serve.ReadKeys(file); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "0123456789") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestCORS: pages of other origins may see answers only where they are let.
func TestCORS(t *testing.T) {
	closed, open := all(t, serve.Options{}), all(t, serve.Options{Origins: []string{"https://a.example"}})
	for _, c := range []struct {
		s               server
		origin, allowed string
	}{{closed, "https://a.example", ""}, {open, "https://a.example", "https://a.example"}, {open, "https://b.example", ""}, {all(t, serve.Options{Origins: []string{"*"}}), "https://b.example", "https://b.example"}} {
		r, _ := c.s.send("POST", "/embed", `{"model": "reviews", "inputs": "x"}`, "Origin: "+c.origin)
		if got := r.Header.Get("Access-Control-Allow-Origin"); got != c.allowed || r.StatusCode != 200 {
			t.Errorf("%s: %q %s", c.origin, got, r.Status)
		}
		r, _ = c.s.send("OPTIONS", "/embed", "", "Origin: "+c.origin, "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization")
		if (r.StatusCode == 204) != (c.allowed != "") || (r.Header.Get("Access-Control-Allow-Headers") == "authorization") != (c.allowed != "") {
			t.Errorf("%s beforehand: %s %v", c.origin, r.Status, r.Header)
		}
	}
}

// TestLimits: each limit has its status, and both numbers where there are two.
func TestLimits(t *testing.T) {
	text := func(n int) string { return quoted(strings.Repeat("x", n)) }
	for what, c := range map[string]struct {
		limits     serve.Limits
		path, body string
		status     int
		want       string
	}{
		"body":          {serve.Limits{Body: 100}, "/v1/embeddings", `{"model": "reviews", "input": ` + text(100) + `}`, 413, "the body has 133 bytes, at most 100 may be"},
		"tokens":        {serve.Limits{Tokens: 20}, "/v1/embeddings", `{"model": "reviews", "input": ` + text(20) + `, "truncate": true}`, 400, "input has 22 tokens, the special ones included; the server takes 20"},
		"ids":           {serve.Limits{Tokens: 3}, "/v1/embeddings", `{"model": "reviews", "input": [5,6,7,8]}`, 400, "input has 4 ids, the server takes 3"},
		"all tokens":    {serve.Limits{RequestTokens: 20}, "/embed", `{"model": "reviews", "inputs": [` + text(9) + `,` + text(9) + `]}`, 413, "the texts have 22 tokens together, the server takes 20 a request"},
		"numbers":       {serve.Limits{Numbers: 40}, "/embed_all", `{"model": "reviews", "inputs": "x"}`, 413, "the answer would take 64 numbers, at most 40 may be"},
		"guesses":       {serve.Limits{Numbers: 40}, "/v1/fill-mask", `{"model": "rhyme", "input": "[MASK]"}`, 400, "numbers, at most 40 may be"},
		"ids to decode": {serve.Limits{RequestTokens: 2}, "/decode", `{"model": "reviews", "ids": [5,6,7]}`, 413, "more than 2 ids"},
	} {
		s := all(t, serve.Options{Limits: c.limits})
		r, got := s.send("POST", c.path, c.body)
		if r.StatusCode != c.status || !strings.Contains(line(t, c.path, got), c.want) {
			t.Errorf("%s: %d %s, want %d %s", what, r.StatusCode, got, c.status, c.want)
		}
	}
	// Without a length beforehand.
	s := all(t, serve.Options{Limits: serve.Limits{Body: 100}})
	r, err := http.Post(s.url+"/embed", "application/json", io.MultiReader(strings.NewReader(`{"inputs": `+text(200)), strings.NewReader("}")))
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != 413 {
		t.Errorf("chunked: %s", r.Status)
	}
	for _, l := range []serve.Limits{{Body: -1}, {Items: -1}, {Time: -1}, {Body: 10, Bodies: 5}} {
		if _, err := serve.New(nil, serve.Options{Limits: l}); err == nil || !strings.Contains(err.Error(), "--") {
			t.Errorf("%+v: %v", l, err)
		}
	}
}

// TestNew: what cannot be served is one line.
func TestNew(t *testing.T) {
	m, err := orchid.Open(t.Context(), reviews(), orchid.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if _, err := serve.New([]*orchid.Model{m, m}, serve.Options{}); err == nil || !strings.Contains(err.Error(), `two models with the name "reviews"`) {
		t.Error(err)
	}
	if _, err := serve.New(nil, serve.Options{}); err == nil {
		t.Error("no model is served")
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
	if got := out.String(); !strings.Contains(got, "on the page") || !strings.Contains(got, "server_test.go") || !strings.Contains(got, "level=ERROR") {
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

// listening starts a server that can be told to stop.
func listening(t *testing.T, o serve.Options, grace time.Duration, dirs ...string) (s server, stop context.CancelFunc, ended chan error) {
	t.Helper()
	s = serving(t, o, dirs...)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.url = "http://" + l.Addr().String()
	ctx, stop := context.WithCancel(t.Context())
	ended = make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l, nil, grace) }()
	t.Cleanup(stop)
	return s, stop, ended
}

// begun is a POST of which half of the body has come.
type begun struct {
	net.Conn
	rest string
}

func (s server) begin(path, body string) begun {
	s.t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { c.Close() })
	fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", path, len(body), body[:len(body)/2])
	return begun{c, body[len(body)/2:]}
}

// end returns the status and the body of the answer; 0 if there is none.
func (b begun) end() (int, string) {
	r, err := http.ReadResponse(bufio.NewReader(b), nil)
	if err != nil {
		return 0, err.Error()
	}
	defer r.Body.Close()
	text, _ := io.ReadAll(r.Body)
	return r.StatusCode, string(text)
}

func (b begun) finish() (int, string) {
	io.WriteString(b, b.rest)
	return b.end()
}

// waitFor waits until a condition holds.
func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 1000 {
		if ok() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("%s: not in 5 seconds", what)
}

// metric returns one of the metrics, without labels.
func (s server) metric(name string) (n int) {
	_, text := s.send("GET", "/metrics", "")
	_, rest, _ := strings.Cut(text, "\n"+name+" ")
	fmt.Sscan(rest, &n)
	return n
}

// TestStop: a server that is told to stop finishes what it has accepted and takes no
// more; what does not end in time is told why.
func TestStop(t *testing.T) {
	for _, grace := range []time.Duration{10 * time.Second, 50 * time.Millisecond} {
		s, stop, ended := listening(t, serve.Options{}, grace, reviews())
		request := s.begin("/embed", `{"inputs": "a fine film"}`)
		waitFor(t, "a request", func() bool { return s.metric("orchid_requests_in_progress") == 1 })
		stop()
		waitFor(t, "no new connection", func() bool {
			c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
			if err == nil {
				c.Close()
			}
			return err != nil
		})
		var status int
		if grace > time.Second {
			status, _ = request.finish()
		} else {
			status, _ = request.end()
		}
		if err := <-ended; (status == 200) != (grace > time.Second) || (err == nil) != (grace > time.Second) {
			t.Errorf("grace %v: %d, %v", grace, status, err)
		}
	}
}

// TestQueueFull: beyond the limit a request is told to come again, at once.
func TestQueueFull(t *testing.T) {
	s := all(t, serve.Options{Limits: serve.Limits{Queue: 1}})
	first := s.begin("/embed", `{"model": "reviews", "inputs": "a fine film"}`)
	waitFor(t, "a request", func() bool { return s.metric("orchid_requests_in_progress") == 1 })
	r, text := s.send("POST", "/v1/embeddings", `{"model": "reviews", "input": "x"}`)
	if r.StatusCode != 503 || r.Header.Get("Retry-After") == "" || !strings.Contains(text, "1 requests are in progress") && !strings.Contains(text, "1 request") {
		t.Errorf("%s %s", r.Status, text)
	}
	if status, text := first.finish(); status != 200 {
		t.Errorf("the first one: %d %s", status, text)
	}
	var a any
	s.post("/v1/embeddings", `{"model": "reviews", "input": "x"}`, &a)
}

// TestBodies: all bodies together have a limit.
func TestBodies(t *testing.T) {
	s := all(t, serve.Options{Limits: serve.Limits{Body: 100, Bodies: 100}})
	text := `{"model": "reviews", "inputs": "` + strings.Repeat("x", 40) + `"}`
	first := s.begin("/embed", text+strings.Repeat(" ", 20))
	waitFor(t, "half a body", func() bool { return s.metric("orchid_request_body_bytes") > 40 })
	if r, got := s.send("POST", "/embed", text); r.StatusCode != 503 || !strings.Contains(got, "too large together") {
		t.Errorf("%s %s", r.Status, got)
	}
	if status, text := first.finish(); status != 200 {
		t.Errorf("the first one: %d %s", status, text)
	}
	waitFor(t, "the place of the body", func() bool { return s.metric("orchid_request_body_bytes") == 0 })
	var a any
	s.post("/embed", text, &a)
}

// TestSlow: a body that does not come in time costs the client its request.
func TestSlow(t *testing.T) {
	s, _, _ := listening(t, serve.Options{Limits: serve.Limits{Reading: 100 * time.Millisecond}}, time.Second, reviews())
	if status, text := s.begin("/embed", `{"inputs": "a fine film"}`).end(); status != 408 || !strings.Contains(text, "did not come in within 100ms") {
		t.Errorf("%d %s", status, text)
	}
	// Headers have their time too.
	c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, "POST /embed HTTP/1.1\r\nHost: x\r\n")
	b, err := io.ReadAll(c) // until the server hangs up
	if err != nil && !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
	if strings.Contains(string(b), "200") {
		t.Errorf("%s", b)
	}
}

// TestTime: an answer that takes too long is given up.
func TestTime(t *testing.T) {
	s := all(t, serve.Options{Limits: serve.Limits{Time: time.Nanosecond, Reading: time.Nanosecond}})
	if r, text := s.send("POST", "/embed", `{"model": "reviews", "inputs": "x"}`); r.StatusCode != 504 || !strings.Contains(text, "no answer in 1ns") {
		t.Errorf("%s %s", r.Status, text)
	}
}

// TestLeak: requests of every kind, and those that break off, leave no goroutine.
func TestLeak(t *testing.T) {
	s, stop, ended := listening(t, serve.Options{}, time.Second, reviews(), rhyme())
	var a [][]float32
	s.post("/embed", `{"model": "reviews", "inputs": "a fine film"}`, &a)
	before := runtime.NumGoroutine() // with the connection of that request
	var group sync.WaitGroup
	for i := range 40 {
		group.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Duration(i)*300*time.Microsecond)
			defer cancel()
			body := `{"model": "reviews", "inputs": ["a fine film", ` + quoted(strings.Repeat("so ", i%15)) + `]}`
			r, err := http.NewRequestWithContext(ctx, "POST", s.url+"/embed", strings.NewReader(body))
			if err != nil {
				t.Error(err)
				return
			}
			if a, err := http.DefaultClient.Do(r); err == nil {
				io.Copy(io.Discard, a.Body)
				a.Body.Close()
			}
		})
	}
	group.Wait()
	http.DefaultClient.CloseIdleConnections()
	waitFor(t, "the end of all goroutines", func() bool { return runtime.NumGoroutine() <= before })
	a = nil
	s.post("/embed", `{"model": "reviews", "inputs": "a fine film"}`, &a)
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
