// Package serve answers HTTP requests with models of text: the routes of OpenAI, of
// text-embeddings-inference and of KServe version 2, and some of our own.
//
// Requests of different clients are computed together where their options are the
// same; what one gets does not depend on the others, bit for bit. Nothing is cut
// unless a request asks for it, and then the answer says how much.
package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/orchid-seq/orchid"
)

// Options say how models are served.
type Options struct {
	Limits
	// Keys, if not nil, must be shown by whoever asks.
	Keys *Keys
	// Origins of pages that may ask from a browser; "*" for any. Pages that come from
	// the server itself always may.
	Origins []string
	// Host is a name, beside localhost, that the server is asked by; addresses always do.
	// With Keys any name does.
	Host string
	// Page answers GET /, which is not found if it is nil.
	Page http.Handler
	// Log gets a record a request, without any of its text; nil for none.
	Log *slog.Logger
	// Version is what the server says it is.
	Version string
}

// A Server answers requests with some models. It is safe for concurrent use.
type Server struct {
	o        Options
	models   []*served // in the order of the command line
	routes   []route
	counts   *counters
	admitted atomic.Int64 // requests that wait for an answer
	reading  atomic.Int64 // bytes of their bodies
	stopping atomic.Bool
	numbers  atomic.Int64                // in answers that are being made
	cross    *http.CrossOriginProtection // nil if any page may ask
	large    chan struct{}               // holds a token while a large text is read
}

// served is a model with its queues.
type served struct {
	*orchid.Model
	info    orchid.Info
	created time.Time
	lanes   lanes
}

// New returns a server of models, which must have different names. The caller closes
// the models when the server has stopped.
func New(models []*orchid.Model, o Options) (*Server, error) {
	o.Limits.fill()
	if err := o.Limits.Validate(); err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if len(models) == 0 {
		return nil, errors.New("no model to serve")
	}
	s := &Server{o: o, large: make(chan struct{}, 1)}
	s.counts = newCounters()
	if err := s.trust(o.Origins); err != nil {
		return nil, err
	}
	for _, m := range models {
		info := m.Info()
		for _, other := range s.models {
			if other.info.Name == info.Name {
				return nil, fmt.Errorf("%s and %s: two models with the name %q: rename a folder", other.info.Dir, info.Dir, info.Name)
			}
		}
		served := &served{Model: m, info: info, created: written(info.Dir)}
		served.lanes = newLanes(o.BatchTokens, s.counts)
		s.models = append(s.models, served)
	}
	s.routes = s.table()
	return s, nil
}

// model returns the one with a name; with none, the only one.
func (s *Server) model(name string) (*served, error) {
	if name == "" && len(s.models) == 1 {
		return s.models[0], nil
	}
	for _, m := range s.models {
		if m.info.Name == name {
			return m, nil
		}
	}
	if name == "" {
		return nil, fail(invalid, "model", "say which model: %s", s.names())
	}
	return nil, fail(noModel, "model", "no model has that name; there is %s", s.names())
}

// compute runs f on inputs, together with those of other requests with equal options,
// which must be comparable. It counts what it is given: tokens[i] are those of inputs[i].
func compute[R any](ctx context.Context, m *served, options any, f func(context.Context, []orchid.Input) ([]R, error), inputs []orchid.Input, tokens []int) ([]R, error) {
	results, err := m.lanes.do(ctx, options, func(ctx context.Context, in []orchid.Input) ([]any, error) {
		list, err := f(ctx, in)
		if err != nil {
			return nil, err
		}
		boxed := make([]any, len(list))
		for i, r := range list {
			boxed[i] = r
		}
		return boxed, nil
	}, inputs, tokens)
	if err != nil {
		return nil, err
	}
	out := make([]R, len(results))
	for i, r := range results {
		out[i] = r.(R)
	}
	return out, nil
}
