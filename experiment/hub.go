package experiment

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"

	"github.com/orchid-seq/orchid/config"
	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/glue"
)

// A Card is what only a person can say of a model.
type Card struct {
	License string `yaml:"license"` // of the model, by Hugging Face's names, as apache-2.0
}

// license is the form of those names.
var license = regexp.MustCompile(`^[a-z0-9][a-z0-9.+-]*$`)

// Validate returns every fault.
func (c Card) Validate() error {
	var f fault.List
	f.Check(license.MatchString(c.License), "license=%s: want a name in small letters, as in apache-2.0, mit, cc-by-4.0, other or unknown", c.License)
	return f.Err()
}

// A Field is a key of ConfigFile beside the settings. Only other programs read it.
type Field struct {
	Key   string
	Value any // as package json writes it
}

// architectures names the models of the tasks as the libraries of Hugging Face would.
var architectures = map[string]string{
	"recall": "OrchidForRecall", "mlm": "OrchidForMaskedLM", "text": "OrchidForSequenceClassification", "glue": "OrchidForSequenceClassification",
	"image": "OrchidForImageClassification", "speech": "OrchidForAudioClassification", "series": "OrchidForTimeSeriesClassification",
	layerTask: "OrchidLayer",
}

// hub returns what Hugging Face's hub and libraries look for in a config.json.
func (e *Experiment) hub() []Field {
	list := []Field{{"model_type", "orchid"}, {"architectures", []string{architectures[e.Name]}}}
	for _, key := range []struct{ theirs, ours string }{
		{"hidden_size", "width"}, {"num_hidden_layers", "depth"}, {"vocab_size", "vocabulary"}, {"max_position_embeddings", "max-length"},
	} {
		if key.ours == "max-length" && e.language == nil {
			continue // of samples, which are no positions
		}
		if n, ok := e.value(key.ours).(int); ok && n > 0 {
			list = append(list, Field{key.theirs, n})
		}
	}
	if classes := e.Classes(); len(classes) > 0 {
		names, ids := map[string]string{}, map[string]int{}
		for i, class := range classes {
			names[strconv.Itoa(i)], ids[class] = class, i
		}
		list = append(list, Field{"id2label", names}, Field{"label2id", ids})
	}
	return list
}

// Classes returns those that the settings name, nil for none.
func (e *Experiment) Classes() []string {
	if c, ok := e.Settings.(*glue.Config); ok {
		t, err := glue.Find(c.Name)
		if err != nil {
			return nil // Validate will say so
		}
		return t.Labels
	}
	if kind, ok := e.value("labels").(task.Kind); ok && kind == task.Number {
		return nil
	}
	classes, _ := e.value("classes").([]string)
	return classes
}

// value returns the value of a key, nil if there is none.
func (e *Experiment) value(key string) any {
	for _, s := range e.List() {
		if s.Key == key {
			return s.Value()
		}
	}
	return nil
}

// ConfigText returns the settings as they stand in ConfigFile, with more fields
// before them.
func (e *Experiment) ConfigText(more ...Field) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\n  \"format\": %d,\n  \"task\": %q,\n", format, e.Name)
	for _, f := range append(e.hub(), more...) {
		v, err := json.Marshal(f.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Key, err)
		}
		fmt.Fprintf(&b, "  %q: %s,\n", f.Key, v)
	}
	fmt.Fprintf(&b, "  \"settings\": %s,\n  \"training\": %s,\n  \"card\": %s\n}\n",
		config.Encode(config.Settings(e.Settings), "  "), config.Encode(config.Settings(&e.Training), "  "), config.Encode(config.Settings(&e.Card), "  "))
	return b.Bytes(), nil
}
