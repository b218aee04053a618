package serve

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A route is a path that the server answers.
type route struct {
	method, path string // NAME in a path stands for any part
	protocol     protocol
	open         bool // without a key
	handle       func(w http.ResponseWriter, r *http.Request) error
}

// table lists all routes.
func (s *Server) table() []route {
	return []route{
		{"POST", "/v1/embeddings", openAI, false, s.embeddings},
		{"POST", "/v1/classify", openAI, false, s.classifyTexts},
		{"POST", "/v1/fill-mask", openAI, false, s.fillMasks},
		{"POST", "/v1/kernels", openAI, false, s.kernels},
		{"GET", "/v1/models", openAI, false, s.listModels},
		{"GET", "/v1/models/NAME", openAI, false, s.showModel},
		{"GET", "/v1/models/NAME/card", openAI, false, s.card},

		{"POST", "/embed", tei, false, s.teiEmbed},
		{"POST", "/embed_all", tei, false, s.teiEmbedAll},
		{"POST", "/predict", tei, false, s.teiPredict},
		{"POST", "/tokenize", tei, false, s.teiTokenize},
		{"POST", "/decode", tei, false, s.teiDecode},
		{"GET", "/info", tei, false, s.teiInfo},
		{"GET", "/health", tei, true, s.ready},

		{"GET", "/v2", kserve, false, s.kserveServer},
		{"GET", "/v2/health/live", kserve, true, s.live},
		{"GET", "/v2/health/ready", kserve, true, s.ready},
		{"GET", "/v2/models/NAME", kserve, false, s.kserveModel},
		{"GET", "/v2/models/NAME/versions/1", kserve, false, s.kserveModel},
		{"GET", "/v2/models/NAME/ready", kserve, false, s.kserveReady},
		{"GET", "/v2/models/NAME/versions/1/ready", kserve, false, s.kserveReady},
		{"POST", "/v2/models/NAME/infer", kserve, false, s.infer},
		{"POST", "/v2/models/NAME/versions/1/infer", kserve, false, s.infer},

		{"GET", "/metrics", openAI, false, s.showMetrics},
		{"GET", "/openapi.json", openAI, true, s.openAPI},
		{"GET", "/", openAI, true, s.page},
	}
}

// find returns the route of a request, and the part of the path that stands for NAME.
// Without a route, methods are those that the path has.
func (s *Server) find(r *http.Request) (found *route, name string, methods []string) {
	parts := strings.Split(r.URL.Path, "/")
	for i := range s.routes {
		t := &s.routes[i]
		want := strings.Split(t.path, "/")
		if len(want) != len(parts) {
			continue
		}
		in := ""
		same := true
		for k, p := range want {
			if p == "NAME" && parts[k] != "" {
				in = parts[k]
			} else {
				same = same && p == parts[k]
			}
		}
		switch {
		case !same:
		case t.method == r.Method || t.method == "GET" && r.Method == "HEAD":
			return t, in, nil
		default:
			methods = append(methods, t.method)
		}
	}
	return nil, "", methods
}

// dispatch lets a request in, or says why not, and answers it.
func (s *Server) dispatch(w *answer, r *http.Request) {
	e := entry(r)
	t, name, methods := s.find(r)
	e.route, e.protocol = "other", protocolOf(r.URL.Path)
	if t != nil {
		e.route, e.protocol = t.path, t.protocol
		r.SetPathValue("name", name)
	}
	if done := s.cors(w, r); done {
		return
	}
	if f := s.stranger(r); f != nil {
		s.refuse(w, r, f)
		return
	}
	switch {
	case t == nil && methods != nil:
		w.Header().Set("Allow", strings.Join(slices.Compact(methods), ", "))
		s.refuse(w, r, fail(noMethod, "", "this path wants the method %s", strings.Join(slices.Compact(methods), " or ")))
		return
	case t == nil:
		s.refuse(w, r, fail(noRoute, "", "there is nothing at this path; /openapi.json lists what there is"))
		return
	case !t.open && !s.o.Keys.allow(r):
		s.refuse(w, r, fail(noKey, "", "a key is wanted: send the header Authorization: Bearer KEY"))
		return
	}
	if t.method == "POST" {
		if s.admitted.Add(1) > int64(s.o.Queue) {
			s.admitted.Add(-1)
			s.refuse(w, r, fail(full, "", "%d requests are in progress, which is the limit: try again later", s.o.Queue))
			return
		}
		e.leave = append(e.leave, func() { s.admitted.Add(-1) })
	}
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	e.limit = time.AfterFunc(s.o.Time+s.o.Reading, func() { cancel(context.DeadlineExceeded) }) // body sets it anew
	defer e.limit.Stop()
	r = r.WithContext(ctx)
	if err := t.handle(w, r); err != nil {
		s.refuse(w, r, s.asFailure(r.Context(), err))
	}
}

// protocolOf says in whose words a path that is not found is answered.
func protocolOf(path string) protocol {
	switch {
	case strings.HasPrefix(path, "/v1/"):
		return openAI
	case path == "/v2" || strings.HasPrefix(path, "/v2/"):
		return kserve
	}
	return tei
}

// live says that the process runs.
func (s *Server) live(w http.ResponseWriter, r *http.Request) error {
	return s.json(w, r, http.StatusOK, map[string]bool{"live": true})
}

// ready says whether the server takes requests.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) error {
	if s.stopping.Load() {
		return fail(ending, "", "the server is stopping")
	}
	return s.json(w, r, http.StatusOK, map[string]bool{"ready": true})
}

func (s *Server) page(w http.ResponseWriter, r *http.Request) error {
	if s.o.Page == nil {
		return fail(noRoute, "", "there is no page here; /openapi.json lists what there is")
	}
	s.o.Page.ServeHTTP(w, r)
	return nil
}
