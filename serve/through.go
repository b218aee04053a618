package serve

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"

	"github.com/orchid-seq/orchid"
)

// embed is Model.Embed through the queue.
func (s *Server) embed(r *http.Request, m *served, field string, o orchid.EmbedOptions, inputs []orchid.Input) ([]orchid.Embedding, error) {
	if _, err := m.Embed(r.Context(), o); err != nil {
		return nil, wrongOptions(r, err)
	}
	tokens, all, err := s.measure(r, m.Tokens, field, inputs, o.Truncate)
	if err != nil {
		return nil, err
	}
	width := m.info.Width
	if o.Dimensions > 0 {
		width = o.Dimensions
	}
	vectors := len(inputs)
	if o.Tokens {
		vectors += all
	}
	if o.Chunk > 0 {
		vectors += all/o.Chunk + len(inputs)
	}
	if err := s.fits(r, field, vectors*width); err != nil {
		return nil, err
	}
	list, err := compute(r.Context(), m, o, func(ctx context.Context, in []orchid.Input) ([]orchid.Embedding, error) {
		return m.Embed(ctx, o, in...)
	}, inputs, tokens)
	if err != nil {
		return nil, err
	}
	for i, e := range list {
		if err := itemError(field, inputs, i, e.Err); err != nil {
			return nil, err
		}
		for _, v := range e.Vector {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				return nil, fmt.Errorf("%s: a vector is not finite", m.info.Name)
			}
		}
	}
	s.read(r, m, func(i int) orchid.Usage { return list[i].Usage }, len(list))
	return list, nil
}

// classify is Model.Classify through the queue.
func (s *Server) classify(r *http.Request, m *served, field string, o orchid.ClassifyOptions, inputs []orchid.Input) ([]orchid.Classification, error) {
	if _, err := m.Classify(r.Context(), o); err != nil {
		return nil, wrongOptions(r, err)
	}
	tokens, _, err := s.measure(r, m.Tokens, field, inputs, o.Truncate)
	if err != nil {
		return nil, err
	}
	if err := s.fits(r, field, len(inputs)*len(m.info.Classes)); err != nil {
		return nil, err
	}
	list, err := compute(r.Context(), m, o, func(ctx context.Context, in []orchid.Input) ([]orchid.Classification, error) {
		return m.Classify(ctx, o, in...)
	}, inputs, tokens)
	if err != nil {
		return nil, err
	}
	for i, c := range list {
		if err := itemError(field, inputs, i, c.Err); err != nil {
			return nil, err
		}
	}
	s.read(r, m, func(i int) orchid.Usage { return list[i].Usage }, len(list))
	return list, nil
}

// fillMask is Model.FillMask through the queue.
func (s *Server) fillMask(r *http.Request, m *served, field string, o orchid.FillOptions, inputs []orchid.Input) ([]orchid.Filling, error) {
	if _, err := m.FillMask(r.Context(), o); err != nil {
		return nil, wrongOptions(r, err)
	}
	tokens, _, err := s.measure(r, m.MaskedTokens, field, inputs, o.Truncate)
	if err != nil {
		return nil, err
	}
	numbers := 0
	for _, in := range inputs {
		masks := strings.Count(in.A, mask) + strings.Count(in.B, mask)
		// A guess has the whole text with the word in its place.
		numbers += masks * (m.info.Vocabulary + min(o.Top, m.info.Vocabulary)*(len(in.A)+len(in.B)+64)/4)
	}
	if err := s.fits(r, field, numbers); err != nil {
		return nil, err
	}
	list, err := compute(r.Context(), m, o, func(ctx context.Context, in []orchid.Input) ([]orchid.Filling, error) {
		return m.FillMask(ctx, o, in...)
	}, inputs, tokens)
	if err != nil {
		return nil, err
	}
	for i, f := range list {
		if err := itemError(field, inputs, i, f.Err); err != nil {
			return nil, err
		}
	}
	s.read(r, m, func(i int) orchid.Usage { return list[i].Usage }, len(list))
	return list, nil
}

// mask stands for a hidden word.
const mask = "[MASK]"

// wrongOptions is what a model says of options before there is any text.
func wrongOptions(r *http.Request, err error) error {
	var task *orchid.TaskError
	if errors.As(err, &task) || r.Context().Err() != nil {
		return err
	}
	field := ""
	if option := (*orchid.OptionError)(nil); errors.As(err, &option) {
		field = strings.ToLower(option.Option)
	}
	return fail(invalid, field, "%v", err)
}

// itemError is why there is no result of a text.
func itemError(field string, inputs []orchid.Input, i int, err error) error {
	switch long := (*orchid.LengthError)(nil); {
	case err == nil:
		return nil
	case errors.As(err, &long):
		return tooManyTokens(place(field, inputs, i), long)
	}
	return fail(invalid, field, "%s: %v", place(field, inputs, i), err)
}
