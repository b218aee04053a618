package main

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/orchid-seq/orchid/train"
)

// paper is written by the goroutine that draws bars.
type paper struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (p *paper) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.Write(b)
}

func (p *paper) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.String()
}

// TestScreenOnTerminal goes the way of a training: data is read, the screen is
// closed, steps follow, and more is read while they go on.
func TestScreenOnTerminal(t *testing.T) {
	var out paper
	s := screenOn(&out, true, false)
	read, again := s.counter("reading"), s.counter("reading")
	for _, total := range []int{100, 30} { // training data, then that of an evaluation
		for done := range total + 1 {
			read(done, total)
		}
	}
	again(1, 30) // the same once more
	bar := s.count.bar
	again(2, 30)
	if s.count.bar != bar {
		t.Error("another bar for the same thing")
	}
	again(1, 30)
	if s.count.bar == bar {
		t.Error("the same bar for something new")
	}
	again(0, 0)
	s.line("a line")
	s.close()
	s.close()
	o := s.observer()
	for step := range 4 {
		o.Step(train.Progress{Step: step + 1, Steps: 4})
	}
	o.Evaluating(1, 2)
	again(5, 7) // an evaluation reads data too
	o.Evaluated(4, "dev", map[string]float64{"accuracy": 0.5})
	o.Note("a note")
	s.close()
	for _, part := range []string{"reading", "a line\n", "step 4/4", "step 4  dev accuracy 50.00 %\n", "orchid: a note\n"} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("%q is not shown: %q", part, out.String())
		}
	}
}

// TestScreenRate: what is left is told by the rate of the last minute.
func TestScreenRate(t *testing.T) {
	s := screenOn(&paper{}, false, false)
	now := time.Now()
	for i := range 600 { // 1,000 short steps a second, then a long one every ten seconds
		s.mark(mark{now.Add(time.Duration(i-600) * time.Second), 1000 * i, 1000 * i})
	}
	for i := range 20 {
		s.mark(mark{now.Add(time.Duration(10*i) * time.Second), 600_000 + i, 600_000 + 5000*i})
	}
	first, last := s.marks[0], s.marks[len(s.marks)-1]
	if age := last.at.Sub(first.at); age < markAge || age > markAge+10*time.Second || last.step-first.step != int(age/(10*time.Second)) || len(s.marks) > 14 {
		t.Errorf("%d steps in %v, %d marks", last.step-first.step, age, len(s.marks))
	}
}

// TestScreenUntimed: before a step has been timed nothing is said of the rate.
func TestScreenUntimed(t *testing.T) {
	s := screenOn(&paper{}, false, false)
	o := s.observer()
	for step := range 3 {
		o.Step(train.Progress{Step: 2*step + 1, Steps: 9, Tokens: 5})
		if got := s.status(); strings.Contains(got, "left") {
			t.Errorf("%q", got)
		}
		o.Step(train.Progress{Step: 2*step + 2, Steps: 9, Tokens: 5})
		if got := s.status(); !strings.Contains(got, "left") {
			t.Errorf("%q", got)
		}
		o.Evaluated(2*step+2, "test", nil)
	}
}

// TestScreenElsewhere: lines, and no bars.
func TestScreenElsewhere(t *testing.T) {
	var out paper
	s := screenOn(&out, false, false)
	s.counter("reading")(1, 4)
	if out.String() != "" {
		t.Errorf("before its time: %q", out.String())
	}
	s.every = 0
	s.counter("reading")(2, 4)
	s.step(train.Progress{Step: 1, Steps: 4})
	s.observer().Evaluating(1000, 2000)
	s.close()
	if got := out.String(); !strings.HasPrefix(got, "reading: 50 %\nstep 1/4 ") || !strings.HasSuffix(got, "\nevaluating 1,000/2,000\n") || strings.Contains(got, "\x1b") {
		t.Errorf("%q", got)
	}
	out = paper{}
	s = screenOn(&out, true, true)
	s.counter("reading")(2, 4)
	s.step(train.Progress{Step: 1, Steps: 4})
	s.line("a line")
	if s.say("a note"); out.String() != "a note\n" {
		t.Errorf("quiet: %q", out.String())
	}
}
