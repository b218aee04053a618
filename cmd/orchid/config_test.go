package main

import (
	"strings"
	"testing"
)

// TestKeysAreUnique holds for every experiment, since inlined configurations
// share one list of keys.
func TestKeysAreUnique(t *testing.T) {
	for name, make := range experiments {
		seen := map[string]bool{}
		for _, s := range settings(make()) {
			if seen[s.key] {
				t.Errorf("%s: key %s stands twice", name, s.key)
			}
			seen[s.key] = true
		}
	}
}

// TestEncodeDecode writes settings that are not the defaults and reads them back.
func TestEncodeDecode(t *testing.T) {
	a, b := experiments["recall"](), experiments["recall"]()
	if err := override(a, []string{"lr=3e-5", "mixer=hyena", "seed=18446744073709551615", "residual-convolution=false", "hide=0.25", "conditioner-padding=circular"}); err != nil {
		t.Fatal(err)
	}
	if err := decode(b, "config.json", encode("recall", a), "task"); err != nil {
		t.Fatal(err)
	}
	if d := differences(a, b); len(d) > 0 {
		t.Errorf("differences: %v", d)
	}
}

func TestPresetsAreValid(t *testing.T) {
	for task, make := range experiments {
		for _, name := range presets(task) {
			e := make()
			if err := applyPreset(e, task, name); err != nil {
				t.Error(err)
			}
			if err := e.training().Validate(); err != nil {
				t.Errorf("%s/%s: %v", task, name, err)
			}
		}
	}
}

func TestDecodeReportsLines(t *testing.T) {
	const text = "# a comment\nvocabulary: 12\nlenght: 64\nlr: fast\ntests: 1.5\nwidth: [1, 2]\nlr: 1\n"
	err := decode(experiments["recall"](), "run.yaml", []byte(text))
	want := strings.Join([]string{
		`run.yaml:3: unknown key "lenght"; did you mean "length"?`,
		`run.yaml:4: lr=fast: want a number`,
		`run.yaml:5: tests=1.5: want a whole number`,
		`run.yaml:6: width: want a whole number`,
		`run.yaml:7: key "lr" stands here a second time`,
	}, "\n")
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	if err := decode(experiments["recall"](), "run.yaml", []byte("- a\n- b\n")); err == nil || !strings.HasPrefix(err.Error(), "run.yaml:1: ") {
		t.Errorf("a list: %v", err)
	}
	if err := decode(experiments["recall"](), "run.yaml", []byte("a: 'x\nb: 2\n")); err == nil || !strings.HasPrefix(err.Error(), "run.yaml: ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("an open quote: %v", err)
	}
	if err := decode(experiments["recall"](), "run.yaml", nil); err != nil {
		t.Errorf("an empty file: %v", err)
	}
}
