// Package examples holds the test of the programs in its folders.
package examples

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/internal/tinymodel"
)

// programs builds all examples and returns the folder they are in.
func programs(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", dir+string(filepath.Separator), "./...").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return dir
}

// TestExamples runs each program as its first comment says, with tiny models.
func TestExamples(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds five programs")
	}
	bin, dir := programs(t), t.TempDir()
	run := func(name string, args ...string) string {
		t.Helper()
		c := exec.Command(filepath.Join(bin, name), args...)
		c.Dir = dir
		out, err := c.CombinedOutput()
		if err != nil {
			t.Errorf("%s %q: %v: %s", name, args, err, out)
		}
		return string(out)
	}
	want := func(out, pattern string) {
		t.Helper()
		if !regexp.MustCompile(pattern).MatchString(out) {
			t.Errorf("want %s, got\n%s", pattern, out)
		}
	}
	reviews, err := tinymodel.Reviews(dir)
	if err != nil {
		t.Fatal(err)
	}
	rhyme, err := tinymodel.Rhyme(dir)
	if err != nil {
		t.Fatal(err)
	}

	t.Run("operator", func(t *testing.T) {
		for _, transform := range []string{"dct-ortho", "dft"} {
			out := run("operator", "-transform", transform)
			want(out, transform+`.*: x \[1317 32\] to y \[1317 32\]`)
			want(out, `the same bits: true`)
			if strings.Contains(out, "= 0\n") || strings.Contains(out, "NaN") {
				t.Errorf("a gradient is missing:\n%s", out)
			}
		}
	})
	t.Run("fillmask", func(t *testing.T) {
		want(run("fillmask", "-model", rhyme, "-top", "2", "the [MASK] sat on the mat"), `(?m)^ *[0-9.]+ %  cat +the cat sat on the mat$`)
	})
	t.Run("search", func(t *testing.T) {
		texts := filepath.Join(dir, "texts")
		for name, text := range map[string]string{"a.txt": "the mat on the cat sat the cat sat on", "b.txt": "a mat", "long.txt": strings.Repeat("the cat ", 40)} {
			write(t, filepath.Join(texts, name), text)
		}
		out := run("search", "-model", rhyme, "-dir", texts, "-tokens", "3", "-top", "3", "a mat")
		want(out, `(?m)^1\.000  b\.txt: a mat$`)
		want(out, `long\.txt: .*82 tokens`) // said, not cut
		if n := len(regexp.MustCompile(`(?m)^[01]\.`).FindAllString(out, -1)); n != 3 {
			t.Errorf("%d passages:\n%s", n, out)
		}
	})
	t.Run("recall", func(t *testing.T) {
		out := run("recall", "-out", "from-go", "steps=200", "tests=50", "vocabulary=8", "length=16", "width=16", "filter-width=8", "batch=8", "eval-every=0")
		want(out, `step 200 of 200: loss [0-9.]+\naccuracy [01]\.[0-9]+ after 200 steps`)
		if _, err := os.Stat(filepath.Join(dir, "from-go", "selftest.safetensors")); err != nil {
			t.Error(err)
		}
	})
	t.Run("classify", func(t *testing.T) {
		c := exec.Command(filepath.Join(bin, "classify"), "-model", reviews, "-listen", "127.0.0.1:0")
		said, err := c.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() {
			c.Process.Kill()
			c.Wait()
		}()
		line, err := bufio.NewReader(said).ReadString('\n')
		url := regexp.MustCompile(`http://[^/]+/`).FindString(line)
		if err != nil || url == "" {
			t.Fatalf("%v: %s", err, line)
		}
		code, text := post(t, url+"?column=text", "id,text\n1,a fine film\n2,so dull\n3,"+strings.Repeat("long ", 20)+"\n")
		if code != http.StatusOK {
			t.Fatalf("%d: %s", code, text)
		}
		want(text, `^id,text,label,probability,error\n1,a fine film,positive,(0\.[5-9]|1\.)\d+,\n2,so dull,negative,(0\.[5-9]|1\.)\d+,\n3,[long ]+,,,.*102 tokens.*\n$`)
		for body, query := range map[string]string{"id,text\n1,a\n": "?column=review", "a,b\n1\n": "?column=a", "": ""} {
			if code, text := post(t, url+query, body); code != http.StatusBadRequest || strings.Count(text, "\n") != 1 {
				t.Errorf("%q%s: %d: %s", body, query, code, text)
			}
		}
	})
}

func post(t *testing.T, url, body string) (code int, text string) {
	t.Helper()
	r, err := http.Post(url, "text/csv", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(b)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestListed: the README knows every program.
func TestListed(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	mains, err := filepath.Glob("*/main.go")
	if err != nil || len(mains) < 5 {
		t.Fatalf("%q, %v", mains, err)
	}
	for _, name := range mains {
		if !bytes.Contains(text, fmt.Appendf(nil, "](%s)", filepath.ToSlash(name))) {
			t.Errorf("README.md lacks %s", name)
		}
	}
}
