package main

import (
	"cmp"
	"encoding/json"
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

// A card is what a person should know of a model, in the form of Hugging Face's hub.
type card struct {
	name       string // of the folder
	experiment *experiment.Experiment
	task       task.Task
	result     train.Result
	imported   string // where the model comes from if we have not trained it
}

// counted are metrics that count something.
var counted = []string{"hidden_words"}

// explained says what stands beside the scores.
var explained = []struct{ metric, text string }{
	{"chance", "what guessing reaches"},
	{"majority", "what the most frequent answer reaches"},
	{"context_chance", "guessing among the values of a sequence"},
	{"context_majority", "the value that most keys of a sequence share"},
	{"bag_of_words", "the score of a regression on the words of the same texts"},
	{"unigram_loss", "the loss of a model that knows only how frequent words are"},
	{"mismatched_accuracy", "the accuracy on the second part of the dev set; score, majority and bag_of_words are means over both"},
}

// made says what the models of a mixer are, those of long convolutions apart.
var made = map[string]string{
	"orchid":    "A model of [Orchid](https://arxiv.org/abs/2402.18508): long convolutions whose kernels depend on their input, in the place of attention.",
	"attention": "A model with attention, computed by Orchid.",
}

// does says in a sentence what the models of a task do.
var does = map[string]string{
	"recall": "It recalls the value of a key that stands earlier in a sequence.", "mlm": "It fills in hidden words and turns texts into vectors.",
	"text": "It labels texts.", "glue": "It labels texts.", "image": "It classifies pictures.", "speech": "It classifies sound.", "series": "It classifies time series.",
	"layer": "It is one layer, a part of a model.",
}

// bytes writes the card.
func (c card) bytes() []byte {
	var b strings.Builder
	b.WriteString(c.matter())
	e := c.experiment
	fmt.Fprintf(&b, "# %s\n\n%s %s\n", c.name, cmp.Or(made[e.Setting("mixer")], "A model of long convolutions."), does[e.Name])
	fmt.Fprintf(&b, "\n- model: %s\n- parameters: %s\n", e.Model(), numeral.Thousands(c.result.Parameters))
	if c.imported != "" {
		fmt.Fprintf(&b, "- imported from: `%s`\n", c.imported)
	} else {
		fmt.Fprintf(&b, "- training: %s in %.0f s, seed %d\n", numeral.Plural(c.result.Steps, "step"), c.result.Seconds, e.Training.Seed)
	}
	fmt.Fprintf(&b, "- made by: orchid %s, %s, %s kernels\n", version(), runtime.Version(), cpu.Best())
	c.data(&b)
	c.metrics(&b)
	b.WriteString("\n## Limits\n\n")
	for _, line := range c.limits() {
		fmt.Fprintf(&b, "- %s\n", line)
	}
	fmt.Fprintf(&b, "\n## Licence\n\n%s\n\n## Use\n\nDIR is this folder.\n\n", c.licence())
	b.WriteString(uses(e.Name))
	b.WriteString("\nconfig.json holds every setting, SHA256SUMS the checksums of the files that make the model")
	if c.imported == "" {
		b.WriteString("; history.jsonl and events/ hold the curves")
	}
	b.WriteString(".\n")
	return []byte(b.String())
}

// data says what the model was trained on.
func (c card) data(b *strings.Builder) {
	b.WriteString("\n## Data\n\n")
	if c.imported != "" {
		b.WriteString("It was not trained here: what it was trained on stands where it comes from.\n")
		return
	}
	for line := range strings.Lines(c.task.Describe()) {
		fmt.Fprintf(b, "%s  \n", strings.TrimRight(line, "\n")) // two spaces end a line
	}
	if s, ok := c.task.(task.Checksummer); ok {
		fmt.Fprintf(b, "\nChecksum of the training data: %s\n", s.Checksum())
	}
}

// metrics is the table of the last evaluation.
func (c card) metrics(b *strings.Builder) {
	m := c.result.Metrics
	if len(m) == 0 {
		return
	}
	fmt.Fprintf(b, "\n## Results\n\n| metric (%s) | value |\n|---|---|\n", c.experiment.Training.EvalSplit)
	for _, k := range slices.Sorted(maps.Keys(m)) {
		v := fmt.Sprintf("%.4f", m[k])
		if slices.Contains(counted, k) {
			v = numeral.Thousands(int(m[k]))
		}
		fmt.Fprintf(b, "| %s | %s |\n", k, v)
	}
	b.WriteString("\n")
	if name := scoreOf(c.experiment); name != "" {
		fmt.Fprintf(b, "- score: the %s\n", name)
	}
	for _, x := range explained {
		if _, ok := m[x.metric]; ok {
			fmt.Fprintf(b, "- %s: %s\n", x.metric, x.text)
		}
	}
}

// licence is a sentence on what others may do with the model.
func (c card) licence() string {
	if l := c.experiment.Card.License; l != "unknown" {
		return l + "."
	}
	return "Unknown: nobody has chosen one (`license=NAME` while training or importing). Ask whoever made the model, and mind the terms of its data."
}

// yamlText writes a string as YAML takes it.
func yamlText(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string
	}
	return string(b)
}
