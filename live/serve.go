// Package live shows trainings as they go, on a page that a small server draws from
// the folders of the runs. It only reads, and needs nothing of the trainings but the
// files that they write anyway.
package live

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/internal/host"
	"github.com/orchid-seq/orchid/report"
)

// Address is where a page is served unless something else is asked for.
const Address = "127.0.0.1:6460"

// A Server serves the page. It is safe for concurrent use.
type Server struct {
	listener net.Listener
	host     string // as it was asked for
	server   http.Server
	kernels  kernels
	streams  streams

	mu    sync.Mutex
	watch watch
}

// Listen begins to serve at an address, host:port, where port 0 is any that is free;
// "" is Address, or a free port if that is taken. The error says what is wrong with
// the address.
func Listen(address string) (*Server, error) {
	asked := address
	if asked == "" {
		address = Address
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", address)
	if err != nil && asked == "" {
		l, err = net.Listen("tcp", net.JoinHostPort(host, "0"))
	}
	if err != nil {
		return nil, err
	}
	s := &Server{listener: l, host: host}
	s.server = http.Server{Handler: s.handler(), ReadHeaderTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 1 << 14}
	s.streams.every = time.Second
	go func() { _ = s.server.Serve(l) }() // ends when Close does its work
	return s, nil
}

// URL is the address of the page for a browser on this machine.
func (s *Server) URL() string {
	_, port, _ := net.SplitHostPort(s.listener.Addr().String())
	host := s.host
	if s.Open() {
		if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
			host = "localhost"
		}
	}
	return "http://" + net.JoinHostPort(host, port) + "/"
}

// Open reports whether other machines can reach the page.
func (s *Server) Open() bool {
	ip := net.ParseIP(s.listener.Addr().(*net.TCPAddr).IP.String())
	return ip == nil || !ip.IsLoopback()
}

// Watch shows the runs in a folder or below it, also those that come later.
func (s *Server) Watch(dir string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watch.add(dir)
}

// Close ends the server at once.
func (s *Server) Close() error { return s.server.Close() }

// Watched reports whether the page is open somewhere.
func (s *Server) Watched() bool { return s.streams.watched() }

// Linger waits until no page is open, or ctx has ended. A page that is loaded again
// is open.
func (s *Server) Linger(ctx context.Context) {
	for s.Watched() {
		select {
		case <-ctx.Done():
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// draw renders a page as things stand.
func (s *Server) draw(c choice) (v view, kernels string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.watch.look(now)
	return render(s.watch.runs, s.watch.faults, c, now, s.kernels.of)
}

// handler answers the requests that there are. No part of a request names a file.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		v, _ := s.draw(choose(r.URL.Query()))
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = pageForm.Execute(w, v) // or the reader has gone
	})
	text := func(kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind+"; charset=utf-8")
			_, _ = w.Write([]byte(body))
		}
	}
	mux.HandleFunc("GET /page.css", text("text/css", report.Style+pageStyle))
	mux.HandleFunc("GET /page.js", text("text/javascript", pageScript))
	mux.HandleFunc("GET /events", s.events)
	return s.guard(mux)
}

// guard lets a page ask this server alone, and answers no request for a name that
// somebody else may have pointed at this machine (DNS rebinding).
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !host.Known(r.Host, s.host) {
			http.Error(w, "This page is served under addresses, localhost and the name in --ui=NAME:PORT alone, not under "+fault.Clip(strings.ToValidUTF8(r.Host, "?"))+".", http.StatusMisdirectedRequest)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}
