package serve_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/orchid-seq/orchid/serve"
)

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
	fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s", path, len(body), body[:len(body)/2])
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
