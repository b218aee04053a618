package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/orchid-seq/orchid/config"
	"github.com/orchid-seq/orchid/internal/numeral"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/mixer"
	"github.com/orchid-seq/orchid/report"
)

type lengthsBench struct {
	BenchFlags
	Options []string `arg:"" optional:"" name:"key=value" help:"Options of the operator, as in transform=dft."`
	Lengths string   `help:"Lengths of a sequence, rising." default:"64,128,256,512,1024,2048,4096,8192"`
	Widths  string   `help:"Channels." default:"256,768"`
	Rows    int      `help:"Rows of a batch: as many sequences as fit, at least one." default:"8192"`
	Mixers  string   `help:"orchid, or both for attention beside it." enum:"orchid,both" default:"both"`
	Pass    string   `help:"forward, or both for forward and forward+backward." enum:"forward,both" default:"both"`
	Seconds float64  `help:"Leave out the lengths of a mixer from which on a pass would take longer; 0 for none." default:"0" placeholder:"S"`
	GB      float64  `name:"gb" help:"Leave out the lengths of a mixer that would take more memory; 0 for none." default:"0" placeholder:"GB"`
	Plot    string   `help:"Write a plot of the times too, as SVG." placeholder:"FILE"`
}

// Help shows examples below the flags.
func (lengthsBench) Help() string {
	return `Where Orchid passes attention (heads of 64 channels), the crossing is read off
straight lines between the logarithms of measured times. The growth is the
exponent p of time = c L^p that fits the logarithms best. With --seconds or --gb a
mixer ends before the length that would pass them, if time and memory grew no
faster than the length.

Examples:
  orchid bench lengths --plot docs/lengths.svg
  orchid bench lengths --rows 1 --lengths 128,1024,8192,65536,524288 --seconds 60 --gb 16 --json > lengths.jsonl
  orchid bench lengths --mixers orchid --widths 32 --rows 1 --lengths 4096,16384,65536,262144,1048576`
}

// lengthSummary is what the lengths of one width say about one pass.
type lengthSummary struct {
	Width     int     `json:"width"`
	Pass      string  `json:"pass"`
	Crossing  float64 `json:"crossing,omitempty"` // length from which Orchid is faster
	Orchid    float64 `json:"orchid_exponent"`
	Attention float64 `json:"attention_exponent,omitempty"`
	// The longest lengths within the limits, where they differ.
	Longest          float64 `json:"orchid_longest,omitempty"`
	LongestAttention float64 `json:"attention_longest,omitempty"`
}

// Run measures.
func (c lengthsBench) Run(ctx context.Context) error {
	m := mixer.Default()
	keys, err := config.Override(config.Settings(&m), c.Options)
	if err != nil {
		return usageError{err}
	}
	if slices.Contains(keys, "mixer") {
		return usageError{fmt.Errorf("mixer=%s: this compares Orchid with attention; leave it out", m.Mixer)}
	}
	lengths, err := c.rising()
	if err != nil {
		return err
	}
	widths, err := sizes("widths", "D", c.Widths)
	if err != nil {
		return err
	}
	if c.Rows < 1 || c.Rows > 1<<26 {
		return usageError{fmt.Errorf("--rows=%d: want 1 to %d", c.Rows, 1<<26)}
	}
	for _, w := range widths {
		for _, L := range lengths {
			if err := m.Validate(w[0], L); err != nil {
				return usageError{err}
			}
		}
	}
	if dir := filepath.Dir(c.Plot); c.Plot != "" {
		if _, err := os.Stat(dir); err != nil { // before minutes of measuring
			return fmt.Errorf("--plot=%s: %w", c.Plot, err)
		}
	}
	var p peak
	table := columns{-16, 10, 10, 8, 10, 10, 8, 8, 10}
	if !c.JSON {
		fmt.Fprintf(stdout, "%s, %d threads; ms, the smallest of %d; %s\n", m.Describe(), par.Threads(), c.Repeat, p.about())
		if err := table.line("B x L x D", "forward", "attention", "faster", "fwd+bwd", "attention", "faster", "MB", "attention"); err != nil {
			return err
		}
	}
	var rows []report.LengthRow
	for _, w := range widths {
		var ofWidth []report.LengthRow
		for _, L := range lengths {
			row, err := c.measure(ctx, m, []int{max(1, c.Rows/L), L, w[0]}, &p, ofWidth)
			if err != nil {
				return err
			}
			if row.Orchid == (report.PassTimes{}) && row.Attention == (report.PassTimes{}) {
				break // neither fits
			}
			ofWidth = append(ofWidth, row)
			if c.JSON {
				err = printJSON(row)
			} else {
				err = table.line(joined(row.Shape), figure(row.Orchid[0]), figure(row.Attention[0]), faster(row, 0), figure(row.Orchid[1]), figure(row.Attention[1]), faster(row, 1), megabytes(row.OrchidMB), megabytes(row.AttentionMB))
			}
			if err != nil {
				return err
			}
		}
		if err := c.summarise(w[0], ofWidth); err != nil {
			return err
		}
		rows = append(rows, ofWidth...)
	}
	if c.Plot == "" {
		return nil
	}
	return os.WriteFile(c.Plot, report.RunTimes(rows).SVG(), 0o644)
}

