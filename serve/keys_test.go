package serve_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/serve"
)

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

// TestStrangers: a name that is not ours, and a page of somebody else, whatever body
// it sends, get nothing.
func TestStrangers(t *testing.T) {
	s := all(t, serve.Options{Host: "models.example"})
	for host, want := range map[string]int{"evil.example": 421, "evil.example:80": 421, "localhost:1": 200, "127.0.0.1": 200, "models.example": 200} {
		if r, text := s.send("GET", "/v1/models", "", "Host: "+host); r.StatusCode != want {
			t.Errorf("%s: %d %s", host, r.StatusCode, text)
		}
	}
	for _, header := range []string{"Origin: https://evil.example", "Sec-Fetch-Site: cross-site"} {
		if r, text := s.send("POST", "/embed", `{"model": "reviews", "inputs": "x"}`, header, "Content-Type: "); r.StatusCode != 403 {
			t.Errorf("%s: %d %s", header, r.StatusCode, text)
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
		if got := r.Header.Get("Access-Control-Allow-Origin"); got != c.allowed || (r.StatusCode == 200) != (c.allowed != "") || r.StatusCode != 200 && r.StatusCode != 403 {
			t.Errorf("%s: %q %s", c.origin, got, r.Status)
		}
		r, _ = c.s.send("OPTIONS", "/embed", "", "Origin: "+c.origin, "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization")
		if (r.StatusCode == 204) != (c.allowed != "") || (r.Header.Get("Access-Control-Allow-Headers") == "authorization") != (c.allowed != "") {
			t.Errorf("%s beforehand: %s %v", c.origin, r.Status, r.Header)
		}
	}
}
