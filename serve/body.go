package serve

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/internal/numeral"
)

// body reads the body of a request, whose media type must be one of those named if it
// says any. Browsers ask before they send those to another site's server.
func (s *Server) body(w http.ResponseWriter, r *http.Request, types ...string) ([]byte, error) {
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return nil, fail(noMedia, "", "Content-Encoding: send the body as it is, not compressed")
	}
	if t := r.Header.Get("Content-Type"); t != "" {
		media, _, err := mime.ParseMediaType(t)
		known := false
		for _, want := range types {
			known = known || media == want
		}
		if err != nil || !known {
			return nil, fail(noMedia, "", "Content-Type: want %s", strings.Join(types, " or "))
		}
	}
	if r.ContentLength > int64(s.o.Body) {
		return nil, fail(tooLarge, "", "the body has %s, at most %s may be", numeral.Plural(int(r.ContentLength), "byte"), numeral.Thousands(s.o.Body))
	}
	in := &counted{r: http.MaxBytesReader(w, r.Body, int64(s.o.Body)), s: s}
	entry(r).leave = append(entry(r).leave, in.leave)
	var b bytes.Buffer
	if n := r.ContentLength; n > 0 {
		b.Grow(int(min(n, 1<<20)) + bytes.MinRead) // no more on the mere word of a stranger
	}
	_, err := b.ReadFrom(in)
	// The deadline is for the body. Left standing, it would end the wait for the answer.
	if err := http.NewResponseController(w).SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, err
	}
	var large *http.MaxBytesError
	var f *failure
	var timeout net.Error
	switch {
	case err == nil:
		entry(r).bytes = b.Len()
		entry(r).limit.Reset(s.o.Time)
		return b.Bytes(), nil
	case errors.As(err, &f):
		return nil, f
	case errors.As(err, &large):
		return nil, fail(tooLarge, "", "the body has more than the %s that may be", numeral.Plural(s.o.Body, "byte"))
	case errors.As(err, &timeout) && timeout.Timeout():
		return nil, fail(slow, "", "the request did not come in within %v", s.o.Reading)
	case errors.Is(err, io.ErrUnexpectedEOF), r.Context().Err() != nil:
		return nil, fail(gone, "", "the client has gone")
	}
	return nil, fail(malformed, "", "the body cannot be read: its framing is wrong")
}

// counted reads a body, as long as all bodies together have their place in memory.
type counted struct {
	r io.Reader
	s *Server
	n int64
}

// Read implements io.Reader.
func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	if c.s.reading.Add(int64(n)) > int64(c.s.o.Bodies) && (err == nil || err == io.EOF) {
		err = fail(full, "", "the requests in progress are too large together: try again later")
	}
	return n, err
}

func (c *counted) leave() { c.s.reading.Add(-c.n) }

// decode reads a JSON object into a struct. Fields that it does not have are refused.
func decode(body []byte, into any) error {
	if !utf8.Valid(body) {
		return fail(malformed, "", "the body is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			return fail(malformed, "", "the body goes on after its JSON object")
		}
		return nil
	}
	var kind *json.UnmarshalTypeError
	switch name, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); {
	case unknown:
		field := strings.Trim(fault.Clip(name), `"`)
		var top map[string]json.RawMessage
		if json.Unmarshal(body, &top) == nil && top[field] == nil {
			return fail(invalid, field, "unknown field %s within another", fault.Clip(name))
		}
		return fail(invalid, field, "unknown field %s: there is %s", fault.Clip(name), fault.Names(fields(into)))
	case errors.As(err, &kind) && kind.Field == "":
		return fail(malformed, "", "the body is a JSON %s, not an object", fault.Clip(kind.Value))
	case errors.As(err, &kind):
		return fail(invalid, kind.Field, "%s: got a %s", kind.Field, fault.Clip(kind.Value))
	case errors.Is(err, io.EOF):
		return fail(malformed, "", "the body is empty: want a JSON object")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fail(malformed, "", "the JSON object ends too early")
	}
	return fail(malformed, "", "the body is not JSON: at byte %d: %s", d.InputOffset(), reason(err))
}

// reason is what a syntax error says, without the character that it found, which is part
// of a text.
func reason(err error) string {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return "it does not parse"
	}
	if _, where, ok := strings.Cut(syntax.Error(), "' "); ok {
		return "unexpected character " + where
	}
	return syntax.Error()
}

// fields lists the names that a struct has in JSON.
func fields(v any) (names []string) {
	for _, f := range reflect.VisibleFields(reflect.TypeOf(v).Elem()) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
			names = append(names, name)
		}
	}
	return names
}
