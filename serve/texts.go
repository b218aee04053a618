package serve

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/orchid-seq/orchid"
	"github.com/orchid-seq/orchid/internal/numeral"
)

// forms are what may stand for a text beside a string.
type forms struct {
	ids   bool // a list of ids
	pairs bool // an object with text and pair
}

// texts reads what a field of a request has: a text, or a list of them. One that is not
// in a list is alone.
func (s *Server) texts(field string, raw json.RawMessage, f forms) (list []orchid.Input, alone bool, err error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return nil, false, fail(invalid, field, "%s is missing: want a text or a list of texts", field)
	}
	if raw[0] != '[' {
		in, err := s.text(f, field, raw)
		return []orchid.Input{in}, true, err
	}
	if first := bytes.TrimSpace(raw[1:]); f.ids && len(first) > 0 && digit(first[0]) {
		in, err := s.text(f, field, raw)
		return []orchid.Input{in}, true, err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.Token() // the bracket: the whole has been parsed before
	for d.More() {
		if len(list) == s.o.Items {
			return nil, false, fail(tooMany, field, "%s has %d texts, at most %d may be", field, elements(raw), s.o.Items)
		}
		var one json.RawMessage
		if err := d.Decode(&one); err != nil {
			return nil, false, fail(malformed, field, "%s: %s", field, reason(err))
		}
		in, err := s.text(f, fmt.Sprintf("%s[%d]", field, len(list)), one)
		if err != nil {
			return nil, false, err
		}
		list = append(list, in)
	}
	if len(list) == 0 {
		return nil, false, fail(invalid, field, "%s is an empty list: want at least one text", field)
	}
	return list, false, nil
}

// text reads one text. Its place is for messages.
func (s *Server) text(f forms, place string, raw []byte) (in orchid.Input, err error) {
	switch {
	case raw[0] == '"':
		return in, json.Unmarshal(raw, &in.A)
	case raw[0] == '[' && f.ids:
		if n := 1 + bytes.Count(raw, []byte(",")); n > s.o.Tokens {
			return in, fail(tooLong, place, "%s has %s, the server takes %s", place, numeral.Plural(n, "id"), numeral.Thousands(s.o.Tokens))
		}
		if in.IDs, err = ids(raw); err != nil {
			return in, fail(invalid, place, "%s: want a text, or a list of ids", place)
		}
		return in, nil
	case raw[0] == '{' && f.pairs:
		var p struct {
			Text *string `json:"text"`
			Pair string  `json:"pair"`
		}
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if err := d.Decode(&p); err != nil || p.Text == nil {
			return in, fail(invalid, place, `%s: want an object with "text" and, of two texts, "pair"`, place)
		}
		in.A, in.B = *p.Text, p.Pair
		return in, nil
	}
	return in, fail(invalid, place, "%s: want a text", place)
}

// ids reads a list of whole numbers.
func ids(raw []byte) ([]int, error) {
	list := []int{}
	if bytes.Contains(raw, []byte("null")) {
		return nil, fmt.Errorf("null is no id") // which json takes for 0
	}
	err := json.Unmarshal(raw, &list)
	return list, err
}

func digit(b byte) bool { return b == '-' || '0' <= b && b <= '9' }

// elements returns how many values a list has.
func elements(raw []byte) (n int) {
	var list []nothing
	if json.Unmarshal(raw, &list) != nil {
		return n
	}
	return len(list)
}

// nothing takes any JSON value and keeps none of it.
type nothing struct{}

// UnmarshalJSON implements json.Unmarshaler.
func (*nothing) UnmarshalJSON([]byte) error { return nil }
