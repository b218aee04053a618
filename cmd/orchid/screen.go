package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/orchid-seq/orchid/internal/numeral"
	"github.com/orchid-seq/orchid/train"
)

// A screen shows people how a long command goes: a bar on a terminal, a line now
// and then elsewhere.
type screen struct {
	quiet    bool
	terminal bool
	out      io.Writer
	every    time.Duration // between lines elsewhere
	score    string        // what the evaluations' score is, as sentence takes it
	bars     *mpb.Progress // nil while there is no bar
	bar      *mpb.Bar      // of the steps
	count    count

	mu       sync.Mutex // the bar draws what follows from its own goroutine
	last     train.Progress
	evaluate string // how far an evaluation is, empty if none is going on
	tokens   int    // trained on by this process, but for its first step, which is not timed
	marks    []mark // of the last minute, for the rate: later steps may be longer
	printed  time.Time
}

// A mark is how far a training was at some time.
type mark struct {
	at           time.Time
	step, tokens int
}

// Marks are so far apart, and the oldest that is looked at is so old.
const (
	markEvery = 5 * time.Second
	markAge   = time.Minute
)

// mark remembers how far the training is.
func (s *screen) mark(m mark) {
	if n := len(s.marks); n > 0 && m.at.Sub(s.marks[n-1].at) < markEvery {
		return
	}
	s.marks = append(s.marks, m)
	for len(s.marks) > 1 && m.at.Sub(s.marks[1].at) >= markAge {
		s.marks = s.marks[1:]
	}
}

// count is how much of something was done when it was last told.
type count struct {
	bar         *mpb.Bar
	label       string
	done, total int
	printed     time.Time
}

// newScreen returns one on standard error.
func newScreen(quiet bool) *screen {
	info, err := os.Stderr.Stat()
	return screenOn(os.Stderr, err == nil && info.Mode()&os.ModeCharDevice != 0, quiet)
}

func screenOn(out io.Writer, terminal, quiet bool) *screen {
	return &screen{quiet: quiet, terminal: terminal, out: out, every: 10 * time.Second}
}

// addBar shows one more bar; a set of bars that was closed cannot be used again.
func (s *screen) addBar(total int, options ...mpb.BarOption) *mpb.Bar {
	if s.bars == nil {
		s.bars = mpb.New(mpb.WithOutput(s.out), mpb.WithAutoRefresh(), mpb.WithWidth(100), mpb.WithRefreshRate(200*time.Millisecond))
	}
	return s.bars.AddBar(int64(total), options...)
}

// line prints a line above the bars, unless people want none.
func (s *screen) line(format string, args ...any) {
	if !s.quiet {
		s.say(fmt.Sprintf(format, args...))
	}
}

// say prints what people have to know.
func (s *screen) say(text string) {
	if s.bars != nil {
		if _, err := io.WriteString(s.bars, text+"\n"); err == nil {
			return
		}
	}
	io.WriteString(s.out, text+"\n")
}

// observer feeds the screen from a training run.
func (s *screen) observer() train.Observer {
	return train.Observer{
		Step: s.step,
		Evaluating: func(done, total int) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.evaluate = fmt.Sprintf("evaluating %s/%s", numeral.Thousands(done), numeral.Thousands(total))
			if !s.terminal && time.Since(s.printed) >= s.every {
				s.printed = time.Now()
				s.line("%s", s.evaluate)
			}
		},
		Evaluated: func(step int, split string, m map[string]float64) {
			s.mu.Lock()
			s.evaluate, s.marks = "", nil // its time is none of the steps'
			s.mu.Unlock()
			s.line("step %s  %s %s", numeral.Thousands(step), split, sentence(m, s.score))
		},
		Note: func(text string) { s.say("orchid: " + text) },
	}
}

func (s *screen) step(p train.Progress) {
	if s.quiet {
		return
	}
	s.mu.Lock()
	now := time.Now()
	if s.marks != nil {
		s.tokens += p.Tokens
	}
	if s.printed.IsZero() {
		s.printed = now
	}
	s.last = p
	s.mark(mark{now, p.Step, s.tokens})
	s.mu.Unlock()
	switch {
	case s.terminal:
		if s.bar == nil {
			// A bar of unknown length is not complete at its end: the last
			// evaluation still has to come.
			s.bar = s.addBar(0, mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return s.status() })))
		}
		s.bar.SetTotal(int64(p.Steps), false)
		s.bar.SetCurrent(int64(p.Step))
	case time.Since(s.printed) >= s.every:
		s.printed = time.Now()
		s.line("%s", s.status())
	}
}

// status is one line about the present step.
func (s *screen) status() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.evaluate != "" {
		return s.evaluate + " "
	}
	p := s.last
	text := fmt.Sprintf("step %s/%s  loss %.4f  lr %.2g  ", numeral.Thousands(p.Step), numeral.Thousands(p.Steps), p.Loss, p.Rate)
	if len(s.marks) == 0 || p.Step == s.marks[0].step {
		return text // no step has been timed
	}
	from := s.marks[0]
	spent := time.Since(from.at)
	left := time.Duration(float64(spent) / float64(p.Step-from.step) * float64(p.Steps-p.Step))
	rate := int(float64(s.tokens-from.tokens) / max(spent.Seconds(), 1e-9))
	return text + fmt.Sprintf("%s tokens/s  %s left ", numeral.Thousands(rate), left.Round(time.Second))
}

// close takes the bars away. Others may come.
func (s *screen) close() {
	if s.bars == nil {
		return
	}
	s.dropCount()
	if s.bar != nil {
		s.bar.Abort(false)
	}
	s.bars.Wait()
	s.bars, s.bar = nil, nil
}

// counter returns a function that shows how much of something is done. Where the
// total changes, or less is done than before, something else has begun.
func (s *screen) counter(label string) func(done, total int) {
	return func(done, total int) {
		if s.quiet || total < 1 {
			return
		}
		c := &s.count
		if c.label != label || c.total != total || done < c.done {
			s.dropCount()
			*c = count{label: label, total: total, printed: time.Now()}
		}
		c.done = done
		switch {
		case s.terminal:
			if c.bar == nil {
				c.bar = s.addBar(total, mpb.BarRemoveOnComplete(), mpb.PrependDecorators(decor.Name(label+" "), decor.Percentage()), mpb.AppendDecorators(decor.AverageETA(decor.ET_STYLE_GO)))
			}
			c.bar.SetCurrent(int64(done))
		case time.Since(c.printed) >= s.every:
			c.printed = time.Now()
			s.line("%s: %.0f %%", label, 100*float64(done)/float64(total))
		}
	}
}

func (s *screen) dropCount() {
	if s.count.bar != nil {
		s.count.bar.Abort(true)
	}
	s.count = count{}
}
