package main

import (
	"bufio"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// started begins a command with a live page and returns its address, what it says
// after that, and its end.
func started(t *testing.T, args ...string) (url string, said *bufio.Scanner, end func(signal syscall.Signal) int) {
	t.Helper()
	c := command(".", args...)
	errs, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill() })
	said = bufio.NewScanner(errs)
	for said.Scan() {
		if at, ok := strings.CutPrefix(said.Text(), "live page: "); ok {
			return at, said, func(signal syscall.Signal) int {
				if signal != 0 {
					if err := c.Process.Signal(signal); err != nil {
						t.Error(err)
					}
				}
				for said.Scan() {
				}
				_ = c.Wait()
				return c.ProcessState.ExitCode()
			}
		}
	}
	t.Fatalf("no page: %v", c.Wait())
	return "", nil, nil
}

// TestTrainPage trains with a page open: it shows the run, stays after the end, and
// goes when it is closed.
func TestTrainPage(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	url, said, end := started(t, append([]string{"train", "recall", "--ui", "127.0.0.1:0", "--out", dir}, tiny...)...)
	stream, err := http.Get(url + "events")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	stays := false
	for !stays && said.Scan() {
		stays = strings.Contains(said.Text(), "stays until it is closed")
	}
	if !stays {
		t.Fatal("the training ended without a word about the page")
	}
	page, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer page.Body.Close()
	text, err := io.ReadAll(page.Body)
	for _, want := range []string{"The training has ended; the model is there.", "30 of 30", "accuracy", dir} {
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("the page does not say %q: %v", want, err)
		}
	}
	stream.Body.Close()
	if code := end(0); code != 0 {
		t.Errorf("exit %d", code)
	}
}

// TestTrainPageInterrupted stops at once, page or not.
func TestTrainPageInterrupted(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	args := append(append([]string{"train", "recall", "--ui=127.0.0.1:0", "--out", dir}, tiny...), "steps=1000000")
	url, said, end := started(t, args...)
	stream, err := http.Get(url + "events")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	for said.Scan() {
		if strings.Contains(said.Text(), "step 10 ") {
			break
		}
	}
	start := time.Now()
	if code := end(syscall.SIGINT); code != exitInterrupted {
		t.Errorf("exit %d, want %d", code, exitInterrupted)
	}
	if took := time.Since(start); took > 20*time.Second { // a page that held it would do so without end
		t.Errorf("it took %v to stop", took)
	}
}

// TestReportWatch shows the runs below a folder until Ctrl-C.
func TestReportWatch(t *testing.T) {
	run := trained(t)
	url, _, end := started(t, "report", "--watch", filepath.Dir(run), "--ui=127.0.0.1:0", "-q")
	page, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer page.Body.Close()
	if text, err := io.ReadAll(page.Body); err != nil || !strings.Contains(string(text), "30 of 30") {
		t.Errorf("the page does not show the run: %v", err)
	}
	if code := end(syscall.SIGINT); code != exitInterrupted {
		t.Errorf("exit %d, want %d", code, exitInterrupted)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"report", run, "--ui"}, exitUsage, "add --watch"},
		{[]string{"report", "--watch", run, "--html", "x.html"}, exitUsage, "leave the other flags out"},
		{[]string{"report", "--watch", filepath.Join(run, "none")}, exitFailure, "none"},
		{[]string{"report", "--watch", filepath.Join(run, "config.json")}, exitFailure, "want a folder"},
		{[]string{"report", "--watch", run, "--ui=here"}, exitUsage, "--ui=here: address here: missing port in address; want host:port"},
		{[]string{"train", "recall", "--ui", "127.0.0.1:99999"}, exitUsage, "--ui=127.0.0.1:99999"},
	} {
		if _, stderr, code := call(t, t.TempDir(), c.args...); code != c.code || !strings.Contains(stderr, c.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%v: exit %d, want %d and a line with %q: %s", c.args, code, c.code, c.want, stderr)
		}
	}
}
