package serve

import (
	"time"

	"github.com/orchid-seq/orchid/internal/fault"
)

// Limits bound what a request may ask for, and what the server takes on. 0 is the
// default.
type Limits struct {
	Body          int           // bytes of a request's body
	Bodies        int           // bytes of all bodies in memory
	Items         int           // texts of a request
	Tokens        int           // of a text, whatever its model takes
	RequestTokens int           // of all texts of a request
	Numbers       int           // in an answer
	Queue         int           // requests that are waited for
	BatchTokens   int           // computed together; a longer text is long
	Time          time.Duration // for an answer, from when the request was read
	Reading       time.Duration // for the request to come in
}

// defaults stand for what is 0.
var defaults = Limits{
	Body: 32 << 20, Bodies: 256 << 20, Items: 2048, Tokens: 131072, RequestTokens: 1 << 20, Numbers: 16 << 20,
	Queue: 512, BatchTokens: 2048, Time: 5 * time.Minute, Reading: 30 * time.Second,
}

// DefaultLimits returns those that stand for 0.
func DefaultLimits() Limits { return defaults }

func (l *Limits) fill() {
	for _, f := range []struct {
		v *int
		d int
	}{
		{&l.Body, defaults.Body},
		{&l.Bodies, defaults.Bodies},
		{&l.Items, defaults.Items},
		{&l.Tokens, defaults.Tokens},
		{&l.RequestTokens, defaults.RequestTokens},
		{&l.Numbers, defaults.Numbers},
		{&l.Queue, defaults.Queue},
		{&l.BatchTokens, defaults.BatchTokens},
	} {
		if *f.v == 0 {
			*f.v = f.d
		}
	}
	if l.Time == 0 {
		l.Time = defaults.Time
	}
	if l.Reading == 0 {
		l.Reading = defaults.Reading
	}
}

// Validate returns every fault, in the words of the flags.
func (l Limits) Validate() error {
	var f fault.List
	for _, c := range []struct {
		name  string
		value int
	}{
		{"max-body", l.Body},
		{"max-bodies", l.Bodies},
		{"max-items", l.Items},
		{"max-tokens", l.Tokens},
		{"max-request-tokens", l.RequestTokens},
		{"max-numbers", l.Numbers},
		{"queue", l.Queue},
		{"batch-tokens", l.BatchTokens},
	} {
		f.Check(c.value >= 0, "--%s=%d: want at least 1", c.name, c.value)
	}
	f.Check(l.Time >= 0, "--time-limit=%v: want more than 0", l.Time)
	f.Check(l.Reading >= 0, "--read-limit=%v: want more than 0", l.Reading)
	f.Check(l.Bodies == 0 || l.Bodies >= l.Body, "--max-bodies=%d: want at least --max-body=%d", l.Bodies, l.Body)
	return f.Err()
}
