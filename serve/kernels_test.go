package serve_test

import (
	"encoding/json"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid"
	"github.com/orchid-seq/orchid/internal/tinymodel"
	"github.com/orchid-seq/orchid/serve"
)

// kernels is an answer of /v1/kernels.
type kernels struct {
	Tokens, Thinned int
	Lags            []int
	Frequencies     []float64
	Static, Own     *struct {
		All      curves
		Channels []curves
	}
}

type curves struct {
	Channel          *int
	Taps, Magnitudes []float64
}

func (s server) kernels(body string) (k kernels) {
	s.t.Helper()
	r, text := s.send("POST", "/v1/kernels", body)
	if r.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: %s %s", body, r.Status, text)
	}
	if err := json.Unmarshal([]byte(text), &k); err != nil {
		s.t.Fatal(err)
	}
	return k
}

// TestKernels: what is sent is what the library gives, with the digits that a picture
// needs, and peaks stay where a line is thinned.
func TestKernels(t *testing.T) {
	s := all(t, serve.Options{})
	const text = "so fine and warm, so dull and long: a fine film"
	got := s.kernels(`{"model": "reviews", "input": "` + text[:40] + `", "channels": [15, 3]}`)
	want, err := s.models["reviews"].Kernels(t.Context(), orchid.Input{A: text[:40]}, 0, []int{15, 3})
	if err != nil {
		t.Fatal(err)
	}
	if got.Tokens != 42 || got.Thinned != 1 || len(got.Lags) != 42 || len(got.Frequencies) != len(want.Frequencies) || len(got.Own.Channels) != 2 || *got.Own.Channels[0].Channel != 15 || got.Own.All.Channel != nil {
		t.Fatalf("%+v", got)
	}
	for i, v := range want.Own.Channels[0].Taps {
		if g := got.Own.Channels[0].Taps[i]; !(math.Abs(g-float64(v)) <= 5e-5*math.Abs(float64(v))) {
			t.Errorf("tap %d is %g, want %g", i, g, v)
		}
	}
	for i, v := range want.Static.All.Magnitudes {
		if g := got.Static.All.Magnitudes[i]; !(math.Abs(g-float64(v)) <= 5e-5*math.Abs(float64(v))) {
			t.Errorf("magnitude %d is %g, want %g", i, g, v)
		}
	}

	if k := s.kernels(`{"model": "rhyme", "input": "` + strings.Repeat("[MASK] ", 40) + `"}`); k.Tokens != 42 { // each mask is one
		t.Errorf("40 masks are %d tokens", k.Tokens)
	}
	thin := s.kernels(`{"model": "reviews", "input": "` + text[:40] + `", "channels": [15], "points": 10}`)
	if thin.Thinned != 5 || len(thin.Lags) != 9 || len(thin.Own.All.Taps) != 9 || len(thin.Frequencies) != len(thin.Own.All.Magnitudes) {
		t.Fatalf("%+v", thin)
	}
	for i, v := range thin.Own.Channels[0].Taps {
		lo, hi := 5*i, min(5*i+5, 42)
		if thin.Lags[i] != got.Lags[(lo+hi)/2] {
			t.Errorf("point %d stands at lag %d, want %d", i, thin.Lags[i], got.Lags[(lo+hi)/2])
		}
		found := false
		for _, w := range got.Own.Channels[0].Taps[lo:hi] {
			found = found || w == v
			if math.Abs(w) > math.Abs(v) {
				t.Errorf("point %d is %g: the peak %g is lost", i, v, w)
			}
		}
		if !found {
			t.Errorf("point %d is %g, none of those it stands for", i, v)
		}
	}
}

// TestKernelFaults: what is wrong with a request is said in one line.
func TestKernelFaults(t *testing.T) {
	attention := must(tinymodel.Attention(t.TempDir()))
	s := serving(t, serve.Options{Limits: serve.Limits{Tokens: 40}}, reviews(), rhyme(), attention)
	for _, c := range []refusal{
		{body: `{"model": "reviews", "input": "x", "block": 1}`, status: 400, want: "block 1: the model has the blocks 0 to 0"},
		{body: `{"model": "reviews", "input": "x", "block": -1}`, status: 400, want: "block -1: the model has the blocks 0 to 0"},
		{body: `{"model": "reviews", "input": "x", "channels": [16]}`, status: 400, want: "channel 16: the model has the channels 0 to 15"},
		{body: `{"model": "reviews", "input": "x", "channels": [0` + strings.Repeat(",0", 64) + `]}`, status: 400, want: "channels has 65, at most 64 may be"},
		{body: `{"model": "reviews", "input": "x", "channels": "all"}`, status: 400, want: "channels: got a string"},
		{body: `{"model": "reviews", "input": "x", "points": 0}`, status: 400, want: "points: want at least 1"},
		{body: `{"model": "reviews", "input": "x", "points": 5000}`, status: 400, want: "points: 5000, at most 4,096 may be"},
		{body: `{"model": "reviews", "input": ["x", "y"]}`, status: 400, want: "input has 2 texts: want one"},
		{body: `{"model": "reviews", "input": ` + long + `}`, status: 400, want: "input has 92 tokens, the special ones included; the model takes 48"},
		{body: `{"model": "reviews", "input": "` + strings.Repeat("x", 42) + `"}`, status: 400, want: "input has 44 tokens, the special ones included; the server takes 40"},
		{body: `{"model": "reviews"}`, status: 400, want: "input is missing"},
		{body: `{"model": "attention", "input": "x"}`, status: 400, want: "mixer=attention, which makes no kernel of a text"},
	} {
		r, text := s.send("POST", "/v1/kernels", c.body)
		if got := line(t, "/v1/kernels", text); r.StatusCode != c.status || !strings.Contains(got, c.want) {
			t.Errorf("%s: %d %s, want %d %s", c.body, r.StatusCode, got, c.status, c.want)
		}
	}
	for name, want := range map[string]bool{"reviews": true, "rhyme": true, "attention": false} {
		if _, text := s.send("GET", "/v1/models/"+name, ""); strings.Contains(text, `"/v1/kernels"`) != want {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// TestCard: a model card is shown as text, but none of a place outside of the folder.
func TestCard(t *testing.T) {
	dir := must(tinymodel.Reviews(t.TempDir()))
	s := serving(t, serve.Options{}, dir, rhyme())
	card, outside := filepath.Join(dir, "README.md"), filepath.Join(t.TempDir(), "secret")
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(outside, "secret")
	write(card, "# Reviews\n")
	r, text := s.send("GET", "/v1/models/reviews/card", "")
	if r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != "text/markdown; charset=utf-8" || text != "# Reviews\n" {
		t.Errorf("%s %v\n%s", r.Status, r.Header, text)
	}
	if r, _ := s.send("GET", "/v1/models/none/card", ""); r.StatusCode != http.StatusNotFound {
		t.Errorf("no model: %s", r.Status)
	}
	for what, change := range map[string]func() error{
		"none":     func() error { return nil },
		"a folder": func() error { return os.Mkdir(card, 0o755) },
		"a link":   func() error { return os.Symlink(outside, card) },
	} {
		if err := os.RemoveAll(card); err != nil {
			t.Fatal(err)
		}
		if err := change(); err != nil {
			t.Fatal(err)
		}
		if r, text := s.send("GET", "/v1/models/reviews/card", ""); r.StatusCode != http.StatusNotFound || strings.Contains(text, "secret") {
			t.Errorf("%s: %s %s", what, r.Status, text)
		}
	}
}
