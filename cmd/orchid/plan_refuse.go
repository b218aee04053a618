package main

import (
	"errors"
	"fmt"

	"github.com/orchid-seq/orchid"
	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/plan"
	"github.com/orchid-seq/orchid/task"
)

// buildable refuses a training whose weights alone do not fit, before they are drawn.
func (c trainCmd) buildable(e *experiment.Experiment) error {
	return within(c.Force, func(available int64) error { return plan.Buildable(e, available) })
}

// fits refuses a training that needs more memory than there is.
func (c trainCmd) fits(e *experiment.Experiment, t task.Task) error {
	return within(c.Force, func(available int64) error {
		return plan.Subject{Experiment: e, Task: t, Prepared: true}.Refuse(available)
	})
}

// fits refuses a model whose longest text needs more memory than there is.
func (c serveCmd) fits(m *orchid.Model) error {
	longest := min(c.MaxTokens, c.MaxRequestTokens)
	if n := m.Info().MaxTokens; n > 0 {
		longest = min(longest, n)
	}
	return within(c.Force, func(available int64) error {
		err := m.Fits(longest, available)
		if large := (*plan.TooLargeError)(nil); errors.As(err, &large) && large.Fits > 0 {
			large.Change = []string{fmt.Sprintf("--max-tokens %d at most", large.Fits)}
		}
		return err
	})
}

// within asks whether something fits, unless --force says not to, or this system does
// not tell how much memory there is.
func within(force bool, refuse func(available int64) error) error {
	available, known := plan.Available()
	if force || !known {
		return nil
	}
	err := refuse(available)
	if large := (*plan.TooLargeError)(nil); errors.As(err, &large) {
		return fmt.Errorf("too large for this machine: %w; or insist by --force", err)
	}
	return err
}
