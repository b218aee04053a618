package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// The parts of CycloneDX 1.6 that components writes.
type (
	bom struct {
		Format       string       `json:"bomFormat"`
		Spec         string       `json:"specVersion"`
		Version      int          `json:"version"`
		Metadata     metadata     `json:"metadata"`
		Components   []component  `json:"components"`
		Dependencies []dependency `json:"dependencies"`
	}
	metadata struct {
		Timestamp string    `json:"timestamp"`
		Component component `json:"component"`
	}
	component struct {
		Type       string     `json:"type"`
		Ref        string     `json:"bom-ref"`
		Name       string     `json:"name"`
		Version    string     `json:"version"`
		PURL       string     `json:"purl"`
		Licenses   []license  `json:"licenses,omitempty"`
		Properties []property `json:"properties,omitempty"`
	}
	license struct {
		License struct {
			ID string `json:"id"`
		} `json:"license"`
	}
	property struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	dependency struct {
		Ref string   `json:"ref"`
		On  []string `json:"dependsOn"`
	}
)

// components lists what programs for several systems are made of, as a CycloneDX
// document: the modules of any of them, with their sums in go.sum, and Go.
func components(infos []*debug.BuildInfo) ([]byte, error) {
	if len(infos) == 0 {
		return nil, errors.New("no programs")
	}
	first := infos[0]
	made, err := commitTime(first)
	if err != nil {
		return nil, err
	}
	main := module("application", first.Main.Path, first.Main.Version)
	apache := license{}
	apache.License.ID = "Apache-2.0"
	main.Licenses = []license{apache}
	for _, s := range first.Settings {
		if s.Key == "vcs.revision" || s.Key == "vcs.modified" {
			main.Properties = append(main.Properties, property{s.Key, s.Value})
		}
	}
	std := module("library", "std", strings.TrimPrefix(first.GoVersion, "go"))
	parts := map[string]component{std.Ref: std}
	for _, info := range infos {
		if info.Main.Version != first.Main.Version || info.GoVersion != first.GoVersion {
			return nil, fmt.Errorf("programs of %s by %s and of %s by %s", first.Main.Version, first.GoVersion, info.Main.Version, info.GoVersion)
		}
		for _, dep := range info.Deps {
			if dep.Replace != nil {
				dep = dep.Replace
			}
			c := module("library", dep.Path, dep.Version)
			if dep.Sum != "" {
				c.Properties = []property{{"go.sum", dep.Sum}}
			}
			parts[c.Ref] = c
		}
	}
	doc := bom{
		Format: "CycloneDX", Spec: "1.6", Version: 1,
		Metadata:     metadata{Timestamp: made.UTC().Format(time.RFC3339), Component: main},
		Dependencies: []dependency{{main.Ref, slices.Sorted(maps.Keys(parts))}},
	}
	for _, ref := range doc.Dependencies[0].On {
		doc.Components = append(doc.Components, parts[ref])
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	err = e.Encode(doc)
	return b.Bytes(), err
}

// module is a Go module as a component, named by its package URL.
func module(kind, path, version string) component {
	url := "pkg:golang/" + path + "@" + strings.ReplaceAll(version, "+", "%2B")
	return component{Type: kind, Ref: url, Name: path, Version: version, PURL: url}
}
