package serve

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/orchid-seq/orchid"
	"github.com/orchid-seq/orchid/internal/numeral"
)

// largeText is from where on texts are cut into tokens one at a time: a token takes the
// memory of many letters.
const largeText = 1 << 20

// reading is how a model reads the texts of a route.
type reading func(in orchid.Input, truncate bool) (orchid.Encoding, error)

// measure counts the tokens of texts and refuses what is above a limit, with both
// numbers.
func (s *Server) measure(r *http.Request, read reading, field string, inputs []orchid.Input, truncate bool) (tokens []int, all int, err error) {
	tokens = make([]int, len(inputs))
	for i, in := range inputs {
		n, err := s.count(r.Context(), read, in, truncate)
		switch long := (*orchid.LengthError)(nil); {
		case errors.As(err, &long):
			return nil, 0, tooManyTokens(place(field, inputs, i), long)
		case errors.Is(err, context.Canceled):
			return nil, 0, err
		case err != nil:
			return nil, 0, fail(invalid, field, "%s: %v", place(field, inputs, i), err)
		case n > s.o.Tokens:
			return nil, 0, fail(tooLong, field, "%s has %s, the special ones included; the server takes %s", place(field, inputs, i), numeral.Plural(n, "token"), numeral.Thousands(s.o.Tokens))
		}
		tokens[i] = n
		all += n
	}
	if all > s.o.RequestTokens {
		return nil, 0, fail(tooLong, field, "the texts have %s together, the server takes %s a request", numeral.Plural(all, "token"), numeral.Thousands(s.o.RequestTokens))
	}
	return tokens, all, nil
}

func (s *Server) count(ctx context.Context, read reading, in orchid.Input, truncate bool) (int, error) {
	leave, err := s.wait(ctx, len(in.A)+len(in.B))
	if err != nil {
		return 0, err
	}
	defer leave()
	e, err := read(in, truncate)
	return len(e.IDs), err
}

// wait lets one large text at a time be cut into tokens, and any number of others.
func (s *Server) wait(ctx context.Context, bytes int) (leave func(), err error) {
	if bytes <= largeText {
		return func() {}, ctx.Err()
	}
	select {
	case s.large <- struct{}{}:
		return func() { <-s.large }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func tooManyTokens(place string, e *orchid.LengthError) error {
	return fail(tooLong, place, "%s has %s, the special ones included; the model takes %s: shorten it, or allow it to be cut with \"truncate\": true",
		place, numeral.Plural(e.Tokens, "token"), numeral.Thousands(e.Most))
}

// fits refuses an answer of too many numbers, and one for which those that are being
// made leave no room.
func (s *Server) fits(r *http.Request, field string, numbers int) error {
	if numbers > s.o.Numbers {
		return fail(tooLong, field, "the answer would take %s, at most %s may be: send fewer or shorter texts", numeral.Plural(numbers, "number"), numeral.Thousands(s.o.Numbers))
	}
	const answers = 4 // of the largest size
	entry(r).leave = append(entry(r).leave, func() { s.numbers.Add(-int64(numbers)) })
	if s.numbers.Add(int64(numbers)) > answers*int64(s.o.Numbers) {
		return fail(full, "", "the answers in progress are too large together: try again later")
	}
	return nil
}

// read notes how much of the texts of a request was read.
func (s *Server) read(r *http.Request, m *served, usage func(i int) orchid.Usage, n int) {
	tokens, cut := 0, 0
	for i := range n {
		tokens += usage(i).Tokens
		cut += usage(i).Cut
	}
	entry(r).tokens, entry(r).cut = tokens, cut
	s.counts.read(m.info.Name, tokens, cut)
}

// place names a text for a message.
func place(field string, inputs []orchid.Input, i int) string {
	if len(inputs) == 1 {
		return field
	}
	return field + "[" + strconv.Itoa(i) + "]"
}
