package serve

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/orchid-seq/orchid/internal/host"
)

// trust lets pages of these origins send requests; those of others are refused, whatever
// body they send.
func (s *Server) trust(origins []string) error {
	if slices.Contains(origins, "*") {
		return nil
	}
	s.cross = http.NewCrossOriginProtection()
	for _, o := range origins {
		if err := s.cross.AddTrustedOrigin(o); err != nil {
			return fmt.Errorf("origin %q: %w", o, err)
		}
	}
	return nil
}

// stranger says why a request may come from a page of somebody else, nil if not: it names
// a host that is not ours, or a browser says that it comes from another origin.
func (s *Server) stranger(r *http.Request) *failure {
	names := []string{s.o.Host}
	for _, o := range s.o.Origins {
		if u, err := url.Parse(o); err == nil {
			names = append(names, u.Hostname())
		}
	}
	switch {
	case s.o.Keys == nil && !host.Known(r.Host, names...):
		return fail(noHost, "", "the server is not known by this name: ask an address, localhost or the name in --listen, or use keys")
	case s.cross != nil && s.cross.Check(r) != nil:
		return fail(noOrigin, "", "a page of another origin may not ask; --cors allows it")
	}
	return nil
}

// cors tells a browser whether the page of another origin may see the answer, and
// answers when it asks beforehand. Without allowed origins nothing is said, which is no.
func (s *Server) cors(w http.ResponseWriter, r *http.Request) (done bool) {
	origin := r.Header.Get("Origin")
	if origin == "" || len(s.o.Origins) == 0 {
		return false
	}
	h := w.Header()
	h.Add("Vary", "Origin")
	if !slices.Contains(s.o.Origins, origin) && !slices.Contains(s.o.Origins, "*") {
		return false
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", "X-Request-Id, "+truncatedHeader+", Inference-Header-Content-Length")
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "GET, POST")
	h.Set("Access-Control-Allow-Headers", r.Header.Get("Access-Control-Request-Headers"))
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return true
}
