package signal

import (
	"context"
	"fmt"

	"github.com/orchid-seq/orchid/data/sound"
	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/task"
)

// SpeechConfig is the classification of recordings, with its model.
type SpeechConfig struct {
	Data  string        `yaml:"data"` // folder; see sound.Reading.Open for its forms
	Sound sound.Options `yaml:",inline"`
	// Recordings says how those of the training were divided, if they are one folder
	// without parts; New takes it from the data. See sound.Data.
	Recordings string `yaml:"recordings"`

	Fit FitConfig `yaml:",inline"`
}

// DefaultSpeech is a small model of raw sound, 8 samples a row.
func DefaultSpeech() SpeechConfig {
	c := SpeechConfig{Sound: sound.Default(), Fit: DefaultFit()}
	c.Fit.Signal.Stride = 8
	return c
}

// Validate returns every fault that can be seen without the data.
func (c SpeechConfig) Validate() error {
	var f fault.List
	f.Check(c.Data != "", "data: name the folder of the recordings, as in data=path/to/fsdd")
	f.Add(c.Sound.Validate())
	f.Check(c.Fit.Channels <= 1, "channels=%d: sound is read as one channel, the mean of all", c.Fit.Channels)
	f.Add(c.Fit.Validate())
	return f.Err()
}

// NewSpeech builds a model for recordings and draws its weights. What c does not
// say of them is completed from the data.
func NewSpeech(ctx context.Context, c *SpeechConfig, seed uint64, env task.Env) (*Task, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return newTask(ctx, &c.Fit, &speech{c: c, env: env}, seed, env)
}

// speech is the source of recordings in files.
type speech struct {
	c     *SpeechConfig
	env   task.Env
	parts *Parts
}

// Open implements Source. The rate of the files becomes that of the model.
func (s *speech) Open(ctx context.Context, classes []string, report func(done, total int)) (*Parts, error) {
	if s.parts != nil {
		return s.parts, nil
	}
	r := sound.Reading{Options: s.c.Sound, Classes: classes, Model: s.env.Folder != "", Trained: s.c.Recordings, Note: s.env.Say, Report: report}
	d, err := r.Open(ctx, s.c.Data)
	if err != nil {
		return nil, absent("data", s.c.Data, "folder of the recordings", err)
	}
	s.c.Sound.Rate = d.Rate
	if !r.Model {
		s.c.Recordings = d.Recordings
	}
	s.parts = &Parts{Classes: d.Classes, Channels: 1, Sets: map[string]Set{}}
	for name, set := range d.Parts {
		s.parts.Sets[name] = set
	}
	return s.parts, nil
}

// Endings implements Source.
func (s *speech) Endings() []string { return []string{".wav"} }

// mostSamples bounds what a small file with a low rate may become: four hours at
// 8,000 samples a second.
const mostSamples = 1 << 27

// Read implements Source: a WAV file at the model's rate.
func (s *speech) Read(path string) ([][]float32, []string, error) {
	x, h, err := sound.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	r, err := sound.NewResampler(h.Rate, max(s.c.Sound.Rate, 1))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	n := r.Len(len(x))
	if n > mostSamples {
		return nil, nil, fmt.Errorf("%s: %d samples at %d a second become %d at the model's %d, of which at most %d are read", path, len(x), h.Rate, n, s.c.Sound.Rate, mostSamples)
	}
	y := make([]float32, n)
	r.Apply(y, x)
	return [][]float32{y}, []string{path}, nil
}

// Splits implements Source.
func (s *speech) Splits() []string { return []string{"test", "validation", "train"} }

// Where implements Source.
func (s *speech) Where() string { return s.c.Data }

// Describe implements Source.
func (s *speech) Describe() string {
	text := "classification of sound: " + s.c.Data
	if s.c.Sound.Rate > 0 {
		text += fmt.Sprintf(", %d samples a second", s.c.Sound.Rate)
	}
	return text
}
