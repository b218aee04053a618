package main

import (
	"fmt"
	"strings"

	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/glue"
	"github.com/orchid-seq/orchid/task/text"
)

// shares are the metrics that people read in percent, in the order of a line.
var shares = []string{"accuracy", "mismatched_accuracy", "top5_accuracy", "masked_accuracy", "exact"}

// scoreOf names what the score of an experiment is, "" if it has none.
func scoreOf(e *experiment.Experiment) string {
	switch c := e.Settings.(type) {
	case *glue.Config:
		t, err := glue.Find(c.Name)
		if err != nil {
			return ""
		}
		name := strings.Join(t.Score, " and ")
		if len(t.Score) > 1 {
			name = "mean of " + name
		}
		return name
	case *text.Config:
		return map[task.Kind]string{task.Single: "accuracy", task.Multi: "micro f1", task.Number: "spearman"}[c.Labels]
	}
	return ""
}

// sentence names the metrics of an evaluation, baselines behind the scores:
// those of trivial models by the name of the score, if there is one.
func sentence(m map[string]float64, score string) string {
	var scores, baselines []string
	number := func(list *[]string, format string, scale float64, names ...string) {
		for _, k := range names {
			if v, ok := m[k]; ok {
				*list = append(*list, strings.ReplaceAll(k, "_", " ")+" "+fmt.Sprintf(format, scale*v))
			}
		}
	}
	number(&scores, "%.2f %%", 100, shares...)
	number(&scores, "%.4f", 1, "f1", "micro_f1", "macro_f1", "matthews", "spearman", "pearson", "rmse", "loss")
	number(&scores, "%.2f", 1, "perplexity")
	number(&baselines, "%.3g %%", 100, "chance")
	if score == "" {
		number(&baselines, "%.3g %%", 100, "majority", "context_chance", "context_majority")
	} else if b := trivial(m, score); b != "" {
		baselines = append(baselines, b)
	}
	number(&baselines, "%.4f", 1, "unigram_loss")
	text := strings.Join(scores, ", ")
	if baselines != nil {
		text += " (" + strings.Join(baselines, ", ") + ")"
	}
	return text
}

// trivial says what models reach that do not read, or read only words.
func trivial(m map[string]float64, score string) string {
	var list []string
	for _, b := range []struct{ key, name string }{{"majority", "majority"}, {"bag_of_words", "a bag of words"}} {
		v, ok := m[b.key]
		if number := fmt.Sprintf("%.4f", v); ok {
			if score == "accuracy" {
				number = fmt.Sprintf("%.3g %%", 100*v)
			}
			list = append(list, fmt.Sprintf("of %s %s", b.name, number))
		}
	}
	if list == nil {
		return ""
	}
	return score + " " + strings.Join(list, ", ")
}
