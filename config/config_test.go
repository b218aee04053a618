package config

import (
	"strings"
	"testing"
)

type inner struct {
	Rate  float64  `yaml:"rate"`
	Names []string `yaml:"names"`
}

type outer struct {
	Words  int    `yaml:"words"`
	Length int    `yaml:"length"`
	Kind   string `yaml:"kind"`
	Deep   bool   `yaml:"deep"`
	Seed   uint64 `yaml:"seed"`
	Inner  inner  `yaml:",inline"`
	hidden int
}

func TestEncodeDecode(t *testing.T) {
	a, b := outer{hidden: 1}, outer{}
	keys, err := Override(Settings(&a), []string{"rate=3e-5", "kind=x: y", "seed=18446744073709551615", "deep=true", "names=1,two"})
	if err != nil || len(keys) != 5 {
		t.Fatal(keys, err)
	}
	if keys, err = Decode(Settings(&b), "config.json", 1, Encode(Settings(&a), "")); err != nil || len(keys) != 7 {
		t.Fatal(keys, err)
	}
	if d := Differences(Settings(&a), Texts(Settings(&b))); len(d) > 0 {
		t.Errorf("differences: %v", d)
	}
	b.Words = 3
	if d := Differences(Settings(&a), Texts(Settings(&b))); len(d) != 1 || d[0] != "words=0 (the run has 3)" {
		t.Errorf("differences: %v", d)
	}
}

func TestDecodeReportsLines(t *testing.T) {
	const text = "# a comment\nwords: 12\nlenght: 64\nrate: fast\nseed: 1.5\nlength: [1, 2]\nwords: 1\nkind: |\n  a\ndeep: \"true\"\nq: 1\n"
	var c outer
	_, err := Decode(Settings(&c), "run.yaml", 1, []byte(text))
	want := strings.Join([]string{
		`run.yaml:3: unknown key "lenght"; did you mean "length"?`,
		`run.yaml:4: rate=fast: want a number`,
		`run.yaml:5: seed=1.5: want a whole number of at least 0`,
		`run.yaml:6: length: want a whole number`,
		`run.yaml:7: key "words" stands here a second time`,
		`run.yaml:8: kind: want text`,
		`run.yaml:10: deep: want true or false`,
		`run.yaml:11: unknown key "q"; orchid train TASK --keys lists all`,
	}, "\n")
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	for text, says := range map[string]string{
		"- a\n- b\n":                "run.yaml: line 1: want lines",
		"words: 1\n---\nwords: 2\n": "run.yaml: 2 documents; want one",
		"a: 'x\nb: 2\n":             "run.yaml: ",
		"kind: !!str x\n":           "run.yaml:1: kind: want text",
		"rate: .inf\n":              "run.yaml:1: rate",
		"kind: *x\n":                "run.yaml",
	} {
		_, err := Decode(Settings(&c), "run.yaml", 1, []byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := Decode(Settings(&c), "run.yaml", 1, nil); err != nil {
		t.Errorf("an empty file: %v", err)
	}
}

func TestOverrideRefusesNotFinite(t *testing.T) {
	for _, v := range []string{"NaN", "Inf", "-Inf", "1e999"} {
		c := outer{Inner: inner{Rate: 2}}
		if _, err := Override(Settings(&c), []string{"rate=" + v}); err == nil || c.Inner.Rate != 2 {
			t.Errorf("rate=%s: %v, now %v", v, err, c.Inner.Rate)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"words: 1", "{\"rate\": 1e-3}", "a: [b, {c: d}]", "? x\n: y", "kind: |\n  z", "- 1", "words: *a", "%YAML 1.2\n---\nkind: \"\\u0000\""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var c outer
		Decode(Settings(&c), "fuzz", 1, text) // must not panic
	})
}
