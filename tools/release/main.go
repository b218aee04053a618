// Command release builds orchid for every system and packs what people download:
// an archive a system, a list of what is in the programs, and checksums. The same
// commit and Go release give the same bytes.
//
//	go -C tools run ./release -out ../dist
package main

import (
	"debug/buildinfo"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"
)

// systems are those to build for unless -systems names some.
const systems = "linux/amd64,linux/arm64,darwin/amd64,darwin/arm64,windows/amd64,windows/arm64"

func main() {
	root := flag.String("root", "..", "folder of the module")
	out := flag.String("out", "../dist", "folder to write")
	list := flag.String("systems", systems, "systems to build for")
	flag.Parse()
	if err := release(*root, *out, strings.Split(*list, ",")); err != nil {
		fmt.Fprintf(os.Stderr, "release: %v\n", err)
		os.Exit(1)
	}
}

// release builds and packs everything.
func release(root, out string, list []string) error {
	work, err := os.MkdirTemp("", "orchid-release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	common, err := texts(root, work, list)
	if err != nil {
		return err
	}
	var infos []*debug.BuildInfo
	var written []string
	var version string
	for _, system := range list {
		program := filepath.Join(work, strings.ReplaceAll(system, "/", "-"))
		if err := build(root, program, system); err != nil {
			return err
		}
		info, err := buildinfo.ReadFile(program)
		if err != nil {
			return err
		}
		infos = append(infos, info)
		version = info.Main.Version
		made, err := commitTime(info)
		if err != nil {
			return err
		}
		name := fmt.Sprintf("orchid-%s-%s", version, strings.ReplaceAll(system, "/", "-"))
		text, err := os.ReadFile(program)
		if err != nil {
			return err
		}
		binary := entry{name: "orchid", text: text, executable: true}
		pack, ending := tarball, ".tar.gz"
		if strings.HasPrefix(system, "windows/") {
			pack, ending, binary.name = zipped, ".zip", "orchid.exe"
		}
		archive, err := pack(name, made, append([]entry{binary}, common...))
		if err != nil {
			return err
		}
		written = append(written, name+ending)
		if err := os.WriteFile(filepath.Join(out, name+ending), archive, 0o644); err != nil {
			return err
		}
		fmt.Printf("%s%s  %.1f MB\n", name, ending, float64(len(archive))/1e6)
	}
	bom, err := components(infos)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("orchid-%s.cdx.json", version)
	written = append(written, name)
	if err := os.WriteFile(filepath.Join(out, name), bom, 0o644); err != nil {
		return err
	}
	if strings.HasSuffix(version, "+dirty") {
		fmt.Println("note: there are changes that are not committed; a release is built from a clean clone of its tag")
	}
	return sums(out, written)
}

// build compiles orchid for a system. What the environment could change in the
// program is set here.
func build(root, program, system string) error {
	goos, goarch, ok := strings.Cut(system, "/")
	if !ok {
		return fmt.Errorf("-systems: %q: want one as in linux/amd64", system)
	}
	_, err := run(root, []string{
		"GOOS=" + goos, "GOARCH=" + goarch, "GOAMD64=v1", "GOARM64=v8.0", "GOFLAGS=", "GOEXPERIMENT=", "CGO_ENABLED=0",
	}, "go", "build", "-trimpath", "-buildvcs=true", "-ldflags=-s -w", "-o", program, "./cmd/orchid")
	return err
}

// commitTime is when the commit was made that a program was built from.
func commitTime(info *debug.BuildInfo) (time.Time, error) {
	for _, s := range info.Settings {
		if s.Key == "vcs.time" {
			return time.Parse(time.RFC3339, s.Value)
		}
	}
	return time.Time{}, fmt.Errorf("the program does not say its commit: build in a clone, with git")
}

// run runs a program in dir and returns what it printed.
func run(dir string, env []string, name string, args ...string) ([]byte, error) {
	c := exec.Command(name, args...)
	c.Dir, c.Env, c.Stderr = dir, append(os.Environ(), env...), os.Stderr
	out, err := c.Output()
	if err != nil {
		err = fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return out, err
}
