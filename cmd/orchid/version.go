package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/orchid-seq/orchid/internal/cpu"
	"github.com/orchid-seq/orchid/internal/par"
)

type versionCmd struct {
	JSON bool `name:"json" help:"Print a JSON object."`
}

// Help shows an example below the flags.
func (versionCmd) Help() string { return "Example:\n  GODEBUG=cpu.avx512f=off orchid version" }

// Run prints it.
func (c versionCmd) Run() error {
	v := struct {
		Version string `json:"version"`
		Go      string `json:"go"`
		System  string `json:"system"`
		Kernels string `json:"kernels"`
		Threads int    `json:"threads"`
	}{version(), runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH, cpu.Best().String(), par.Threads()}
	if c.JSON {
		return printJSON(v)
	}
	fmt.Fprintf(stdout, "orchid %s, %s %s, %s kernels, %d threads\n", v.Version, v.Go, v.System, v.Kernels, v.Threads)
	return nil
}

// version is the module's version, or the commit that was built.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	v := info.Main.Version
	if v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return "devel " + s.Value[:min(12, len(s.Value))]
		}
	}
	return "devel"
}
