package recall

import (
	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/mixer"
	"github.com/orchid-seq/orchid/model"
)

// The forms of the task.
const (
	FormOne  = "one"  // one key is asked for, at the end (Hyena)
	FormMany = "many" // every key is asked for somewhere: MQAR (Zoology)
)

// Config is the task with its model.
type Config struct {
	Form       string `yaml:"form"`
	Vocabulary int    `yaml:"vocabulary"` // words; form=one has two special ones among them, form=many none
	Length     int    `yaml:"length"`     // N: sequences hold N+2 words, for form=many N
	// Lengths grow while training, as 128:2000,256:250: so many batches of each.
	// The last goes on until the end. 128:2000x8 has batches of 8. Length is then
	// that of the evaluation alone.
	Lengths []string `yaml:"lengths"`
	Batch   int      `yaml:"batch"`
	// Examples is the size of a fixed training set; 0 draws fresh sequences
	// every step, so that none is seen twice.
	Examples int `yaml:"examples"`
	// Objective is answer (the loss looks at what is asked alone) or hidden
	// (also at values that are hidden from the input).
	Objective string  `yaml:"objective"`
	Hide      float64 `yaml:"hide"`  // share of the values that objective=hidden hides
	Pairs     int     `yaml:"pairs"` // keys of a sequence of form=many
	Gap       float64 `yaml:"gap"`   // form=many: the pair g places on asks with a chance like g^(gap-1)
	Tests     int     `yaml:"tests"`
	// Positions are learned, sinusoidal, none, or auto: learned for attention,
	// which cannot tell order without them, none for the others. Only learned ones
	// bound the length.
	Positions string `yaml:"positions"`

	Model model.Config `yaml:",inline"`
}

// Default is the experiment that a newcomer meets: it reaches 99 % in minutes.
func Default() Config {
	return Config{
		Form: FormOne, Vocabulary: 20, Length: 128, Batch: 32, Objective: "answer", Hide: 0.5, Pairs: 8, Gap: 0.01, Tests: 2000, Positions: "auto",
		Model: model.Config{Width: 64, Depth: 2, Expand: 4, MLPBlocks: 1, Init: autograd.SchemeUniform, Norm: "pre", NormEps: 1e-5, MixerResidual: true, Mixer: mixer.Default()},
	}
}

// Words returns how many words a sequence of the evaluation holds.
func (c Config) Words() int { return c.words(c.Length) }

// words returns how many words a sequence for length N holds.
func (c Config) words(N int) int {
	if c.Form == FormMany {
		return N
	}
	return 2*(N/2) + 2
}

// longest is the number of words of the longest sequence that is met.
func (c Config) longest() int {
	most := c.Words()
	for _, p := range must(c.phases()) {
		most = max(most, c.words(p.length))
	}
	return most
}

// positions resolves auto.
func (c Config) positions() model.Positions {
	switch {
	case c.Positions != "auto":
		return model.Positions(c.Positions)
	case c.Model.Mixer.Mixer == "attention":
		return model.LearnedPositions
	}
	return model.NoPositions
}

// Validate returns every fault.
func (c Config) Validate() error {
	var f fault.List
	f.OneOf("form", c.Form, FormOne, FormMany)
	f.Check(c.Vocabulary >= 4 && c.Vocabulary <= 1<<20, "vocabulary=%d: want at least 4 (two special words, a key and a value), at most 1048576", c.Vocabulary)
	f.Check(c.Batch >= 1 && c.Batch <= 1<<20, "batch=%d: want 1 to 1048576", c.Batch)
	f.Check(c.Examples >= 0 && c.Examples <= 1<<30, "examples=%d: want at least 0 (0 draws fresh sequences), at most 1073741824", c.Examples)
	f.Check(c.Examples == 0 || len(c.Lengths) == 0, "examples=%d with lengths: growing lengths draw fresh sequences; leave one of the two out", c.Examples)
	f.Check(c.Tests >= 1, "tests=%d: want at least 1", c.Tests)
	f.OneOf("objective", c.Objective, "answer", "hidden")
	f.Check(c.Form == FormOne || c.Objective == "answer", "objective=%s: form=many asks for every value already; want answer", c.Objective)
	f.OneOf("positions", c.Positions, "auto", "learned", "sinusoidal", "none")
	f.Check(c.Hide > 0 && c.Hide < 1, "hide=%g: want above 0 and below 1", c.Hide)
	f.Check(c.Gap > 0 && c.Gap <= 100, "gap=%g: want above 0, at most 100", c.Gap)
	f.Add(c.lengthFault("length", c.Length))
	phases, err := c.phases()
	f.Add(err)
	for _, p := range phases {
		if len(c.Lengths) > 0 {
			f.Add(c.lengthFault("lengths", p.length))
		}
	}
	if err == nil {
		f.Add(c.Model.Validate(min(max(c.longest(), 1), 1<<26)))
	}
	return f.Err()
}

// lengthFault says what is wrong with a length.
func (c Config) lengthFault(key string, N int) error {
	var f fault.List
	f.Check(N >= 2 && N <= 1<<25, "%s=%d: want at least 2 (one key and its value), at most 33554432", key, N)
	if c.Form == FormMany {
		f.Check(c.Pairs >= 1 && c.Pairs <= c.Vocabulary/2-1, "pairs=%d: want 1 to %d, the keys that a vocabulary of %d has", c.Pairs, c.Vocabulary/2-1, c.Vocabulary)
		f.Check(4*c.Pairs <= N && N%2 == 0, "%s=%d with pairs=%d: want an even length of at least %d, four words a pair", key, N, c.Pairs, 4*c.Pairs)
	}
	return f.Err()
}

// must returns v; Validate has met the error before.
func must[T any](v T, _ error) T { return v }
