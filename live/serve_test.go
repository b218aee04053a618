package live

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// serve begins a server of the runs below a folder.
func serve(t *testing.T, dir string) *Server {
	t.Helper()
	s, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	s.streams.every = 20 * time.Millisecond
	s.Watch(dir)
	return s
}

func get(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s: %s", url, resp.Status, text)
	}
	return string(text)
}

// TestGuard wants names that somebody else may own refused, and headers that keep
// the page to itself.
func TestGuard(t *testing.T) {
	s := serve(t, t.TempDir())
	s.host = "box.example"
	for host, want := range map[string]int{
		"127.0.0.1:6460": 200, "localhost:1": 200, "LOCALHOST": 200, "[::1]:6460": 200, "::1": 200, "192.168.1.7": 200, "box.example:80": 200, "[::1]": 200,
		"evil.example": 421, "evil.example:6460": 421, "127.0.0.1.evil.example": 421, "localhost.evil.example": 421, "": 421, ":6460": 421, strings.Repeat("x", 9999): 421,
	} {
		for _, path := range []string{"/", "/events", "/page.js"} {
			if path == "/events" && want == 200 {
				continue // it does not end
			}
			w := httptest.NewRecorder()
			r := httptest.NewRequest("GET", path, nil)
			r.Host = host
			s.server.Handler.ServeHTTP(w, r)
			if w.Code != want {
				t.Errorf("%.40s%s: %d, want %d", host, path, w.Code, want)
			}
			if csp := w.Header().Get("Content-Security-Policy"); want == 200 && !strings.HasPrefix(csp, "default-src 'none'") || w.Body.Len() > 1000 && want == 421 {
				t.Errorf("%.40s%s: policy %q, %d bytes", host, path, csp, w.Body.Len())
			}
		}
	}
}

// TestNothingElse wants nothing but the page: no file, no method that changes.
func TestNothingElse(t *testing.T) {
	dir := t.TempDir()
	folder(t, filepath.Join(dir, "a"))
	s := serve(t, dir)
	for request, want := range map[string]int{
		"GET /config.json": 404, "GET /a/config.json": 404, "GET /../serve.go": 404, "GET /%2e%2e/serve.go": 404, "GET //etc/passwd": 404, "GET /index.html": 404,
		"POST /": 405, "DELETE /events": 405, "PUT /page.js": 405, "HEAD /": 200,
		"GET /?run=../../etc&by=x&kernels=/etc/passwd": 200, "GET /?run=%00&run=%ff": 200, "GET /?%zz;": 200,
	} {
		method, path, _ := strings.Cut(request, " ")
		w := httptest.NewRecorder()
		r := httptest.NewRequest(method, "http://localhost/", nil)
		r.RequestURI = path
		if u, err := r.URL.Parse("http://localhost" + path); err == nil {
			r.URL = u
		} else {
			r.URL.Path, r.URL.RawQuery, _ = strings.Cut(path, "?")
		}
		s.server.Handler.ServeHTTP(w, r)
		if w.Code != want && w.Code/100 != 3 {
			t.Errorf("%s: %d, want %d", request, w.Code, want)
		}
		if strings.Contains(w.Body.String(), "root:") || strings.Contains(w.Body.String(), `"format"`) {
			t.Errorf("%s: a file came back", request)
		}
	}
}

// TestNames keeps what a folder is called from becoming markup.
func TestNames(t *testing.T) {
	root := t.TempDir()
	folder(t, filepath.Join(root, `<img src=x onerror=alert(1)> & "b"`))
	put(t, filepath.Join(root, `<img src=x onerror=alert(1)> & "b"`), lines(10, 100)+score(100, 0.5))
	folder(t, filepath.Join(root, "b"), "mixer=attention", "lr=0.5")
	page := get(t, serve(t, root).URL())
	if strings.Contains(page, "<img") {
		t.Error("the name of a folder is markup")
	}
	for _, want := range []string{"2 runs: 2 training.", "&lt;img", "In which the runs differ", "accuracy", "50.00 %", "400", `<th scope="row">lr</th><td>0.006</td><td>0.5</td>`, "blocks.1", "the first figures come after step 50"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	seen := map[string]bool{}
	for _, part := range strings.Split(page, ` id="`)[1:] {
		id, _, _ := strings.Cut(part, `"`)
		if seen[id] {
			t.Errorf("two elements have the id %q", id)
		}
		seen[id] = true
	}
}

// next reads events until one holds a section in which a text stands.
func next(t *testing.T, lines *bufio.Scanner, section, text string) {
	t.Helper()
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var parts map[string]string
		if err := json.Unmarshal([]byte(data), &parts); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(parts[section], text) {
			return
		}
	}
	t.Fatalf("the stream ended before %s said %q: %v", section, text, lines.Err())
}

// TestEvents follows a run to its end on a stream.
func TestEvents(t *testing.T) {
	root := t.TempDir()
	s := serve(t, root)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", s.URL()+"events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	stream := bufio.NewScanner(resp.Body)
	stream.Buffer(nil, 1<<24)
	next(t, stream, "status", "No run yet")
	dir := filepath.Join(root, "a")
	e, k := folder(t, dir)
	s.Watch(root) // now, rather than in a few seconds
	next(t, stream, "status", "The run is training.")
	put(t, dir, lines(10, 200))
	next(t, stream, "runs", "200 of 400")
	save(t, dir, k, 200)
	next(t, stream, "kernels", "as it was after step 200")
	put(t, dir, score(200, 0.75))
	next(t, stream, "curves", "Evaluations: accuracy")
	if err := e.WriteModel(dir, k, nil); err != nil {
		t.Fatal(err)
	}
	next(t, stream, "status", "The training has ended")
	if !s.Watched() {
		t.Error("a page is open, and the server does not know")
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	next(t, stream, "status", "No run yet")
	short, stop := context.WithCancel(ctx)
	stop()
	s.Linger(short) // returns at once
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for stream.Scan() { // to its end
	}
}

// TestMostStreams refuses one page too many, and takes it once another is closed.
func TestMostStreams(t *testing.T) {
	var s streams
	for range mostStreams {
		if !s.join() {
			t.Fatal("refused")
		}
	}
	if s.join() {
		t.Error("one too many")
	}
	s.leave()
	if !s.join() {
		t.Error("there is room again")
	}
}

// TestListen takes another port where nobody asked for one, and says what is wrong
// where somebody did.
func TestListen(t *testing.T) {
	a := serve(t, t.TempDir())
	taken := strings.TrimSuffix(strings.TrimPrefix(a.URL(), "http://"), "/")
	for _, address := range []string{taken, "nonsense", "127.0.0.1:99999", "127.0.0.1"} {
		if s, err := Listen(address); err == nil {
			s.Close()
			t.Errorf("%s was taken", address)
		}
	}
	for range 2 {
		s, err := Listen("")
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if !strings.HasPrefix(s.URL(), "http://127.0.0.1:") || s.Open() {
			t.Errorf("by default at %s", s.URL())
		}
	}
}
