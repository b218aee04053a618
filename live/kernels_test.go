package live

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/train"
)

// TestKernels looks at new weights, when it is time, and at no others.
func TestKernels(t *testing.T) {
	dir := t.TempDir()
	_, task := folder(t, dir)
	var k kernels
	look := func(want string) *sight {
		t.Helper()
		k.next = time.Time{}
		k.look(t.Context(), dir)
		s := k.of(dir)
		if s == nil != (want == "") || s != nil && !strings.Contains(s.Text, want) {
			t.Fatalf("got %+v, want %q", s, want)
		}
		return s
	}
	look("")
	save(t, dir, task, 100)
	first := look("after step 100")
	if len(first.Figures) != 4 {
		t.Errorf("%d figures, want two kernels in time and in frequency", len(first.Figures))
	}
	if look("after step 100") != first {
		t.Error("the same weights were looked at again")
	}
	save(t, dir, task, 200)
	k.next = time.Now().Add(time.Hour)
	if k.look(t.Context(), dir); k.of(dir) != first {
		t.Error("it was too early")
	}
	if second := look("after step 200"); second.Figures == nil || time.Until(k.next) < kernelEvery/2 {
		t.Error("the next look may come at once")
	}
	save(t, dir, task, 300)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	k.next = time.Time{}
	k.look(gone, dir)
	if s := k.of(dir); !strings.Contains(s.Text, "200") {
		t.Errorf("%q was seen for nobody", s.Text)
	}
	file, err := train.Checkpoints(dir).Newest()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(file, 20); err != nil {
		t.Fatal(err)
	}
	look("No kernels: ")
	if err := os.Truncate(file, (kernelMostMB+1)<<20); err != nil { // a hole
		t.Fatal(err)
	}
	look("257 MB: too large")
	save(t, dir, task, 400)
	if err := os.Remove(filepath.Join(dir, experiment.SelfTestFile)); err != nil {
		t.Fatal(err)
	}
	look("older version")
}
