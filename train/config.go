// Package train fits a model: the loop in straight lines, and what is done
// around it as hooks.
package train

import (
	"fmt"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/optim"
)

// Config is how a run is trained. Rates and decays of groups follow the main
// ones where they are negative.
type Config struct {
	Seed       uint64  `yaml:"seed"`
	Steps      int     `yaml:"steps"`      // optimizer steps
	Epochs     float64 `yaml:"epochs"`     // in place of steps, where a task has a training set
	Accumulate int     `yaml:"accumulate"` // batches averaged into one step

	LR       float64 `yaml:"lr"`
	Beta1    float64 `yaml:"beta1"`
	Beta2    float64 `yaml:"beta2"`
	Eps      float64 `yaml:"eps"`
	Decay    float64 `yaml:"decay"`    // weight decay; never on biases and norms
	Warmup   float64 `yaml:"warmup"`   // share of the steps
	Schedule string  `yaml:"schedule"` // cosine, linear or constant, after the warm-up
	FinalLR  float64 `yaml:"final-lr"` // share of lr at the end
	Clip     float64 `yaml:"clip"`     // largest norm of the gradient; 0 for none
	EMA      float64 `yaml:"ema"`      // decay of an average of the weights, which is then the result; 0 for none

	FilterLR         float64 `yaml:"filter-lr"` // of static kernels
	FilterDecay      float64 `yaml:"filter-decay"`
	ConditionerLR    float64 `yaml:"conditioner-lr"`
	ConditionerDecay float64 `yaml:"conditioner-decay"`
	PositionLR       float64 `yaml:"position-lr"` // of positional features, never decayed

	EvalEvery       int    `yaml:"eval-every"` // steps; 0: only at the end
	EvalSplit       string `yaml:"eval-split"`
	CheckpointEvery int    `yaml:"checkpoint-every"` // steps
	LogEvery        int    `yaml:"log-every"`        // steps
}

// Default returns settings that fit most tasks here.
func Default() Config {
	return Config{
		Seed: 1, Steps: 1000, Accumulate: 1,
		LR: 1e-3, Beta1: 0.9, Beta2: 0.98, Eps: 1e-8, Decay: 0.01,
		Warmup: 0.05, Schedule: "cosine", Clip: 1,
		FilterLR: -1, FilterDecay: 0, ConditionerLR: -1, ConditionerDecay: -1, PositionLR: 1e-5,
		EvalEvery: 500, EvalSplit: "test", CheckpointEvery: 500, LogEvery: 50,
	}
}

// most bounds steps and epochs, so that their products stay whole numbers.
const most = 1_000_000_000

// Check returns every fault, those that show only beside the task included.
func (c Config) Check(task Task) error {
	var f fault.List
	f.Add(c.Validate())
	_, err := c.StepsOf(task.StepsPerEpoch())
	f.Add(err)
	splits := task.Splits()
	f.Check(slices.Contains(splits, c.EvalSplit), "eval-split=%s: the task has: %s", c.EvalSplit, strings.Join(splits, ", "))
	return f.Err()
}

// Validate returns every fault that shows without a task.
func (c Config) Validate() error {
	var f fault.List
	f.Check(c.Steps >= 0 && c.Steps <= most, "steps=%d: want 1 to %d", c.Steps, most)
	f.Check(c.Epochs >= 0 && c.Epochs <= most, "epochs=%g: want 0 to %d", c.Epochs, most)
	f.Check(c.Steps > 0 || c.Epochs > 0, "steps=0 and epochs=0: want one of them")
	f.Check(c.Steps == 0 || c.Epochs == 0, "steps=%d and epochs=%g: want one of them, the other 0", c.Steps, c.Epochs)
	f.Check(c.Accumulate >= 1 && c.Accumulate <= 1<<20, "accumulate=%d: want 1 to 1048576", c.Accumulate)
	f.Check(c.LR > 0, "lr=%g: want above 0", c.LR)
	f.Check(c.Beta1 >= 0 && c.Beta1 < 1, "beta1=%g: want at least 0 and below 1", c.Beta1)
	f.Check(c.Beta2 >= 0 && c.Beta2 < 1, "beta2=%g: want at least 0 and below 1", c.Beta2)
	f.Check(c.Eps > 0, "eps=%g: want above 0", c.Eps)
	f.Check(c.Decay >= 0, "decay=%g: want at least 0", c.Decay)
	f.Check(c.Warmup >= 0 && c.Warmup < 1, "warmup=%g: want at least 0 and below 1, a share of the steps", c.Warmup)
	f.Check(c.FinalLR >= 0 && c.FinalLR <= 1, "final-lr=%g: want from 0 to 1, a share of lr", c.FinalLR)
	f.OneOf("schedule", c.Schedule, "cosine", "linear", "constant")
	f.Check(c.Clip >= 0, "clip=%g: want at least 0", c.Clip)
	f.Check(c.EMA >= 0 && c.EMA < 1, "ema=%g: want at least 0 and below 1", c.EMA)
	f.Check(c.EvalEvery >= 0, "eval-every=%d: want at least 0", c.EvalEvery)
	f.Check(c.CheckpointEvery >= 1, "checkpoint-every=%d: want at least 1", c.CheckpointEvery)
	f.Check(c.LogEvery >= 1, "log-every=%d: want at least 1", c.LogEvery)
	return f.Err()
}

// StepsOf returns how many steps a run has for a task of so many batches an epoch, 0
// for one that has no epochs; it fails where the settings want some.
func (c Config) StepsOf(perEpoch int) (int, error) {
	if c.Epochs == 0 {
		return c.Steps, nil
	}
	if perEpoch == 0 {
		return 0, fmt.Errorf("epochs=%g: this task draws fresh examples and has no epochs; set steps", c.Epochs)
	}
	n := c.Epochs * float64(perEpoch) / float64(c.Accumulate)
	if n > most {
		return 0, fmt.Errorf("epochs=%g: %g steps are more than %d", c.Epochs, n, most)
	}
	return max(1, int(n)), nil
}

// settings gives each group its rate and decay.
func (c Config) settings() map[autograd.Group]optim.Setting {
	or := func(v, main float64) float64 {
		if v < 0 {
			return main
		}
		return v
	}
	return map[autograd.Group]optim.Setting{
		autograd.Main:        {Rate: c.LR, Decay: c.Decay},
		autograd.Filter:      {Rate: or(c.FilterLR, c.LR), Decay: or(c.FilterDecay, c.Decay)},
		autograd.Conditioner: {Rate: or(c.ConditionerLR, c.LR), Decay: or(c.ConditionerDecay, c.Decay)},
		autograd.Positions:   {Rate: or(c.PositionLR, c.LR)},
	}
}
