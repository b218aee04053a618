package serve

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"os"
	"strings"
)

// Keys are what clients may show. The time to compare does not say how much of one was
// right.
type Keys struct{ sums [][sha256.Size]byte }

// ReadKeys reads a file with a key a line. Empty lines, and those that begin with #, are
// left out.
func ReadKeys(file string) (*Keys, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	k := &Keys{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		key := strings.TrimSpace(lines.Text())
		if key == "" || key[0] == '#' {
			continue
		}
		if len(key) < 16 || strings.IndexFunc(key, func(c rune) bool { return c <= ' ' || c > '~' }) >= 0 {
			return nil, fmt.Errorf("%s:%d: want a key of at least 16 letters of ASCII, without a space: openssl rand -hex 32 makes one", file, n)
		}
		k.sums = append(k.sums, sha256.Sum256([]byte(key)))
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(k.sums) == 0 {
		return nil, fmt.Errorf("%s: no key in it: want one a line", file)
	}
	return k, nil
}

// allow reports whether a request shows a key, or none is wanted.
func (k *Keys) allow(r *http.Request) bool {
	if k == nil {
		return true
	}
	scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	sum, found := sha256.Sum256([]byte(key)), 0
	for _, want := range k.sums {
		found |= subtle.ConstantTimeCompare(sum[:], want[:])
	}
	return strings.EqualFold(scheme, "Bearer") && found == 1
}
