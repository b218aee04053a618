package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/orchid-seq/orchid/config"
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
	Plot    string   `help:"Write a plot of the times too, as SVG." placeholder:"FILE"`
}

// Help shows examples below the flags.
func (lengthsBench) Help() string {
	return `Where Orchid passes attention (heads of 64 channels), the crossing is read off
straight lines between the logarithms of measured times. The growth is the
exponent p of time = c L^p that fits the logarithms best.

Examples:
  orchid bench lengths --plot docs/lengths.svg
  orchid bench lengths --mixers orchid --widths 32 --rows 1 --lengths 4096,16384,65536,262144,1048576`
}

// lengthSummary is what the lengths of one width say about one pass.
type lengthSummary struct {
	Width     int     `json:"width"`
	Pass      string  `json:"pass"`
	Crossing  float64 `json:"crossing,omitempty"` // length from which Orchid is faster
	Orchid    float64 `json:"orchid_exponent"`
	Attention float64 `json:"attention_exponent,omitempty"`
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
	table := columns{-16, 10, 10, 8, 10, 10, 8}
	if !c.JSON {
		fmt.Fprintf(stdout, "%s, %d threads; ms, the smallest of %d; %s\n", m.Describe(), par.Threads(), c.Repeat, p.about())
		if err := table.line("B x L x D", "forward", "attention", "faster", "fwd+bwd", "attention", "faster"); err != nil {
			return err
		}
	}
	var rows []report.LengthRow
	for _, w := range widths {
		var ofWidth []report.LengthRow
		for _, L := range lengths {
			row, err := c.measure(ctx, m, []int{max(1, c.Rows/L), L, w[0]}, &p)
			if err != nil {
				return err
			}
			ofWidth = append(ofWidth, row)
			if c.JSON {
				err = printJSON(row)
			} else {
				err = table.line(joined(row.Shape), figure(row.Orchid[0]), figure(row.Attention[0]), faster(row, 0), figure(row.Orchid[1]), figure(row.Attention[1]), faster(row, 1))
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

// measure times both mixers at one shape, one after the other.
func (c lengthsBench) measure(ctx context.Context, m mixer.Config, shape []int, p *peak) (row report.LengthRow, err error) {
	row = report.LengthRow{Shape: shape, Threads: par.Threads()}
	f := MixerFlags{BenchFlags: c.BenchFlags, Pass: c.Pass}
	one := func(m mixer.Config) (report.PassTimes, error) {
		r, err := f.measure(ctx, m, shape, p)
		return report.PassTimes{r.ForwardMS, r.BothMS}, err
	}
	if row.Orchid, err = one(m); err != nil || c.Mixers == "orchid" {
		return row, err
	}
	m.Mixer, m.Heads = "attention", headsOf64(shape[2])
	row.Attention, err = one(m)
	return row, err
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
		if rows[0].Orchid[pass] == 0 || len(rows) < 2 {
			continue
		}
		s := lengthSummary{Width: width, Pass: name}
		var lengths, orchid, attention []float64
		for _, r := range rows {
			B := float64(r.Shape[0])
			lengths = append(lengths, float64(r.Shape[1]))
			orchid, attention = append(orchid, r.Orchid[pass]/B), append(attention, r.Attention[pass]/B)
		}
		s.Orchid = exponent(lengths, orchid)
		text := fmt.Sprintf("D = %d, %s: time of a sequence grows with L^%.2f", width, name, s.Orchid)
		if c.Mixers == "both" {
			s.Attention = exponent(lengths, attention)
			s.Crossing = crossing(lengths, orchid, attention)
			text += fmt.Sprintf(", attention's with L^%.2f; %s", s.Attention, crossingText(s.Crossing, lengths))
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

// exponent is the slope of the straight line that fits log y over log x best.
func exponent(x, y []float64) float64 {
	var mx, my, xy, xx float64
	for i := range x {
		mx, my = mx+math.Log(x[i])/float64(len(x)), my+math.Log(y[i])/float64(len(x))
	}
	for i := range x {
		dx := math.Log(x[i]) - mx
		xy, xx = xy+dx*(math.Log(y[i])-my), xx+dx*dx
	}
	return xy / xx
}

// crossing returns the length from which a stays below b: 0 where a is not
// below b at the last length, the first length where it is below everywhere.
func crossing(lengths, a, b []float64) float64 {
	above := func(i int) float64 { return math.Log(a[i] / b[i]) }
	i := len(lengths) - 1
	if !(above(i) < 0) {
		return 0
	}
	for ; i > 0; i-- {
		if before := above(i - 1); before >= 0 {
			share := before / (before - above(i))
			return lengths[i-1] * math.Pow(lengths[i]/lengths[i-1], share)
		}
	}
	return lengths[0]
}

func crossingText(at float64, lengths []float64) string {
	switch at {
	case 0:
		return fmt.Sprintf("Orchid does not pass attention up to L = %.0f", lengths[len(lengths)-1])
	case lengths[0]:
		return fmt.Sprintf("Orchid is faster from L = %.0f on, the shortest measured", at)
	}
	return fmt.Sprintf("Orchid passes attention at L = %.0f", at)
}
