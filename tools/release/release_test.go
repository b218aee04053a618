package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"testing"
	"time"
)

var (
	made  = time.Date(2026, 3, 4, 5, 6, 8, 0, time.UTC)
	files = []entry{{name: "orchid", text: []byte("program"), executable: true}, {name: "a/b.1", text: []byte("page")}}
)

// TestTarball: the files are in it, the program may be run, and the order in which
// they were given does not matter.
func TestTarball(t *testing.T) {
	one, err := tarball("top", made, files)
	if err != nil {
		t.Fatal(err)
	}
	other, err := tarball("top", made, []entry{files[1], files[0]})
	if err != nil || !bytes.Equal(one, other) {
		t.Errorf("another order gives other bytes, %v", err)
	}
	z, err := gzip.NewReader(bytes.NewReader(one))
	if err != nil {
		t.Fatal(err)
	}
	r := tar.NewReader(z)
	for i, want := range []struct {
		name, text string
		mode       int64
	}{{"top/a/b.1", "page", 0o644}, {"top/orchid", "program", 0o755}} {
		h, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil || h.Name != want.name || string(text) != want.text || h.Mode != want.mode || !h.ModTime.Equal(made) {
			t.Errorf("entry %d: %+v, %q, %v", i, h, text, err)
		}
	}
	if _, err := r.Next(); err != io.EOF {
		t.Errorf("more than two entries: %v", err)
	}
}

func TestZipped(t *testing.T) {
	one, err := zipped("top", made.In(time.FixedZone("", 3600)), files)
	if err != nil {
		t.Fatal(err)
	}
	other, err := zipped("top", made, []entry{files[1], files[0]})
	if err != nil || !bytes.Equal(one, other) {
		t.Errorf("another order or time zone gives other bytes, %v", err)
	}
	r, err := zip.NewReader(bytes.NewReader(one), int64(len(one)))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.File) != 2 || r.File[1].Name != "top/orchid" || r.File[1].Mode() != 0o755 || !r.File[0].Modified.Equal(made) {
		t.Errorf("%+v", r.File)
	}
}

// TestComponents: a module of any of the programs is listed, once.
func TestComponents(t *testing.T) {
	info := func(version string, deps ...*debug.Module) *debug.BuildInfo {
		return &debug.BuildInfo{
			GoVersion: "go1.26.8", Main: debug.Module{Path: "example.org/m", Version: version}, Deps: deps,
			Settings: []debug.BuildSetting{{Key: "vcs.time", Value: "2026-03-04T05:06:08Z"}, {Key: "vcs.revision", Value: "abc"}},
		}
	}
	a, b := &debug.Module{Path: "example.org/a", Version: "v1.2.3", Sum: "h1:x"}, &debug.Module{Path: "example.org/b", Version: "v2.0.0+incompatible"}
	text, err := components([]*debug.BuildInfo{info("v1.0.0", a), info("v1.0.0", b, a)})
	if err != nil {
		t.Fatal(err)
	}
	var doc bom
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	var urls []string
	for _, c := range doc.Components {
		urls = append(urls, c.PURL)
	}
	want := []string{"pkg:golang/example.org/a@v1.2.3", "pkg:golang/example.org/b@v2.0.0%2Bincompatible", "pkg:golang/std@1.26.8"}
	if !slices.Equal(urls, want) || !slices.Equal(doc.Dependencies[0].On, want) {
		t.Errorf("%q, want %q", urls, want)
	}
	if m := doc.Metadata; m.Component.PURL != "pkg:golang/example.org/m@v1.0.0" || m.Timestamp != "2026-03-04T05:06:08Z" || m.Component.Properties[0].Value != "abc" {
		t.Errorf("%+v", m)
	}
	if doc.Components[0].Properties[0].Value != "h1:x" {
		t.Errorf("%+v", doc.Components[0])
	}
	if _, err := components([]*debug.BuildInfo{info("v1.0.0"), info("v1.0.1")}); err == nil {
		t.Error("programs of two versions pass for one release")
	}
	if _, err := components([]*debug.BuildInfo{{}}); err == nil {
		t.Error("a program of no commit passes")
	}
}

// TestSums: what sha256sum prints for the same files.
func TestSums(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"b": "abc", "a": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := sums(dir, []string{"b", "a"}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "SHA256SUMS"))
	want := "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a\n" +
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  b\n"
	if err != nil || string(got) != want {
		t.Errorf("%v: %s", err, got)
	}
}

// TestThirdParty: the licence of a module that orchid is made with is in the text.
func TestThirdParty(t *testing.T) {
	text, err := thirdParty("../..", []string{"linux/amd64"})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"==== Go, its standard library: LICENSE", "==== github.com/alecthomas/kong v", "Permission is hereby granted"} {
		if !bytes.Contains(text, []byte(part)) {
			t.Errorf("%q is not in %d bytes", part, len(text))
		}
	}
	if bytes.Contains(text, []byte("chromedp")) {
		t.Error("a module of tests is in it")
	}
}
