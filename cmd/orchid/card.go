package main

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/cpu"
	"github.com/orchid-seq/orchid/internal/numeral"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/train"
)

// counted are metrics that count something.
var counted = []string{"hidden_words"}

// explained says what stands beside the scores.
var explained = []struct{ metric, text string }{
	{"chance", "what guessing reaches"},
	{"majority", "what the most frequent answer reaches"},
	{"context_majority", "the value that most keys of a sequence share"},
	{"bag_of_words", "the score of a regression on the words of the same texts"},
	{"unigram_loss", "the loss of a model that knows only how frequent words are"},
	{"mismatched_accuracy", "the accuracy on the second part of the dev set; score, majority and bag_of_words are means over both"},
}

// card writes the model card.
func card(e *experiment.Experiment, t task.Task, r train.Result) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# An Orchid model for %s\n\n", e.Name)
	for line := range strings.Lines(t.Describe()) {
		fmt.Fprintf(&b, "%s  \n", strings.TrimRight(line, "\n")) // two spaces end a line
	}
	fmt.Fprintf(&b, "\n- model: %s\n- parameters: %s\n- training: %s in %.0f s, seed %d\n- made by: orchid %s, %s, %s kernels\n\n",
		e.Model(), numeral.Thousands(r.Parameters), numeral.Plural(r.Steps, "step"), r.Seconds, e.Training.Seed, version(), runtime.Version(), cpu.Best())
	fmt.Fprintf(&b, "| metric (%s) | value |\n|---|---|\n", e.Training.EvalSplit)
	for _, k := range slices.Sorted(maps.Keys(r.Metrics)) {
		v := fmt.Sprintf("%.4f", r.Metrics[k])
		if slices.Contains(counted, k) {
			v = numeral.Thousands(int(r.Metrics[k]))
		}
		fmt.Fprintf(&b, "| %s | %s |\n", k, v)
	}
	b.WriteString("\n")
	if name := scoreOf(e); name != "" {
		fmt.Fprintf(&b, "- score: the %s\n", name)
	}
	for _, x := range explained {
		if _, ok := r.Metrics[x.metric]; ok {
			fmt.Fprintf(&b, "- %s: %s\n", x.metric, x.text)
		}
	}
	b.WriteString("\nUse it, DIR being this folder, with:\n\n```sh\n")
	for _, use := range uses(e.Name) {
		fmt.Fprintln(&b, use)
	}
	b.WriteString("```\n\nconfig.json holds every setting; history.jsonl and events/ hold the curves.\n")
	return []byte(b.String())
}

// uses are the commands for the models of a task.
func uses(task string) []string {
	all := []string{"orchid eval DIR", "orchid inspect DIR", "orchid verify DIR"}
	switch task {
	case "mlm":
		return append([]string{"orchid fill-mask DIR 'A text with a [MASK] in it.'", "orchid embed DIR texts.jsonl > vectors.jsonl"}, all...)
	case "text", "glue":
		return append([]string{"orchid predict DIR texts.jsonl > labels.jsonl", "orchid embed DIR texts.jsonl > vectors.jsonl"}, all...)
	}
	return all
}
