package serve_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/orchid-seq/orchid"
	"github.com/orchid-seq/orchid/serve"
)

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
	io.WriteString(c, "POST /embed HTTP/1.1\r\nHost: localhost\r\n")
	b, err := io.ReadAll(c) // until the server hangs up
	if err != nil && !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
	if strings.Contains(string(b), "200") {
		t.Errorf("%s", b)
	}
}

// TestTime: an answer that takes too long is given up. The time for the request to come
// in is not part of it.
func TestTime(t *testing.T) {
	s := all(t, serve.Options{Limits: serve.Limits{Time: 10 * time.Millisecond, Reading: time.Hour}})
	defer s.Hold()()
	if r, text := s.send("POST", "/embed", `{"model": "reviews", "truncate": true, "inputs": "`+strings.Repeat("x ", 1<<20)+`"}`); r.StatusCode != 504 || !strings.Contains(text, "no answer in 10ms") {
		t.Errorf("%s %s", r.Status, text)
	}
}
