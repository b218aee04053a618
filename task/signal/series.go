package signal

import (
	"context"
	"fmt"

	"github.com/orchid-seq/orchid/data/series"
	"github.com/orchid-seq/orchid/data/text"
	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/task"
)

// SeriesConfig is the classification of time series, with its model.
type SeriesConfig struct {
	// Data is a folder with NAME_TRAIN and NAME_TEST (.ts or .csv), or the file of the
	// training series; EvalData is the file of the test series, or a folder with
	// NAME_TEST, if it is another one.
	Data     string `yaml:"data"`
	EvalData string `yaml:"eval-data"`
	// ChannelNames are those of the training series, by which the columns of other
	// files are told apart; New takes them from the data. Files of the form .ts have
	// none: there the order counts.
	ChannelNames []string `yaml:"channel-names"`

	Series series.Options `yaml:",inline"`
	Fit    FitConfig      `yaml:",inline"`
}

// DefaultSeries is a small model of time series, a step a row.
func DefaultSeries() SeriesConfig {
	return SeriesConfig{Series: series.Default(), Fit: DefaultFit()}
}

// Validate returns every fault that can be seen without the data.
func (c SeriesConfig) Validate() error {
	var f fault.List
	f.Check(c.Data != "", "data: name a folder or file of time series, as in data=path/to/NAME_TRAIN.ts")
	f.Add(c.Series.Validate())
	f.Add(c.Fit.Validate())
	return f.Err()
}

// NewSeries builds a model for time series and draws its weights. What c does not
// say of them is completed from the data.
func NewSeries(ctx context.Context, c *SeriesConfig, seed uint64, env task.Env) (*Task, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return newTask(ctx, &c.Fit, &timeSeries{c: c, env: env}, seed, env)
}

// timeSeries is the source of series in files.
type timeSeries struct {
	c     *SeriesConfig
	env   task.Env
	parts *Parts
}

// Open implements Source.
func (s *timeSeries) Open(ctx context.Context, classes []string, report func(done, total int)) (*Parts, error) {
	if s.parts != nil {
		return s.parts, nil
	}
	train, test, err := s.find(classes != nil)
	if err != nil {
		return nil, err
	}
	p := &Parts{Classes: classes, Sets: map[string]Set{}}
	for i, part := range []struct{ name, path string }{{"train", train}, {"test", test}} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if part.path == "" {
			continue
		}
		f, err := series.Read(part.path, s.c.Series)
		if part.path == s.c.EvalData {
			err = absent("eval-data", part.path, "file of the test series", err)
		}
		if err != nil {
			return nil, err
		}
		if len(s.c.ChannelNames) == 0 && part.name == "train" {
			s.c.ChannelNames = f.Names
		}
		if err := f.Arrange(s.c.ChannelNames); err != nil {
			return nil, err
		}
		if p.Classes == nil {
			p.Classes = f.Seen()
		}
		if p.Channels == 0 {
			p.Channels = f.Channels
		}
		if f.Channels != p.Channels {
			return nil, fmt.Errorf("%s: %d channels where %s has %d", part.path, f.Channels, train, p.Channels)
		}
		if p.Sets[part.name], err = s.c.Series.Label(f, p.Classes, s.env.Say); err != nil {
			return nil, err
		}
		report(i+1, 2)
	}
	s.parts = p
	return p, nil
}

// find names the files. A model that knows its classes does without the training
// file, as where only the test data has been moved here.
func (s *timeSeries) find(known bool) (train, test string, err error) {
	train, test, err = series.Find(s.c.Data, s.c.EvalData)
	if err != nil && known && s.c.EvalData != "" {
		test, err = series.FindTest(s.c.EvalData)
		return "", test, err
	}
	if err == nil {
		err = s.env.Apart(text.Common([]string{train}, []string{test}), "eval-data")
	}
	return train, test, absent("data", s.c.Data, "folder or file of the series", err)
}

// Endings implements Source.
func (s *timeSeries) Endings() []string { return []string{".ts", ".csv"} }

// Read implements Source: all series of a file, labels and all.
func (s *timeSeries) Read(path string) (sequences [][]float32, names []string, err error) {
	f, err := series.Read(path, s.c.Series)
	if err != nil {
		return nil, nil, err
	}
	if err := f.Arrange(s.c.ChannelNames); err != nil {
		return nil, nil, err
	}
	if c := s.c.Fit.Channels; c > 0 && f.Channels != c {
		return nil, nil, fmt.Errorf("%s: %d channels where the model has %d", path, f.Channels, c)
	}
	for _, x := range f.Series {
		sequences, names = append(sequences, x.Values), append(names, fmt.Sprintf("%s:%d", path, x.Line))
	}
	return sequences, names, nil
}

// Splits implements Source.
func (s *timeSeries) Splits() []string { return []string{"test", "train"} }

// Where implements Source.
func (s *timeSeries) Where() string { return s.c.Data }

// Describe implements Source.
func (s *timeSeries) Describe() string { return "classification of time series: " + s.c.Data }
