package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Serve answers the requests that come to a listener until the context ends. Then it
// takes no more, and finishes those that it has accepted within grace; the rest is told
// that the server is stopping. The error is nil if all were finished. With a
// certificate it speaks TLS.
func (s *Server) Serve(ctx context.Context, l net.Listener, certificate *tls.Certificate, grace time.Duration) error {
	base, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	h := &http.Server{
		Handler: s, BaseContext: func(net.Listener) context.Context { return base },
		ReadHeaderTimeout: s.o.Reading, ReadTimeout: s.o.Reading, IdleTimeout: 2 * time.Minute,
		WriteTimeout: s.o.Time + 2*s.o.Reading, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(s.o.Log.Handler(), slog.LevelDebug), // of what strangers send
	}
	ended := make(chan error, 1)
	go func() {
		if certificate == nil {
			ended <- h.Serve(l)
			return
		}
		h.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*certificate}, MinVersion: tls.VersionTLS12}
		ended <- h.ServeTLS(l, "", "")
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	s.stopping.Store(true)
	s.o.Log.Info("stopping", "in_progress", s.admitted.Load(), "grace", grace.String())
	bounded, done := context.WithTimeout(context.Background(), grace)
	defer done()
	err := h.Shutdown(bounded)
	if errors.Is(err, context.DeadlineExceeded) {
		cancel() // which they are told
		last, done := context.WithTimeout(context.Background(), time.Second)
		defer done()
		if h.Shutdown(last) != nil {
			h.Close()
		}
		err = errors.New("some requests were not finished when the server stopped")
	}
	<-ended
	return err
}
