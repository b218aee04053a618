package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// texts returns what every archive holds beside the program.
func texts(root, work string, systems []string) (list []entry, err error) {
	for _, name := range []string{"LICENSE", "README.md"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return nil, err
		}
		list = append(list, entry{name: name, text: text})
	}
	licences, err := thirdParty(root, systems)
	if err != nil {
		return nil, err
	}
	list = append(list, entry{name: "THIRD-PARTY.txt", text: licences})

	// The program itself knows its words and pages.
	program := filepath.Join(work, "orchid-here")
	if err := build(root, program, runtime.GOOS+"/"+runtime.GOARCH); err != nil {
		return nil, err
	}
	for shell, name := range map[string]string{"bash": "orchid.bash", "zsh": "_orchid", "fish": "orchid.fish"} {
		text, err := run(work, nil, program, "completion", shell)
		if err != nil {
			return nil, err
		}
		list = append(list, entry{name: "completions/" + name, text: text})
	}
	if _, err := run(work, nil, program, "man", "man1"); err != nil {
		return nil, err
	}
	pages, err := filepath.Glob(filepath.Join(work, "man1", "*.1"))
	if err != nil {
		return nil, err
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			return nil, err
		}
		list = append(list, entry{name: "man/man1/" + filepath.Base(page), text: text})
	}
	return list, nil
}

// licenceFile is how the files are named whose text must go with a program.
var licenceFile = regexp.MustCompile(`(?i)^(un)?licen[cs]e|^copying|^notice`)

// thirdParty returns the licences of Go and of all modules that the programs for some
// systems are made of.
func thirdParty(root string, systems []string) ([]byte, error) {
	goroot, err := run(root, nil, "go", "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	dirs := map[string]string{"Go, its standard library": strings.TrimSpace(string(goroot))}
	for _, system := range systems {
		goos, goarch, _ := strings.Cut(system, "/")
		out, err := run(root, []string{"GOOS=" + goos, "GOARCH=" + goarch, "CGO_ENABLED=0"},
			"go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}\t{{.Dir}}{{end}}{{end}}", "./cmd/orchid")
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(out)) {
			if name, dir, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
				dirs[name] = dir
			}
		}
	}
	var names []string
	for name := range dirs {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	b.WriteString("orchid is made with the following, each under its own licence.\n")
	for _, name := range names {
		files, err := os.ReadDir(dirs[name])
		if err != nil {
			return nil, err
		}
		found := false
		for _, f := range files {
			if f.IsDir() || !licenceFile.MatchString(f.Name()) {
				continue
			}
			text, err := os.ReadFile(filepath.Join(dirs[name], f.Name()))
			if err != nil {
				return nil, err
			}
			fmt.Fprintf(&b, "\n==== %s: %s\n\n%s", name, f.Name(), text)
			found = true
		}
		if !found {
			return nil, fmt.Errorf("%s: no licence in %s", name, dirs[name])
		}
	}
	return []byte(b.String()), nil
}
