package report

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"

	"github.com/orchid-seq/orchid/internal/numeral"
	"github.com/orchid-seq/orchid/internal/plot"
)

// A LengthRow is a line that orchid bench lengths prints: the times of one shape;
// what is 0 was not measured.
type LengthRow struct {
	Shape     []int     `json:"shape"` // sequences, rows, channels
	Threads   int       `json:"threads"`
	Orchid    PassTimes `json:"orchid"`
	Attention PassTimes `json:"attention,omitzero"`
	// Largest resident memory of the process, of the longest pass, in MB.
	OrchidMB    int `json:"orchid_peak_rss_mb,omitempty"`
	AttentionMB int `json:"attention_peak_rss_mb,omitempty"`
}

// PassTimes are the milliseconds of forward, and of forward with backward.
type PassTimes [2]float64

// MarshalJSON gives the times their keys.
func (t PassTimes) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, `{"forward_ms":%v,"forward_backward_ms":%v}`, t[0], t[1]), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (t *PassTimes) UnmarshalJSON(text []byte) error {
	var keys struct {
		Forward number `json:"forward_ms"`
		Both    number `json:"forward_backward_ms"`
	}
	err := json.Unmarshal(text, &keys)
	t[0], t[1] = float64(keys.Forward), float64(keys.Both)
	return err
}

// readLengths reads files of orchid bench lengths --json, rows of equal shape once:
// the last one.
func readLengths(files []string) (rows []LengthRow, notes []string, err error) {
	type line struct {
		LengthRow
		Width int `json:"width"` // of a summary, which the rows say too
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, nil, err
		}
		n, some := 0, false
		for part := range bytes.Lines(text) {
			n++
			if len(bytes.TrimSpace(part)) == 0 {
				continue
			}
			var l line
			err := json.Unmarshal(part, &l)
			switch {
			case err == nil && l.Width > 0:
				continue
			case err != nil || len(l.Shape) != 3 || slices.Min(l.Shape) < 1 || l.Orchid == PassTimes{} && l.Attention == PassTimes{}:
				notes = append(notes, fmt.Sprintf("%s: line %d is not of orchid bench lengths --json; left out", file, n))
				continue
			}
			some = true
			if at := slices.IndexFunc(rows, func(r LengthRow) bool { return slices.Equal(r.Shape, l.Shape) }); at >= 0 {
				notes = append(notes, fmt.Sprintf("%s: line %d replaces an earlier row of the shape %v", file, n, l.Shape))
				rows[at] = l.LengthRow
				continue
			}
			rows = append(rows, l.LengthRow)
		}
		if !some {
			return nil, nil, fmt.Errorf("%s: no line of it is of orchid bench lengths --json", file)
		}
	}
	slices.SortStableFunc(rows, func(a, b LengthRow) int {
		return cmp.Or(a.Shape[2]-b.Shape[2], a.Shape[1]-b.Shape[1])
	})
	return rows, notes, nil
}

// RunTimes draws the times of a sequence against its length, a panel a number of
// channels. Rows come by channels, then by length.
func RunTimes(rows []LengthRow) plot.Figure {
	f := plot.Figure{Title: "Time of a sequence over its length", Y: "ms", Base: 10}
	for _, r := range rows {
		title := fmt.Sprintf("D = %d", r.Shape[2])
		if n := len(f.Panels); n == 0 || f.Panels[n-1].Title != title {
			f.Panels = append(f.Panels, plot.Panel{Title: title, X: "L, rows", Base: 2, Lines: []plot.Line{
				{Name: "Orchid, forward", Class: "orchid dashed"},
				{Name: "Orchid, forward+backward", Class: "orchid"},
				{Name: "attention, forward", Class: "attention dashed"},
				{Name: "attention, forward+backward", Class: "attention"},
			}})
		}
		p := &f.Panels[len(f.Panels)-1]
		for i, t := range []float64{r.Orchid[0], r.Orchid[1], r.Attention[0], r.Attention[1]} {
			if t > 0 {
				p.Lines[i].Points = append(p.Lines[i].Points, [2]float64{float64(r.Shape[1]), t / float64(r.Shape[0])})
			}
		}
	}
	return f
}

// runTimeGrid lists the times of a sequence.
func runTimeGrid(rows []LengthRow) Grid {
	g := Grid{
		Name: "run time", Caption: "Milliseconds a sequence of L rows and D channels", Keys: 2,
		Head: []string{"D", "L", "Orchid, forward", "attention, forward", "ratio", "Orchid, forward+backward", "attention, forward+backward", "ratio", "Orchid, MB", "attention, MB", "threads"},
	}
	for _, r := range rows {
		B := float64(r.Shape[0])
		line := []string{fmt.Sprint(r.Shape[2]), numeral.Thousands(r.Shape[1])}
		for pass := range r.Orchid {
			line = append(line, milliseconds(r.Orchid[pass]/B), milliseconds(r.Attention[pass]/B), none)
			if r.Orchid[pass] > 0 && r.Attention[pass] > 0 {
				line[len(line)-1] = fmt.Sprintf("%.2f", r.Attention[pass]/r.Orchid[pass])
			}
		}
		g.Rows = append(g.Rows, append(line, megabytes(r.OrchidMB), megabytes(r.AttentionMB), fmt.Sprint(r.Threads)))
	}
	g.dropEmpty()
	return g
}

func megabytes(mb int) string {
	if mb <= 0 {
		return none
	}
	return numeral.Thousands(mb)
}

func milliseconds(ms float64) string {
	if ms <= 0 {
		return none
	}
	return fmt.Sprintf("%.4g", ms)
}
