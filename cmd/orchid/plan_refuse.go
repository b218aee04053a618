package main

import (
	"errors"
	"fmt"

	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/plan"
	"github.com/orchid-seq/orchid/task"
)

// buildable refuses a training whose weights alone do not fit, before they are drawn.
func (c trainCmd) buildable(e *experiment.Experiment) error {
	return c.within(func(available int64) error { return plan.Buildable(e, available) })
}

// fits refuses a training that needs more memory than there is.
func (c trainCmd) fits(e *experiment.Experiment, t task.Task) error {
	return c.within(func(available int64) error {
		return plan.Subject{Experiment: e, Task: t, Prepared: true}.Refuse(available)
	})
}

// within asks whether something fits, unless --force says not to, or this system does
// not tell how much memory there is.
func (c trainCmd) within(refuse func(available int64) error) error {
	available, known := plan.Available()
	if c.Force || !known {
		return nil
	}
	err := refuse(available)
	if large := (*plan.TooLargeError)(nil); errors.As(err, &large) {
		return fmt.Errorf("too large for this machine: %w; or insist by --force", err)
	}
	return err
}
