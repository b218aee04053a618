// Package fault collects what is wrong with a configuration, so that all of it
// is reported together, a sentence a fault.
package fault

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A List is the faults found so far; its zero value is empty.
type List struct{ errs []error }

// Check adds a sentence unless ok.
func (l *List) Check(ok bool, format string, args ...any) {
	if !ok {
		l.errs = append(l.errs, fmt.Errorf(format, args...))
	}
}

// OneOf adds a sentence unless the value of a key is among the choices.
func (l *List) OneOf(key, value string, choices ...string) {
	l.Check(slices.Contains(choices, value), "%s=%s: want one of %s", key, value, strings.Join(choices, ", "))
}

// Add adds an error, if there is one.
func (l *List) Add(err error) {
	if err != nil {
		l.errs = append(l.errs, err)
	}
}

// Err returns all faults as one error, nil if there are none.
func (l *List) Err() error { return errors.Join(l.errs...) }
