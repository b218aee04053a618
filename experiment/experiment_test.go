package experiment

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/config"
)

// TestKeysAreUnique holds for every task, since all settings share one list.
func TestKeysAreUnique(t *testing.T) {
	for _, name := range Names() {
		e, err := New(name)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, s := range e.List() {
			if seen[s.Key] {
				t.Errorf("%s: key %s stands twice", name, s.Key)
			}
			seen[s.Key] = true
		}
	}
}

func TestPresetsAreValid(t *testing.T) {
	for _, name := range Names() {
		e, err := New(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range e.Presets() {
			e, err := New(name)
			if err != nil {
				t.Fatal(err)
			}
			if err := e.Preset(p); err != nil {
				t.Error(err)
			}
			switch name {
			case "image", "speech", "series":
				err = e.Override([]string{"data=somewhere"})
			case "mlm", "text":
				err = e.Override([]string{"data=somewhere", "tokenizer=bytes"})
			}
			if err != nil || e.Validate() != nil {
				t.Errorf("%s/%s: %v %v", name, p, err, e.Validate())
			}
		}
	}
}

func TestStepsOrEpochs(t *testing.T) {
	e, err := New("image")
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Override([]string{"steps=3"}); err != nil || e.Training.Epochs != 0 {
		t.Errorf("steps=3 leaves epochs=%v, %v", e.Training.Epochs, err)
	}
	if err := e.Override([]string{"epochs=2"}); err != nil || e.Training.Steps != 0 {
		t.Errorf("epochs=2 leaves steps=%v, %v", e.Training.Steps, err)
	}
}

// TestConfigIsComplete writes settings that are not the defaults, reads them
// back, and refuses a file with a key less.
func TestConfigIsComplete(t *testing.T) {
	dir := t.TempDir()
	e, err := New("recall")
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Override([]string{"lr=3e-5", "mixer=hyena", "seed=18446744073709551615", "residual-convolution=false", "hide=0.25", "conditioner-padding=circular", "license=mit"}); err != nil {
		t.Fatal(err)
	}
	if err := e.WriteConfig(dir); err != nil {
		t.Fatal(err)
	}
	back, err := ReadConfig(dir)
	if err != nil {
		t.Fatal(err)
	}
	if d := config.Differences(e.List(), config.Texts(back.List())); len(d) > 0 {
		t.Errorf("differences: %v", d)
	}
	path := filepath.Join(dir, ConfigFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for old, c := range map[string]struct{ new, says string }{
		"    \"hide\": 0.25,\n":   {"", `key "hide" is missing`},
		"    \"gates\": true,\n":  {"", ""},
		"\"format\": 1":           {"\"format\": 2", "format 2, this version of orchid reads 1"},
		"\"lr\": 0.00003":         {"\"lr\": 0", "lr=0: want above 0"},
		"\"vocabulary\": 20":      {"\"vocabulary\": \"12\"", "config.json:11: vocabulary: want a whole number"},
		"\"license\": \"mit\"":    {"\"license\": \"MIT License\"", "license=MIT License: want a name in small letters"},
		"\"task\": \"recall\"":    {"\"task\": \"chess\"", `no task "chess"`},
		"\"mixer\": \"hyena\",\n": {"\"mixer\": \"hyena\",\n\"mixr\": 1,\n", `unknown key "mixr"; did you mean "mixer"?`},
	} {
		changed := bytes.Replace(text, []byte(old), []byte(c.new), 1)
		if bytes.Equal(changed, text) {
			t.Errorf("config.json does not hold %q:\n%s", old, text)
			continue
		}
		if err := os.WriteFile(path, changed, 0o644); err != nil {
			t.Fatal(err)
		}
		if c.says == "" { // a key that came later
			e, err := ReadConfig(dir)
			if err != nil || e.Setting("gates") != "true" {
				t.Error(err)
			}
			continue
		}
		if _, err := ReadConfig(dir); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v", c.new, err)
		}
	}
}
