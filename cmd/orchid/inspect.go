package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/numeral"
)

type inspectCmd struct {
	Dirs   []string `arg:"" name:"dir" help:"Model folder, finished or not; several to compare their evaluations."`
	Metric string   `help:"Show the evaluations by this metric; loss where several folders are compared." placeholder:"NAME"`
	Plot   string   `help:"Write the compared metric, by steps and by time, as SVG." placeholder:"FILE"`
	JSON   bool     `name:"json" help:"Print everything as one JSON object a folder."`
}

// Help shows an example below the flags.
func (inspectCmd) Help() string {
	return `Examples:
  orchid inspect runs/recall
  orchid inspect runs/mlm runs/mlm-2 --metric masked_accuracy --plot curves.svg`
}

// inspection is what inspect shows.
type inspection struct {
	Task       string            `json:"task"`
	Config     map[string]any    `json:"config"`
	Parameters int               `json:"parameters"` // trained numbers; 0 before the run has finished
	Tensors    []tensorInfo      `json:"tensors"`
	Files      []fileInfo        `json:"files"`
	History    []json.RawMessage `json:"history"`
}

type tensorInfo struct {
	Name    string `json:"name"`
	Shape   []int  `json:"shape"`
	Size    int    `json:"size"`
	Trained bool   `json:"trained"`
}

type fileInfo struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
}

// Run inspects.
func (c inspectCmd) Run() error {
	if (len(c.Dirs) > 1 || c.Plot != "" || c.Metric != "") && !c.JSON {
		return compare(c.Dirs, cmp.Or(c.Metric, "loss"), c.Plot)
	}
	for _, dir := range c.Dirs {
		if err := c.inspect(dir); err != nil {
			return err
		}
	}
	return nil
}

func (c inspectCmd) inspect(dir string) error {
	e, err := experiment.ReadConfig(dir)
	if err != nil {
		return err
	}
	in := inspection{Task: e.Name, Config: map[string]any{}}
	for _, s := range e.List() {
		in.Config[s.Key] = s.Value()
	}
	if err := in.readTensors(dir); err != nil {
		return err
	}
	if err := in.readFiles(dir); err != nil {
		return err
	}
	if err := in.readHistory(filepath.Join(dir, experiment.HistoryFile)); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(in)
	}
	in.print(e)
	return nil
}

func (in *inspection) readTensors(dir string) error {
	tensors, buffers, err := experiment.ReadTensors(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // the run has not finished
	}
	if err != nil {
		return err
	}
	for _, k := range slices.Sorted(maps.Keys(tensors)) {
		t := tensorInfo{k, tensors[k].Shape, len(tensors[k].Data), !slices.Contains(buffers, k)}
		if t.Trained {
			in.Parameters += t.Size
		}
		in.Tensors = append(in.Tensors, t)
	}
	return nil
}

func (in *inspection) readFiles(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		in.Files = append(in.Files, fileInfo{filepath.ToSlash(rel), info.Size()})
		return err
	})
}

func (in *inspection) readHistory(path string) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for line := range strings.Lines(string(text)) {
		if json.Valid([]byte(line)) { // the last line of a killed run may be torn
			in.History = append(in.History, json.RawMessage(strings.TrimSpace(line)))
		}
	}
	return err
}

// print shows it to people.
func (in *inspection) print(e *experiment.Experiment) {
	fmt.Fprintf(stdout, "task        %s\nmodel       %s\n", in.Task, e.Model())
	if in.Tensors == nil {
		fmt.Fprintln(stdout, "parameters  the run has not finished: no model file yet")
	} else {
		fmt.Fprintf(stdout, "parameters  %s in %d tensors\n", numeral.Thousands(in.Parameters), len(in.Tensors))
	}
	fmt.Fprintln(stdout, "\nsettings")
	for _, s := range e.List() {
		fmt.Fprintf(stdout, "  %-24s %s\n", s.Key, s)
	}
	if in.Tensors != nil {
		fmt.Fprintln(stdout, "\ntensors")
	}
	for _, t := range in.Tensors {
		mark := ""
		if !t.Trained {
			mark = "  (buffer)"
		}
		fmt.Fprintf(stdout, "  %-58s %-14s %9s%s\n", t.Name, strings.ReplaceAll(strings.Trim(fmt.Sprint(t.Shape), "[]"), " ", " x "), numeral.Thousands(t.Size), mark)
	}
	fmt.Fprintln(stdout, "\nfiles")
	for _, f := range in.Files {
		fmt.Fprintf(stdout, "  %-58s %14s bytes\n", f.Name, numeral.Thousands(int(f.Bytes)))
	}
	fmt.Fprintln(stdout, "\nevaluations")
	none := true
	for _, line := range in.History {
		var l struct {
			Step    int                `json:"step"`
			Split   string             `json:"split"`
			Metrics map[string]float64 `json:"metrics"`
		}
		if json.Unmarshal(line, &l) == nil && l.Metrics != nil {
			fmt.Fprintf(stdout, "  step %-9s %s %s\n", numeral.Thousands(l.Step), l.Split, sentence(l.Metrics, scoreOf(e)))
			none = false
		}
	}
	if none {
		fmt.Fprintln(stdout, "  none yet")
	}
}
