package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/task/glue"
)

// pipelines are the tasks of Hugging Face's hub; recall, series and layers have none there.
var pipelines = map[string]string{
	"mlm": "fill-mask", "text": "text-classification", "glue": "text-classification", "image": "image-classification",
	"speech": "audio-classification",
}

// matter is the front matter, which the hub reads: data about the model in YAML.
func (c card) matter() string {
	var b strings.Builder
	e := c.experiment
	fmt.Fprintf(&b, "---\nlicense: %s\nlibrary_name: orchid\n", e.Card.License)
	pipeline := pipelines[e.Name]
	if pipeline != "" {
		fmt.Fprintf(&b, "pipeline_tag: %s\n", pipeline)
	}
	b.WriteString("tags:\n- orchid\n")
	mixer := e.Setting("mixer")
	if mixer != "attention" {
		b.WriteString("- long-convolution\n")
	}
	for _, tag := range []string{mixer, e.Name} {
		if tag != "orchid" {
			fmt.Fprintf(&b, "- %s\n", tag)
		}
	}
	dataset, kind := e.Setting("data"), e.Name
	if g, ok := e.Settings.(*glue.Config); ok {
		if t, err := glue.Find(g.Name); err == nil {
			dataset, kind = "GLUE "+t.Name, "nyu-mll/glue"
			fmt.Fprintf(&b, "datasets:\n- %s\n", kind)
		}
	}
	if dataset == "" { // made up while training
		dataset = e.Name
	}
	if m := c.result.Metrics; len(m) > 0 {
		fmt.Fprintf(&b, "model-index:\n- name: %s\n  results:\n  - task:\n      type: %s\n", yamlText(c.name), cmp.Or(pipeline, e.Name))
		fmt.Fprintf(&b, "    dataset:\n      name: %s\n      type: %s\n      split: %s\n    metrics:\n", yamlText(dataset), kind, e.Training.EvalSplit)
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if !beside(k) {
				fmt.Fprintf(&b, "    - type: %s\n      value: %.6g\n", k, m[k])
			}
		}
	}
	b.WriteString("---\n\n")
	return b.String()
}

// beside says whether a metric is no result of the model, but stands beside one.
func beside(metric string) bool {
	return slices.Contains(counted, metric) || slices.ContainsFunc(explained, func(x struct{ metric, text string }) bool {
		return x.metric == metric && metric != "mismatched_accuracy"
	})
}

// limits says what the model cannot do, or has not been tried on.
func (c card) limits() (list []string) {
	e := c.experiment
	encodes := "It sees the whole of a sequence, what comes before a place and behind: it is an encoder and does not generate text."
	if e.Setting("mixer") == "hyena" {
		encodes = "It is an encoder and does not generate text."
	}
	list = append(list, encodes)
	if n, ok := c.task.(interface{ Longest() int }); ok && e.Name != "image" {
		unit := cmp.Or(map[string]string{"speech": "samples", "series": "samples"}[e.Name], "tokens")
		if most := n.Longest(); most > 0 {
			list = append(list, fmt.Sprintf("A sequence has at most %d %s; nothing longer is taken.", most, unit))
		} else {
			list = append(list, "Sequences may have any length. Those much longer than the training's were not measured.")
		}
	}
	switch words := e.Setting("tokenizer"); {
	case words == "":
	case words == "bytes":
		list = append(list, "It reads bytes, so any text; of languages and subjects that are not in its data it knows nothing.")
	case words == "dna", strings.HasPrefix(words, "characters:"):
		list = append(list, fmt.Sprintf("It reads the characters of `%s`; all others are the same to it.", words))
	default:
		list = append(list, "It knows the words and languages of its vocabulary; of others, and of subjects that are not in its data, it knows little.")
	}
	if len(c.result.Metrics) > 0 && e.Setting("data") != "" {
		list = append(list, "The results are those on one set of data. Measure on yours before relying on it: `orchid eval DIR --data PATH`.")
	}
	return append(list, "Float32 on CPUs; in PyTorch wherever that runs (`orchid export`).")
}

// uses shows how the models of a task are used.
func uses(task string) string {
	shell := []string{"orchid eval DIR", "orchid inspect DIR", "orchid verify DIR"}
	texts := false
	switch task {
	case "mlm":
		shell, texts = append([]string{"orchid fill-mask DIR 'A text with a [MASK] in it.'", "orchid embed DIR texts.jsonl > vectors.jsonl"}, shell...), true
	case "text", "glue":
		shell, texts = append([]string{"orchid predict DIR texts.jsonl > labels.jsonl", "orchid embed DIR texts.jsonl > vectors.jsonl"}, shell...), true
	case "image":
		shell = append([]string{"orchid predict DIR pictures/*.jpg > labels.jsonl"}, shell...)
	case "speech":
		shell = append([]string{"orchid predict DIR recordings/*.wav > labels.jsonl"}, shell...)
	case "series":
		shell = append([]string{"orchid predict DIR series.ts > labels.jsonl"}, shell...)
	case "layer":
		shell = shell[1:]
	}
	shell = append(shell, "orchid export DIR --pytorch OUT", "python OUT/example.py")
	block := func(language, text string) string { return "```" + language + "\n" + text + "\n```\n" }
	out := block("sh", strings.Join(shell, "\n"))
	if !texts {
		return out
	}
	goCall, route := `results, err := m.Classify(ctx, orchid.ClassifyOptions{}, orchid.Input{A: "a text"})`, "/v1/classify"
	if task == "mlm" {
		goCall, route = `results, err := m.FillMask(ctx, orchid.FillOptions{}, orchid.Input{A: "a text with a [MASK]"})`, "/v1/fill-mask"
	}
	out += "\nIn a Go program:\n\n" + block("go", "m, err := orchid.Open(ctx, \"DIR\", orchid.Options{}) // github.com/orchid-seq/orchid\n"+goCall)
	out += "\nIn Python, once `orchid export` has written OUT, with PyTorch alone:\n\n" +
		block("python", "from modeling_orchid import encode, load  # in OUT\nlogits = load(\"OUT\")(*encode(\"OUT\", \"a text\"))")
	return out + "\nOver HTTP, once `orchid serve DIR` runs: POST " + route + "; GET /openapi.json says how.\n"
}