// rising reads the lengths.
func (c lengthsBench) rising() (lengths []int, err error) {
	list, err := sizes("lengths", "L", c.Lengths)
	for i, s := range list {
		if i > 0 && s[0] <= lengths[i-1] {
			return nil, usageError{fmt.Errorf("--lengths: %d follows %d: want rising lengths", s[0], lengths[i-1])}
		}
		lengths = append(lengths, s[0])
	}
	return lengths, err
}

// measure times both mixers at one shape, one after the other, unless what
// shorter sequences took says that one would pass the limits.
func (c lengthsBench) measure(ctx context.Context, m mixer.Config, shape []int, p *peak, before []report.LengthRow) (row report.LengthRow, err error) {
	row = report.LengthRow{Shape: shape, Threads: par.Threads()}
	var last report.LengthRow
	grown := 1.0 // rows, since the last length
	if n := len(before); n > 0 {
		last = before[n-1]
		grown = float64(shape[0]*shape[1]) / float64(last.Shape[0]*last.Shape[1])
	}
	one := func(m mixer.Config, was report.PassTimes, wasMB int) (times report.PassTimes, mb int, err error) {
		seconds := max(was[0], was[1]) / 1e3 * grown
		gb := float64(wasMB) / 1e3 * grown
		if len(before) > 0 && (was == report.PassTimes{} || c.Seconds > 0 && seconds > c.Seconds || c.GB > 0 && gb > c.GB) {
			return times, 0, nil
		}
		f := MixerFlags{BenchFlags: c.BenchFlags, Pass: c.Pass}
		if seconds > slow {
			f.Repeat = 1
		}
		r, err := f.measure(ctx, m, shape, p)
		return report.PassTimes{r.ForwardMS, r.BothMS}, r.PeakRSSMB, err
	}
	if row.Orchid, row.OrchidMB, err = one(m, last.Orchid, last.OrchidMB); err != nil || c.Mixers == "orchid" {
		return row, err
	}
	m.Mixer, m.Heads = "attention", headsOf64(shape[2])
	row.Attention, row.AttentionMB, err = one(m, last.Attention, last.AttentionMB)
	return row, err
}

// slow is how many seconds a pass takes from which on one measurement is enough.
const slow = 5

// megabytes shows a memory, and a dash for none.
func megabytes(mb int) string {
	if mb == 0 {
		return "-"
	}
	return numeral.Thousands(mb)
}

// faster says how many times faster Orchid is.
func faster(row report.LengthRow, pass int) string {
	if row.Orchid[pass] == 0 || row.Attention[pass] == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2fx", row.Attention[pass]/row.Orchid[pass])
}

// passes names the times of report.PassTimes.
var passes = [2]string{"forward", "forward+backward"}

// summarise prints where the mixers cross and how they grow.
func (c lengthsBench) summarise(width int, rows []report.LengthRow) error {
	for pass, name := range passes {
		s := lengthSummary{Width: width, Pass: name}
		var lengths, orchid, attention []float64
		for _, r := range rows {
			B := float64(r.Shape[0])
			lengths = append(lengths, float64(r.Shape[1]))
			if r.Orchid[pass] > 0 {
				orchid = append(orchid, r.Orchid[pass]/B)
			}
			if r.Attention[pass] > 0 {
				attention = append(attention, r.Attention[pass]/B)
			}
		}
		if len(orchid) < 2 {
			continue // no slope
		}
		s.Orchid = exponent(lengths[:len(orchid)], orchid)
		text := fmt.Sprintf("D = %d, %s: time of a sequence grows with L^%.2f", width, name, s.Orchid)
		if both := min(len(orchid), len(attention)); both > 1 {
			s.Attention = exponent(lengths[:len(attention)], attention)
			s.Crossing = crossing(lengths[:both], orchid[:both], attention[:both])
			text += fmt.Sprintf(", attention's with L^%.2f; %s", s.Attention, crossingText(s.Crossing, lengths[:both]))
		}
		if len(orchid) != len(attention) && len(attention) > 0 {
			s.Longest, s.LongestAttention = lengths[len(orchid)-1], lengths[len(attention)-1]
			text += fmt.Sprintf("; the longest within the limits: %.0f, attention %.0f", s.Longest, s.LongestAttention)
		}
		if c.JSON {
			if err := printJSON(s); err != nil {
				return err
			}
			continue
		}
		if _, err := fmt.Fprintln(stdout, text); err != nil {
			return err
		}
	}
	return nil
}
