// Package arch holds the test that keeps imports pointing one way.
package arch

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	root   = "../.."
	module = "github.com/orchid-seq/orchid"
)

// layers is the picture of the house, lowest first: a package may import only
// packages of the lines before its own. "." is the module root.
var layers = []string{
	"internal/cpu internal/random internal/numtest internal/fault internal/whole internal/plot internal/numeral internal/host internal/browser",
	"internal/par internal/vec",
	"internal/gemm internal/fft internal/tile",
	"tensor tokenize",
	"safetensors",
	"autograd",
	"nn optim data",
	"mixer data/picture data/sound data/series data/text data/store",
	"model checkpoint config data/corpus data/parquet",
	"task",
	"task/recall task/image task/language task/layer task/bagofwords",
	"task/mlm task/text task/signal",
	"task/glue",
	"train/tensorboard",
	"train",
	"experiment",
	"export plan internal/tinymodel",
	"report",
	"live",
	".",
	"serve serve/page",
	"cmd/orchid bench/serve/long bench/serve/abuse",
	"examples/classify examples/search examples/fillmask examples/recall examples/operator",
	"examples internal/arch",
}

// tests stands for those of all packages.
const tests = "tests"

// testHelpers are the packages that tests alone may import.
var testHelpers = []string{"internal/numtest", "internal/browser"}

// dependencies says which packages may import each module from elsewhere.
// CONTRIBUTING.md gives the reasons.
var dependencies = map[string][]string{
	"github.com/alecthomas/kong":       {"cmd/orchid"},
	"github.com/goccy/go-yaml":         {"config"},
	"github.com/vbauerster/mpb/v8":     {"cmd/orchid"},
	"golang.org/x/sys":                 {"internal/cpu", "data/store", "serve"},
	"golang.org/x/text":                {"tokenize"},
	"github.com/parquet-go/parquet-go": {"data/parquet"},
	"github.com/google/go-cmp":         {tests},
	"github.com/chromedp/chromedp":     {tests, "internal/browser"},
	"github.com/chromedp/cdproto":      {tests, "internal/browser"},
}

// unsafeIn lists the packages that may import unsafe.
var unsafeIn []string

// TestImports reads the source files of the module, those for other platforms
// and build tags included, which go list would leave out.
func TestImports(t *testing.T) {
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name != root && elsewhere(name) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		file := filepath.ToSlash(rel)
		pkg := path.Dir(file)
		if height(pkg) < 0 {
			t.Errorf("%s: give package %q a layer in internal/arch/imports_test.go", file, pkg)
		}
		src, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range src.Imports {
			imp, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if why := fault(file, imp); why != "" {
				t.Errorf("%s imports %s: %s", file, imp, why)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// elsewhere reports whether the folder is none of this module's: the go
// command passes it over, or it is a module of its own.
func elsewhere(dir string) bool {
	base := filepath.Base(dir)
	if base[0] == '.' || base[0] == '_' || base == "testdata" {
		return true
	}
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

// height returns the index of the line of layers that holds pkg, or -1.
func height(pkg string) int {
	return slices.IndexFunc(layers, func(line string) bool {
		return slices.Contains(strings.Fields(line), pkg)
	})
}

// fault says what is wrong with file importing imp; "" means nothing. Tests
// may import any package of ours, so that they can hold parts to the whole.
func fault(file, imp string) string {
	pkg, test := path.Dir(file), strings.HasSuffix(file, "_test.go")
	first, _, _ := strings.Cut(imp, "/")
	switch {
	case imp == "C":
		return "no cgo"
	case imp == "unsafe" && !slices.Contains(unsafeIn, pkg):
		return "no unsafe"
	case imp == "os/exec" && !test && !within(pkg, "cmd") && !slices.Contains(testHelpers, pkg):
		return "only cmd starts processes"
	case within(imp, module):
		if test {
			return ""
		}
		dep := path.Clean("./" + strings.TrimPrefix(imp, module))
		return inner(pkg, dep)
	case strings.Contains(first, "."): // the standard library has no dot there
		return outer(pkg, imp, test)
	}
	return ""
}

// inner says what is wrong with package pkg importing our package dep.
func inner(pkg, dep string) string {
	blind := within(pkg, "train") || within(pkg, "serve")
	switch {
	case slices.Contains(testHelpers, dep):
		return "it is for tests"
	case blind && (dep == "mixer" || dep == "nn"):
		return "train and serve see a model as a small interface"
	case height(dep) >= height(pkg):
		return "it does not stand lower"
	}
	return ""
}

// outer says what is wrong with package pkg importing imp of another module.
func outer(pkg, imp string, test bool) string {
	for mod, users := range dependencies {
		if !within(imp, mod) {
			continue
		}
		switch {
		case slices.Contains(users, pkg), test && slices.Contains(users, tests):
			return ""
		case users[0] == tests:
			return "it is for tests"
		}
		return "only " + strings.Join(users, ", ") + " may"
	}
	return "a new dependency wants a line here and a reason in CONTRIBUTING.md"
}

// within reports whether the slash-separated path p is top or stands under it.
func within(p, top string) bool {
	return p == top || strings.HasPrefix(p, top+"/")
}

// TestFault shows that the rules bite.
func TestFault(t *testing.T) {
	for _, c := range []struct {
		file, imp string
		ok        bool
	}{
		{"internal/gemm/mul.go", module + "/internal/vec", true},
		{"internal/vec/dot.go", module + "/internal/gemm", false},
		{"internal/gemm/mul.go", module + "/internal/fft", false},
		{"internal/vec/dot.go", module + "/tensor", false},
		{"internal/vec/dot.go", "unsafe", false},
		{"internal/vec/dot_test.go", "unsafe", false},
		{"internal/vec/dot_test.go", module + "/internal/numtest", true},
		{"internal/vec/dot.go", module + "/internal/numtest", false},
		{"autograd/tape.go", module + "/nn", false},
		{"autograd/tape_test.go", module + "/nn", true},
		{"model/encoder.go", module + "/mixer", true},
		{"train/loop.go", module + "/mixer", false},
		{"train/loop.go", module + "/train/tensorboard", true},
		{"train/tensorboard/writer.go", module + "/nn", false},
		{"serve/serve.go", module, true},
		{"serve/serve.go", module + "/nn", false},
		{"train/loop.go", module, false},
		{"orchid.go", module + "/model", true},
		{"orchid.go", module + "/serve", false},
		{"train/loop.go", "os/exec", false},
		{"train/kill_test.go", "os/exec", true},
		{"cmd/orchid/main.go", "os/exec", true},
		{"cmd/orchid/main.go", "C", false},
		{"cmd/orchid/main.go", "github.com/alecthomas/kong", true},
		{"cmd/orchid/main.go", "github.com/alecthomas/kongfu", false},
		{"train/loop.go", "github.com/goccy/go-yaml/ast", false},
		{"cmd/orchid/main.go", "github.com/google/go-cmp/cmp", false},
		{"cmd/orchid/main_test.go", "github.com/google/go-cmp/cmp", true},
		{"tensor/tensor.go", "encoding/json", true},
	} {
		if why := fault(c.file, c.imp); (why == "") != c.ok {
			t.Errorf("%s imports %s: got %q, want ok %v", c.file, c.imp, why, c.ok)
		}
	}
}
