package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/orchid-seq/orchid/train"
)

// A screen shows people how a long command goes, on standard error: a bar on a
// terminal, a line now and then elsewhere.
type screen struct {
	quiet    bool
	terminal bool
	bars     *mpb.Progress
	bar      *mpb.Bar

	mu       sync.Mutex // the bar draws what follows from its own goroutine
	last     train.Progress
	evaluate string    // how far an evaluation is, empty if none is going on
	started  time.Time // of this process, for the rate
	first    int       // steps done before it
	tokens   int       // trained on since
	printed  time.Time
}

func newScreen(quiet bool) *screen {
	info, err := os.Stderr.Stat()
	s := &screen{quiet: quiet, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0, first: -1}
	if s.terminal && !quiet {
		s.bars = mpb.New(mpb.WithOutput(os.Stderr), mpb.WithWidth(100), mpb.WithRefreshRate(200*time.Millisecond))
	}
	return s
}

// line prints a line above the bar.
func (s *screen) line(format string, args ...any) {
	if s.quiet {
		return
	}
	text := fmt.Sprintf(format+"\n", args...)
	if s.bar != nil {
		if _, err := io.WriteString(s.bars, text); err == nil {
			return
		}
	}
	io.WriteString(os.Stderr, text)
}

// observer feeds the screen from a training run.
func (s *screen) observer() train.Observer {
	return train.Observer{
		Step: s.step,
		Evaluating: func(done, total int) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.evaluate = fmt.Sprintf("evaluating %d/%d", done, total)
		},
		Evaluated: func(step int, split string, m map[string]float64) {
			s.mu.Lock()
			s.evaluate = ""
			s.mu.Unlock()
			s.line("step %s  %s %s", thousands(step), split, sentence(m))
		},
		Note: func(text string) { fmt.Fprintln(os.Stderr, "orchid: "+text) },
	}
}

func (s *screen) step(p train.Progress) {
	if s.quiet {
		return
	}
	s.mu.Lock()
	if s.first < 0 {
		s.first, s.started = p.Step, time.Now() // the first step is not timed
		s.printed = s.started
		if s.terminal {
			// A bar of unknown length is not complete at its end: the last
			// evaluation still has to come.
			s.bar = s.bars.AddBar(0, mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return s.status() })))
		}
	}
	s.last = p
	if p.Step > s.first {
		s.tokens += p.Tokens
	}
	s.mu.Unlock()
	if s.bar != nil {
		s.bar.SetTotal(int64(p.Steps), false)
		s.bar.SetCurrent(int64(p.Step))
	} else if time.Since(s.printed) > 10*time.Second {
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
	p, spent := s.last, time.Since(s.started)
	left := time.Duration(float64(spent) / float64(max(1, p.Step-s.first)) * float64(p.Steps-p.Step))
	return fmt.Sprintf("step %s/%s  loss %.4f  lr %.2g  %s tokens/s  %s left ", thousands(p.Step), thousands(p.Steps), p.Loss, p.Rate,
		thousands(int(float64(s.tokens)/max(spent.Seconds(), 1e-9))), left.Round(time.Second))
}

// close takes the bar away.
func (s *screen) close() {
	if s.bar != nil {
		s.bar.Abort(false)
		s.bars.Wait()
		s.bar = nil
	}
}

// shares are the metrics that people read in percent, in the order of a line.
var shares = []string{"accuracy", "top5_accuracy", "masked_accuracy", "exact"}

// sentence names the metrics of an evaluation, baselines behind the scores.
func sentence(m map[string]float64) string {
	var scores, baselines []string
	number := func(list *[]string, format string, scale float64, names ...string) {
		for _, k := range names {
			if v, ok := m[k]; ok {
				*list = append(*list, strings.ReplaceAll(k, "_", " ")+" "+fmt.Sprintf(format, scale*v))
			}
		}
	}
	number(&scores, "%.2f %%", 100, shares...)
	number(&scores, "%.4f", 1, "f1", "micro_f1", "macro_f1", "matthews", "spearman", "pearson", "rmse", "loss")
	number(&scores, "%.2f", 1, "perplexity")
	number(&baselines, "%.1f %%", 100, "chance")
	score, scored := m["score"]
	if scored && score != m["accuracy"] {
		number(&baselines, "%.4f", 1, "majority", "bag_of_words")
	} else {
		number(&baselines, "%.1f %%", 100, "majority", "context_majority", "bag_of_words")
	}
	number(&baselines, "%.4f", 1, "unigram_loss")
	text := strings.Join(scores, ", ")
	if baselines != nil {
		text += " (" + strings.Join(baselines, ", ") + ")"
	}
	return text
}

// thousands writes a number with commas.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// counter returns a function that shows how much of something is done.
func (s *screen) counter() func(done, total int) {
	return func(done, total int) {
		if s.quiet || !s.terminal {
			return
		}
		if s.bar == nil {
			s.bar = s.bars.AddBar(int64(total), mpb.PrependDecorators(decor.CountersNoUnit("%d/%d ")), mpb.AppendDecorators(decor.AverageETA(decor.ET_STYLE_GO)))
		}
		s.bar.SetCurrent(int64(done))
	}
}
