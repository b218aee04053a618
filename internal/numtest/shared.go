package numtest

import (
	"os"
	"path/filepath"
	"testing"
)

// Shared returns the path of reference data in the folder "shared" beside the
// repository. Where it is absent, or the environment holds ORCHID_SHARED=off,
// the test is skipped.
func Shared(t testing.TB, path ...string) string {
	t.Helper()
	if os.Getenv("ORCHID_SHARED") == "off" {
		t.Skip("ORCHID_SHARED=off: not using the reference data beside the repository")
	}
	p := filepath.Join(append([]string{filepath.Dir(root(t)), "shared"}, path...)...)
	if _, err := os.Stat(p); err != nil {
		t.Skipf("needs reference data that is not part of the repository: %v", err)
	}
	return p
}

// root returns the folder of the go.mod above the working directory, which go
// test sets to the package's own.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("numtest: no go.mod above the working directory")
		}
		dir = up
	}
}
