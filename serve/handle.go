package serve

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// record is what is known of a request for its log line and the metrics.
type record struct {
	id          string
	route       string
	protocol    protocol
	model       string
	bytes       int // of the body
	tokens, cut int
	failure     *failure
	leave       []func() // called when it is answered
	limit       *time.Timer
}

type recordKey struct{}

// entry returns the record of a request that ServeHTTP has made.
func entry(r *http.Request) *record { return r.Context().Value(recordKey{}).(*record) }

// ServeHTTP answers a request and logs it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	e := &record{id: requestID(r)}
	r = r.WithContext(context.WithValue(r.Context(), recordKey{}, e))
	out := &answer{ResponseWriter: w}
	out.Header().Set("X-Request-Id", e.id)
	out.Header().Set("X-Content-Type-Options", "nosniff")
	func() {
		defer func() {
			if p := recover(); p != nil {
				s.refuse(out, r, &failure{kind: broken, text: "the server failed; its log says why", cause: fmt.Errorf("panic: %v\n%s", p, debug.Stack())})
			}
			for _, f := range e.leave {
				f()
			}
		}()
		s.dispatch(out, r)
	}()
	took := time.Since(start)
	s.counts.request(e.route, out.status, took)
	level, attributes := slog.LevelInfo, []slog.Attr{
		slog.String("id", e.id), slog.String("method", r.Method), slog.String("route", e.route), slog.Int("status", out.status),
		slog.Float64("ms", float64(took.Microseconds())/1000), slog.Int("bytes_in", e.bytes), slog.Int("bytes_out", out.bytes),
	}
	if e.model != "" {
		attributes = append(attributes, slog.String("model", e.model), slog.Int("tokens", e.tokens))
	}
	if e.cut > 0 {
		attributes = append(attributes, slog.Int("truncated_tokens", e.cut))
	}
	if e.failure != nil {
		attributes = append(attributes, slog.String("failure", e.failure.code))
		if e.failure.cause != nil {
			level = slog.LevelError
			attributes = append(attributes, slog.String("cause", e.failure.cause.Error()))
		}
	}
	s.o.Log.LogAttrs(context.WithoutCancel(r.Context()), level, "request", attributes...)
}

// requestID returns the id that the client gave, if it is fit for a log, or a new one.
func requestID(r *http.Request) string {
	id := r.Header.Get("X-Request-Id")
	fit := len(id) > 0 && len(id) <= 64 && strings.IndexFunc(id, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_.", c))
	}) < 0
	if fit {
		return id
	}
	return rand.Text()[:16]
}

// answer counts what is written and remembers the status.
type answer struct {
	http.ResponseWriter
	status, bytes int
}

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(b)
	a.bytes += n
	return n, err
}

// Unwrap lets http.ResponseController reach what it needs.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// refuse tells a failure in the words of the protocol.
func (s *Server) refuse(w *answer, r *http.Request, f *failure) {
	e := entry(r)
	e.failure = f
	if w.status != 0 {
		return // the answer has begun: its end is missing, which the client sees
	}
	switch f.kind {
	case noKey:
		w.Header().Set("WWW-Authenticate", "Bearer")
	case full, ending:
		w.Header().Set("Retry-After", "1")
	case slow, gone:
		w.Header().Set("Connection", "close")
	}
	s.json(w, r, e.protocol.status(f), e.protocol.body(f))
}

// json answers with a JSON value.
func (s *Server) json(w http.ResponseWriter, r *http.Request, status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	return s.write(w, r, status, b)
}

// write sends an answer. A client that does not take it is left.
func (s *Server) write(w http.ResponseWriter, r *http.Request, status int, b []byte) error {
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return nil
	}
	const piece = 1 << 20
	for len(b) > 0 {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(max(s.o.Reading, time.Second))) // where there is one
		n, err := w.Write(b[:min(piece, len(b))])
		if err != nil {
			return fail(gone, "", "the client has gone")
		}
		b = b[n:]
	}
	return nil
}
