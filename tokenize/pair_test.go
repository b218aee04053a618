package tokenize

import (
	"reflect"
	"testing"
)

// TestEncodePair: an empty second text is none, one of a space is.
func TestEncodePair(t *testing.T) {
	k, err := Characters("abc ", false)
	if err != nil {
		t.Fatal(err)
	}
	alone, err := k.Encode(Layout{}, "ab")
	if err != nil {
		t.Fatal(err)
	}
	both, err := k.Encode(Layout{}, "ab", " c")
	if err != nil {
		t.Fatal(err)
	}
	for b, want := range map[string]Encoding{"": alone, " c": both} {
		if got, err := k.EncodePair(Layout{}, "ab", b); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, %v", b, got, err)
		}
	}
	if alone.Second() != 0 || both.Second() != 4 {
		t.Errorf("the second text begins at %d and %d", alone.Second(), both.Second())
	}
}
