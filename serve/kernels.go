package serve

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/orchid-seq/orchid"
	"github.com/orchid-seq/orchid/internal/numeral"
)

// What /v1/kernels gives: an answer is for looking at.
const (
	kernelTokens   = 16384 // of a text at most
	kernelChannels = 64    // of a request at most
	kernelPoints   = 256   // of a line, unless "points" says otherwise
	mostPoints     = 4096
)

type kernelsRequest struct {
	Model    string          `json:"model"`
	Input    json.RawMessage `json:"input"`
	Block    int             `json:"block"`
	Channels []int           `json:"channels"`
	Points   *int            `json:"points"`
}

// kernelsAnswer has the lags and frequencies that all kernels share. Where a text has
// more than "points", each number stands for as many neighbours as "thinned" says: it is
// the one furthest from 0.
type kernelsAnswer struct {
	Object      string        `json:"object"`
	Model       string        `json:"model"`
	Block       int           `json:"block"`
	Tokens      int           `json:"tokens"`
	Thinned     int           `json:"thinned"`
	Lags        []int         `json:"lags"`
	Frequencies numbers       `json:"frequencies"`
	Static      *kernelAnswer `json:"static"` // null if the model has none
	Own         *kernelAnswer `json:"own"`
	Usage       usageAnswer   `json:"usage"`
}

type kernelAnswer struct {
	All      channelAnswer   `json:"all"`
	Channels []channelAnswer `json:"channels"`
}

type channelAnswer struct {
	Channel    *int    `json:"channel,omitempty"`
	Taps       numbers `json:"taps"`
	Magnitudes numbers `json:"magnitudes"`
}

// kernels answers POST /v1/kernels: what the long convolutions of a block work with for
// a text.
func (s *Server) kernels(w http.ResponseWriter, r *http.Request) error {
	var q kernelsRequest
	m, err := s.question(w, r, &q, func() string { return q.Model })
	if err != nil {
		return err
	}
	points, err := positive("points", q.Points)
	switch {
	case err != nil:
		return err
	case points == 0:
		points = kernelPoints
	case points > mostPoints:
		return fail(invalid, "points", "points: %d, at most %s may be", points, numeral.Thousands(mostPoints))
	}
	if n := len(q.Channels); n > kernelChannels {
		return fail(tooMany, "channels", "channels has %d, at most %d may be", n, kernelChannels)
	}
	inputs, _, err := s.texts("input", q.Input, forms{pairs: true})
	switch {
	case err != nil:
		return err
	case len(inputs) != 1:
		return fail(tooMany, "input", "input has %d texts: want one", len(inputs))
	}
	read := m.Tokens
	if m.info.Masks && (strings.Contains(inputs[0].A, mask) || strings.Contains(inputs[0].B, mask)) {
		read = m.MaskedTokens
	}
	tokens, _, err := s.measure(r, read, "input", inputs, false)
	switch {
	case err != nil:
		return err
	case tokens[0] > kernelTokens:
		return fail(tooLong, "input", "input has %s, the special ones included; for its kernels it may have %s", numeral.Plural(tokens[0], "token"), numeral.Thousands(kernelTokens))
	}
	// No other request has this address as its options, so the text is alone in a batch.
	list, err := compute(r.Context(), m, &q, func(ctx context.Context, in []orchid.Input) ([]orchid.Kernels, error) {
		k, err := m.Kernels(ctx, in[0], q.Block, q.Channels)
		return []orchid.Kernels{k}, err
	}, inputs, tokens)
	if none := (*orchid.KernelError)(nil); errors.As(err, &none) {
		return fail(wrongTask, "model", "the model mixes with mixer=%s, which makes no kernel of a text: only mixer=orchid does", none.Mixer)
	}
	if option := (*orchid.OptionError)(nil); errors.As(err, &option) {
		return wrongOptions(r, err)
	}
	if err != nil {
		return err
	}
	s.read(r, m, func(i int) orchid.Usage { return list[i].Usage }, len(list))
	return s.json(w, r, http.StatusOK, q.answer(m.info, list[0], points))
}

func (q *kernelsRequest) answer(i orchid.Info, k orchid.Kernels, points int) kernelsAnswer {
	each := (len(k.Lags) + points - 1) / points
	a := kernelsAnswer{Object: "kernels", Model: i.Name, Block: q.Block, Tokens: k.Tokens, Thinned: each}
	a.Usage.add(k.Usage)
	for lags := range slices.Chunk(k.Lags, each) {
		a.Lags = append(a.Lags, lags[len(lags)/2])
	}
	for f := range slices.Chunk(k.Frequencies, each) {
		a.Frequencies = append(a.Frequencies, float32(f[len(f)/2]))
	}
	show := func(k *orchid.Kernel) *kernelAnswer {
		if k == nil {
			return nil
		}
		one := func(c orchid.Channel) channelAnswer {
			return channelAnswer{Taps: thin(c.Taps, each), Magnitudes: thin(c.Magnitudes, each)}
		}
		out := &kernelAnswer{All: one(k.All), Channels: []channelAnswer{}}
		for n, c := range k.Channels {
			line := one(c)
			line.Channel = &q.Channels[n]
			out.Channels = append(out.Channels, line)
		}
		return out
	}
	a.Static, a.Own = show(k.Static), show(k.Own)
	return a
}

// thin keeps of each so many neighbours the one furthest from 0, so that peaks stay.
func thin(list []float32, each int) (out numbers) {
	for part := range slices.Chunk(list, each) {
		out = append(out, slices.MaxFunc(part, func(a, b float32) int {
			return cmp.Compare(math.Abs(float64(a)), math.Abs(float64(b)))
		}))
	}
	return out
}

// numbers are written with the digits that a picture needs.
type numbers []float32

// MarshalJSON implements json.Marshaler.
func (list numbers) MarshalJSON() ([]byte, error) {
	b := []byte{'['}
	for i, v := range list {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return nil, errors.New("a kernel is not finite")
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendFloat(b, float64(v), 'g', 5, 32)
	}
	return append(b, ']'), nil
}
