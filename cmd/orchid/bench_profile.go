package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/orchid-seq/orchid/autograd"
)

// An opShare is an operation's part of a profile, of one call of what is
// measured.
type opShare struct {
	Op         string  `json:"op"`
	Calls      int     `json:"calls"`
	ForwardMS  float64 `json:"forward_ms"`
	BackwardMS float64 `json:"backward_ms"`
	Share      float64 `json:"share"` // of the time from begin to end
}

// outside is the time that no operation claims: leaves, buffers, gradients
// added up.
const outside = "(between operations)"

// profile calls f n times, after one to warm up, and says where the time of a
// call goes. on hands f the profile to fill.
func profile(n int, on func(*autograd.Profile), f func()) (list []opShare, err error) {
	var p autograd.Profile
	if err := autograd.Catch(f); err != nil {
		return nil, err
	}
	on(&p)
	defer on(nil)
	start := time.Now()
	for range n {
		if err := autograd.Catch(f); err != nil {
			return nil, err
		}
	}
	total := ms(time.Since(start))
	rest := total
	for _, o := range p.Times() {
		list = append(list, opShare{o.Op, o.Calls / n, ms(o.Forward) / float64(n), ms(o.Backward) / float64(n), ms(o.Total()) / total})
		rest -= ms(o.Total())
	}
	return append(list, opShare{Op: outside, ForwardMS: rest / float64(n), Share: rest / total}), nil
}

// printProfile shows a profile as a table, indented below the line it explains.
func printProfile(list []opShare) error {
	if len(list) == 0 {
		return nil
	}
	c := columns{2, -24, 6, 11, 11, 11, 7}
	sum := opShare{Op: "all"}
	if err := c.line("", "op", "calls", "forward", "backward", "ms", "share"); err != nil {
		return err
	}
	for _, o := range list {
		sum.Calls, sum.Share = sum.Calls+o.Calls, sum.Share+o.Share
		sum.ForwardMS, sum.BackwardMS = sum.ForwardMS+o.ForwardMS, sum.BackwardMS+o.BackwardMS
	}
	for _, o := range append(list, sum) {
		calls := "-"
		if o.Calls > 0 {
			calls = strconv.Itoa(o.Calls)
		}
		err := c.line("", o.Op, calls, fixed(o.ForwardMS), fixed(o.BackwardMS), fixed(o.ForwardMS+o.BackwardMS), fmt.Sprintf("%.1f%%", 100*o.Share))
		if err != nil {
			return err
		}
	}
	return nil
}

func fixed(ms float64) string { return fmt.Sprintf("%.3f", ms) }
