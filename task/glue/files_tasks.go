// Package glue is fine-tuning on the tasks of the GLUE benchmark (paper, section
// 4.1), with the metrics and settings that the paper follows.
package glue

import (
	"fmt"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/task"
)

// A Task is one of the tasks of GLUE with the settings that M2-BERT, which the
// paper follows, fine-tunes its base model with.
type Task struct {
	Name   string   // as GLUE spells it; also the name of its folder
	Pair   bool     // two texts an example
	Labels []string // the classes in order, nil if the label is a number
	Score  []string // the metrics whose mean is the task's score
	Beside []string // metrics to report beside them

	Batch    int
	LR       float64
	Decay    float64 // weight decay
	Epochs   int
	FromMNLI bool   // start from the model fine-tuned on MNLI
	Pool     string // what the head sees: the "first" token or the "mean"
	Average  bool   // one of the eight whose mean is the GLUE score

	sources []source
}

// Tasks returns the nine tasks. WNLI, which papers leave out because its dev
// set contradicts its training set, stands last with the settings of RTE.
func Tasks() []Task {
	entails := []string{"entailment", "not_entailment"}
	alike := []string{"different", "equivalent"}
	return []Task{
		{
			Name: "MNLI", Pair: true, Labels: []string{"entailment", "neutral", "contradiction"}, Score: []string{"accuracy"},
			Batch: 48, LR: 5e-5, Decay: 5e-6, Epochs: 3, Pool: "first", Average: true,
			sources: []source{
				pairs("train", "train.tsv", "gold_label"),
				pairs("dev", "dev_matched.tsv", "gold_label"),
				pairs("dev-mismatched", "dev_mismatched.tsv", "gold_label"),
			},
		},
		{
			Name: "QQP", Pair: true, Labels: alike, Score: []string{"accuracy", "f1"},
			Batch: 16, LR: 3e-5, Decay: 0.01, Epochs: 10, Pool: "first", Average: true,
			sources: both(source{a: "question1", b: "question2", label: "is_duplicate"}),
		},
		{
			Name: "QNLI", Pair: true, Labels: entails, Score: []string{"accuracy"},
			Batch: 16, LR: 5e-5, Decay: 1e-6, Epochs: 10, Pool: "mean", Average: true,
			sources: both(source{a: "question", b: "sentence", label: "label"}),
		},
		{
			Name: "SST-2", Labels: []string{"negative", "positive"}, Score: []string{"accuracy"},
			Batch: 16, LR: 3e-5, Decay: 3e-6, Epochs: 3, Pool: "first", Average: true,
			sources: append(both(source{a: "sentence", label: "label"}),
				source{split: "test", path: "test-labeled.tsv", a: "sentence", label: "label", origin: "the test part of the Stanford Sentiment Treebank, with the columns sentence and label"}),
		},
		{
			Name: "CoLA", Labels: []string{"unacceptable", "acceptable"}, Score: []string{"matthews"}, Beside: []string{"accuracy"},
			Batch: 32, LR: 5e-5, Decay: 5e-6, Epochs: 10, Pool: "first", Average: true,
			sources: both(source{names: []string{"source", "label", "mark", "sentence"}, a: "sentence", label: "label"}),
		},
		{
			Name: "STS-B", Pair: true, Score: []string{"spearman"}, Beside: []string{"pearson"},
			Batch: 32, LR: 7e-5, Decay: 0.01, Epochs: 10, FromMNLI: true, Pool: "first", Average: true,
			sources: append(both(pairs("", "", "score")), source{
				split: "test", path: "original/sts-test.tsv", a: "sentence1", b: "sentence2", label: "score",
				names: []string{"genre", "filename", "year", "index", "score", "sentence1", "sentence2"}, origins: 2,
			}),
		},
		{
			Name: "MRPC", Pair: true, Labels: alike, Score: []string{"f1"}, Beside: []string{"accuracy"},
			Batch: 32, LR: 5e-5, Decay: 0.01, Epochs: 10, FromMNLI: true, Pool: "first", Average: true,
			sources: append(both(source{a: "#1 String", b: "#2 String", label: "Quality"}),
				source{split: "test", path: "msr_paraphrase_test.txt", a: "#1 String", b: "#2 String", label: "Quality"}),
		},
		{
			Name: "RTE", Pair: true, Labels: entails, Score: []string{"accuracy"},
			Batch: 16, LR: 5e-5, Decay: 0.01, Epochs: 6, FromMNLI: true, Pool: "first", Average: true,
			sources: both(pairs("", "", "label")),
		},
		{
			Name: "WNLI", Pair: true, Labels: []string{"not_entailment", "entailment"}, Score: []string{"accuracy"},
			Batch: 16, LR: 5e-5, Decay: 0.01, Epochs: 6, FromMNLI: true, Pool: "first",
			sources: both(pairs("", "", "label")),
		},
	}
}

// pairs returns a source of two sentences.
func pairs(split, path, label string) source {
	return source{split: split, path: path, a: "sentence1", b: "sentence2", label: label}
}

// both returns the sources train.tsv and dev.tsv of the same form.
func both(s source) []source {
	train, dev := s, s
	train.split, train.path = "train", "train.tsv"
	dev.split, dev.path = "dev", "dev.tsv"
	return []source{train, dev}
}

// Find returns the task of that name; case, "-" and "_" do not matter.
func Find(name string) (Task, error) {
	plain := func(s string) string {
		return strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(s))
	}
	var names []string
	for _, t := range Tasks() {
		if plain(t.Name) == plain(name) {
			return t, nil
		}
		names = append(names, t.Name)
	}
	return Task{}, fmt.Errorf("no GLUE task %q: want one of %s", name, strings.Join(names, ", "))
}

// Kind says what the labels are.
func (t Task) Kind() task.Kind {
	if t.Labels == nil {
		return task.Number
	}
	return task.Single
}

// Splits names the splits that have labels, train first.
func (t Task) Splits() []string {
	var splits []string
	for _, s := range t.sources {
		splits = append(splits, s.split)
	}
	return splits
}

// Metrics returns the metrics of predictions, which are classes (-1 for none)
// or values like the labels: those of Score and Beside, and their "score". It
// panics unless there are as many predictions as labels.
func (t Task) Metrics(predicted, labels []float64) map[string]float64 {
	if len(predicted) != len(labels) {
		panic(fmt.Sprintf("glue: %d predictions for %d labels", len(predicted), len(labels)))
	}
	var all map[string]float64
	if t.Labels == nil {
		all = map[string]float64{"pearson": task.Pearson(predicted, labels), "spearman": task.Spearman(predicted, labels)}
	} else {
		c := task.NewConfusion(len(t.Labels))
		for i, p := range predicted {
			c.Add(int(p), int(labels[i]))
		}
		all = map[string]float64{"accuracy": c.Accuracy(), "f1": c.F1(1), "matthews": c.Matthews()}
	}
	m := map[string]float64{}
	for _, name := range t.Score {
		m["score"] += all[name] / float64(len(t.Score))
	}
	for _, name := range slices.Concat(t.Score, t.Beside) {
		m[name] = all[name]
	}
	return m
}
