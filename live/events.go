package live

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"
)

const (
	mostStreams = 32
	stillHere   = 15 * time.Second // between signs of life, so that dead readers are noticed
	reloading   = 3 * time.Second  // how long a page may take that is loaded again
	sending     = 10 * time.Second // how long a reader may take to take something
)

// streams count the pages that are open.
type streams struct {
	every time.Duration // between looks for changes

	mu   sync.Mutex
	open int
	left time.Time // when the last one was closed
}

func (s *streams) join() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == mostStreams {
		return false
	}
	s.open++
	return true
}

func (s *streams) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open--
	s.left = time.Now()
}

// watched reports whether a page is open, or about to be again.
func (s *streams) watched() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open > 0 || time.Since(s.left) < reloading
}

// events sends the sections of a page that have changed, as they change, until the
// reader goes.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	if !s.streams.join() {
		w.Header().Set("Retry-After", "5")
		http.Error(w, "Too many pages are open: close one.", http.StatusServiceUnavailable)
		return
	}
	defer s.streams.leave()
	w.Header().Set("Content-Type", "text/event-stream")
	c, out := choose(r.URL.Query()), http.NewResponseController(w)
	send := func(format string, args ...any) bool {
		_ = out.SetWriteDeadline(time.Now().Add(sending))
		_, err := fmt.Fprintf(w, format, args...)
		return err == nil && out.Flush() == nil
	}
	if !send("retry: 2000\n\n") {
		return
	}
	sent, last := map[string]string{}, time.Now()
	for {
		v, kernels := s.draw(c)
		changed := map[string]string{}
		note := func(name, text string) {
			if sent[name] != text {
				changed[name], sent[name] = text, text
			}
		}
		note("title", v.Title)
		for name, html := range v.Sections {
			note(name, string(html))
		}
		if len(changed) > 0 || time.Since(last) > stillHere {
			text, err := json.Marshal(changed)
			if err != nil || !send("data: %s\n\n", text) {
				return
			}
			last = time.Now()
		}
		if kernels != "" {
			s.kernels.look(r.Context(), kernels)
		}
		select {
		case <-r.Context().Done():
			return
		case <-time.After(s.streams.every):
		}
	}
}
