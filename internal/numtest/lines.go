package numtest

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// JSONLines reads a file of one JSON object a line and leaves out keys, such as
// times, that two equal runs need not share. A line that is not JSON fails.
func JSONLines(t testing.TB, path string, leaveOut ...string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%s: line %q: %v", path, line, err)
		}
		for _, k := range leaveOut {
			delete(m, k)
		}
		out, err := json.Marshal(m) // in the order of keys
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(out, '\n'))
	}
	return b.String()
}
