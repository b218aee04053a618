package live

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestShown begins with the runs that train, then those that have changed last, in
// the order of their folders, and follows a choice.
func TestShown(t *testing.T) {
	t.Chdir(t.TempDir())
	now := time.Now()
	var w watch
	w.add(".")
	for i := range 12 {
		dir := fmt.Sprintf("run-%02d", i)
		folder(t, dir)
		put(t, dir, lines(10, 30))
		age(t, dir, time.Duration(24-i)*time.Hour)
	}
	put(t, "run-01", line(40)) // goes on
	w.look(now)
	names := func(c choice) (list []string) {
		for _, r := range c.shown(w.runs, now) {
			list = append(list, r.Dir)
		}
		return list
	}
	want := []string{"run-01", "run-05", "run-06", "run-07", "run-08", "run-09", "run-10", "run-11"}
	if got := names(choose(nil)); !slices.Equal(got, want) {
		t.Errorf("shown %v, want %v", got, want)
	}
	c := choose(url.Values{"run": {idOf("run-03"), "r00000000", idOf("run-00")}, "by": {byMinutes}})
	if got, want := names(c), []string{"run-00", "run-03"}; !slices.Equal(got, want) {
		t.Errorf("shown %v, want %v", got, want)
	}
	v, kernels := render(w.runs, w.faults, c, now, func(string) *sight { return nil })
	if kernels != "run-00" || len(v.Cards) != 2 || len(v.Choices) != 12 || v.Cards[0].State != silent {
		t.Errorf("kernels of %q, %d cards, %d choices", kernels, len(v.Cards), len(v.Choices))
	}
	if html := string(v.Sections["curves"]); !strings.Contains(html, ">minutes<") || strings.Contains(html, "NaN") {
		t.Error("the curves are not by minutes, or hold what is no number")
	}
}

// TestManyLines keeps a page small however long the runs are.
func TestManyLines(t *testing.T) {
	t.Chdir(t.TempDir())
	for i := range mostShown {
		dir := fmt.Sprintf("run-%d", i)
		folder(t, dir)
		put(t, dir, lines(10, 20_000))
	}
	var w watch
	w.add(".")
	w.look(time.Now())
	v, _ := render(w.runs, w.faults, choose(nil), time.Now(), func(string) *sight { return nil })
	size := 0
	for _, html := range v.Sections {
		size += len(html)
	}
	if size > 1_000_000 {
		t.Errorf("a page of %d bytes", size)
	}
}

// TestOldHistory shows runs of versions that wrote less.
func TestOldHistory(t *testing.T) {
	t.Chdir(t.TempDir())
	folder(t, "old", "epochs=2", "steps=0", "examples=50")
	put(t, "old", `{"step":50,"loss":1.5,"lr":0.001,"grad_norm":1,"sequences":1,"tokens":2,"seconds":1}
{"step":100,"loss":NaN,"lr":0.001,"grad_norm":null,"sequences":1,"tokens":2,"seconds":2}
{"step":100,"split":"test","metrics":{"accuracy":0.5},"sequences":1,"tokens":2,"seconds":3}
`)
	var w watch
	w.add(".")
	w.look(time.Now())
	v, _ := render(w.runs, w.faults, choose(nil), time.Now(), func(string) *sight { return nil })
	for section, want := range map[string]string{"runs": "<dd>100</dd>", "layers": "None yet", "curves": "Loss of the training"} {
		if !strings.Contains(string(v.Sections[section]), want) {
			t.Errorf("%s does not say %q:\n%s", section, want, v.Sections[section])
		}
	}
	for _, not := range []string{"time left", "memory", "Memory"} {
		if strings.Contains(string(v.Sections["runs"]+v.Sections["curves"]), not) {
			t.Errorf("the page says %q, which nobody knows", not)
		}
	}
}
