package serve

import (
	"fmt"
	"net/http"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"time"
)

// seconds are the bounds of the buckets of a histogram.
var seconds = []float64{.001, .002, .005, .01, .02, .05, .1, .5, 1, 5, 30, 300}

// counters count what the server does. Text, names and labels are those of Prometheus.
type counters struct {
	mu       sync.Mutex
	began    time.Time
	requests map[[2]string]int // by route and status
	took     map[string]*histogram
	tokens   map[string]int // by model
	cut      map[string]int
	batches  int
	texts    int // in batches
	computed int // tokens in batches
}

type histogram struct {
	buckets []int // one more than seconds
	sum     float64
}

func newCounters() *counters {
	return &counters{began: time.Now(), requests: map[[2]string]int{}, took: map[string]*histogram{}, tokens: map[string]int{}, cut: map[string]int{}}
}

// request counts one that was answered.
func (c *counters) request(route string, status int, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests[[2]string{route, fmt.Sprint(status)}]++
	h := c.took[route]
	if h == nil {
		h = &histogram{buckets: make([]int, len(seconds)+1)}
		c.took[route] = h
	}
	i, _ := slices.BinarySearch(seconds, took.Seconds())
	h.buckets[i]++
	h.sum += took.Seconds()
}

// read counts tokens that a model has read, and those that were cut.
func (c *counters) read(model string, tokens, cut int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tokens[model] += tokens
	c.cut[model] += cut
}

// batch counts one that was computed.
func (c *counters) batch(texts, tokens int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.batches++
	c.texts += texts
	c.computed += tokens
}

// showMetrics answers GET /metrics in the text format of Prometheus, version 0.0.4.
func (s *Server) showMetrics(w http.ResponseWriter, r *http.Request) error {
	var b strings.Builder
	family := func(name, kind, help string) { fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind) }
	one := func(name, kind, help string, v any) {
		family(name, kind, help)
		fmt.Fprintf(&b, "%s %v\n", name, v)
	}
	s.counts.write(family, one, &b)
	one("orchid_requests_in_progress", "gauge", "Requests that wait for an answer.", s.admitted.Load())
	one("orchid_request_body_bytes", "gauge", "Bytes of their bodies.", s.reading.Load())
	family("orchid_queue_requests", "gauge", "Requests of which texts are in a queue.")
	for _, m := range s.models {
		fmt.Fprintf(&b, "orchid_queue_requests{model=%s,lane=\"short\"} %d\n", label(m.info.Name), m.lanes.short.waiting())
		fmt.Fprintf(&b, "orchid_queue_requests{model=%s,lane=\"long\"} %d\n", label(m.info.Name), m.lanes.long.waiting())
	}
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	one("go_goroutines", "gauge", "Goroutines.", runtime.NumGoroutine())
	one("orchid_memory_bytes", "gauge", "Memory that Go has from the system.", sample[0].Value.Uint64())
	one("orchid_heap_bytes", "gauge", "Memory of objects on the heap.", sample[1].Value.Uint64())
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	return s.write(w, r, http.StatusOK, []byte(b.String()))
}

// write writes the counters.
func (c *counters) write(family func(name, kind, help string), one func(name, kind, help string, v any), b *strings.Builder) {
	c.mu.Lock()
	defer c.mu.Unlock()
	one("process_start_time_seconds", "gauge", "When the server began.", c.began.Unix())
	family("orchid_requests_total", "counter", "Requests that were answered.")
	for _, k := range sorted(c.requests, func(k [2]string) string { return k[0] + " " + k[1] }) {
		fmt.Fprintf(b, "orchid_requests_total{route=%s,status=%s} %d\n", label(k[0]), label(k[1]), c.requests[k])
	}
	family("orchid_request_seconds", "histogram", "Time from a request to the end of its answer.")
	same := func(s string) string { return s }
	for _, route := range sorted(c.took, same) {
		h, n := c.took[route], 0
		for i, bound := range seconds {
			n += h.buckets[i]
			fmt.Fprintf(b, "orchid_request_seconds_bucket{route=%s,le=\"%v\"} %d\n", label(route), bound, n)
		}
		n += h.buckets[len(seconds)]
		fmt.Fprintf(b, "orchid_request_seconds_bucket{route=%s,le=\"+Inf\"} %d\n", label(route), n)
		fmt.Fprintf(b, "orchid_request_seconds_sum{route=%s} %v\norchid_request_seconds_count{route=%s} %d\n", label(route), h.sum, label(route), n)
	}
	for _, t := range []struct {
		name, help string
		count      map[string]int
	}{{"orchid_tokens_total", "Tokens of texts that were answered.", c.tokens}, {"orchid_truncated_tokens_total", "Tokens that were cut because a request allowed it.", c.cut}} {
		family(t.name, "counter", t.help)
		for _, model := range sorted(t.count, same) {
			fmt.Fprintf(b, "%s{model=%s} %d\n", t.name, label(model), t.count[model])
		}
	}
	one("orchid_batches_total", "counter", "Batches that were computed.", c.batches)
	one("orchid_batch_texts_total", "counter", "Texts in them.", c.texts)
	one("orchid_batch_tokens_total", "counter", "Tokens in them.", c.computed)
}

// label quotes the value of a label.
func label(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

// sorted returns the keys of a map in the order of their names.
func sorted[K comparable, V any](m map[K]V, name func(K) string) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b K) int { return strings.Compare(name(a), name(b)) })
	return keys
}
