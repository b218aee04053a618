package serve_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/orchid-seq/orchid"
	"github.com/orchid-seq/orchid/internal/tinymodel"
	"github.com/orchid-seq/orchid/serve"
)

// scratch is the folder of the models.
var scratch string

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "serve"); err != nil {
		log.Fatal(err)
	}
	code := m.Run()
	os.RemoveAll(scratch)
	os.Exit(code)
}

var (
	reviews = sync.OnceValue(func() string { return must(tinymodel.Reviews(scratch)) })
	rhyme   = sync.OnceValue(func() string { return must(tinymodel.Rhyme(scratch)) })
	lengths = sync.OnceValue(func() string { return must(tinymodel.Lengths(scratch)) })
)

func must(dir string, err error) string {
	if err != nil {
		log.Fatal(err)
	}
	return dir
}

// a server that tests talk to.
type server struct {
	t *testing.T
	*serve.Server
	url    string
	models map[string]*orchid.Model
}

// serving starts a server of some folders.
func serving(t *testing.T, o serve.Options, dirs ...string) server {
	t.Helper()
	s := server{t: t, models: map[string]*orchid.Model{}}
	var list []*orchid.Model
	for _, dir := range dirs {
		m, err := orchid.Open(t.Context(), dir, orchid.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { m.Close() })
		s.models[m.Info().Name] = m
		list = append(list, m)
	}
	var err error
	if s.Server, err = serve.New(list, o); err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s.Server)
	t.Cleanup(h.Close)
	s.url = h.URL
	return s
}

// all is a server of a model of each kind.
func all(t *testing.T, o serve.Options) server {
	return serving(t, o, reviews(), rhyme(), lengths())
}

// send returns the answer to a request with some headers, "Name: value".
func (s server) send(method, path, body string, headers ...string) (*http.Response, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		if h == "" {
			continue
		}
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			r.Host = value
		}
		r.Header.Set(name, value)
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return a, string(b)
}

// post is send of JSON that must be answered, into a value.
func (s server) post(path, body string, into any) *http.Response {
	s.t.Helper()
	a, text := s.send("POST", path, body)
	if a.StatusCode != http.StatusOK {
		s.t.Fatalf("POST %s %s: %s %s", path, body, a.Status, text)
	}
	parse(s.t, text, into)
	return a
}

// get is send of a GET that must be answered, into a value.
func (s server) get(path string, into any) {
	s.t.Helper()
	a, text := s.send("GET", path, "")
	if a.StatusCode != http.StatusOK {
		s.t.Fatalf("GET %s: %s %s", path, a.Status, text)
	}
	parse(s.t, text, into)
}

// parse reads JSON, all fields of which must be known.
func parse(t *testing.T, text string, into any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}

func quoted(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// embed is Model.Embed of texts that the model takes.
func (s server) embed(model string, o orchid.EmbedOptions, inputs ...orchid.Input) []orchid.Embedding {
	s.t.Helper()
	list, err := s.models[model].Embed(s.t.Context(), o, inputs...)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range list {
		if e.Err != nil {
			s.t.Fatal(e.Err)
		}
	}
	return list
}
