package live

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

var screenshots = flag.String("screenshots", "", "a folder for pictures of the page")

// A browser is a tab of a real one that notes what should not happen.
type browser struct {
	context.Context

	mu     sync.Mutex
	faults []string
	asked  []string // addresses
}

// open begins a Chromium without a window, or skips the test.
func open(t *testing.T) *browser {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes its time")
	}
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil && path == "" {
			path = found
		}
	}
	if path == "" {
		t.Skip("no Chromium here: install it (Debian: apt-get install chromium) to test the page in a browser")
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox)...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &browser{Context: ctx}
	err := chromedp.Listen(ctx, func(event any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			b.asked = append(b.asked, e.Request.URL)
		case *runtime.EventExceptionThrown:
			b.faults = append(b.faults, e.ExceptionDetails.Text)
		case *log.EventEntryAdded: // what breaks the page's policy is told here
			b.faults = append(b.faults, e.Entry.Text)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	call(t, b, runtime.Enable, cdp.Empty{})
	call(t, b, log.Enable, cdp.Empty{})
	call(t, b, network.Enable, network.EnableParams{})
	return b
}

// call runs a command of the browser's protocol.
func call[P, R any](t *testing.T, b *browser, command cdp.Command[P, R], params P) {
	t.Helper()
	if _, err := chromedp.Call(b, command, params); err != nil {
		t.Fatal(err)
	}
}

// do runs actions, which must succeed.
func (b *browser) do(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(b, actions...); err != nil {
		t.Fatal(err)
	}
}

// script runs code in the page.
func (b *browser) script(t *testing.T, code string) {
	t.Helper()
	b.do(t, chromedp.Evaluate[chromedp.Void](code))
}

// until waits for an expression of the page to become true.
func (b *browser) until(t *testing.T, expression string) {
	t.Helper()
	if _, err := chromedp.Run(b, chromedp.Poll[bool]("Boolean("+expression+")")); err != nil {
		text, _ := chromedp.Run(b, chromedp.Text("body"))
		t.Fatalf("%s: %v; the page says:\n%s", expression, err, text)
	}
}

// want checks an expression of the page now.
func (b *browser) want(t *testing.T, expression, value string) {
	t.Helper()
	got, err := chromedp.Run(b, chromedp.Evaluate[any](expression))
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprint(got); text != value {
		t.Errorf("%s: got %s, want %s", expression, text, value)
	}
}

// picture keeps what a reader sees, if somebody wants to look.
func (b *browser) picture(t *testing.T, name string) {
	t.Helper()
	if *screenshots == "" {
		return
	}
	png, err := chromedp.Run(b, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(*screenshots, name+".png"), png, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// says is true where an element of the page holds a text.
func says(id, text string) string {
	return fmt.Sprintf(`document.getElementById(%q).textContent.includes(%q)`, id, text)
}

// unnamed lists what a screen reader has no name for: controls, pictures, regions.
const unnamed = `[...document.querySelectorAll('input, select, button, progress, svg, [role=region], section')].filter(e =>
	!(e.labels && e.labels.length || e.getAttribute('aria-label') || e.getAttribute('aria-hidden') || e.textContent.trim() ||
	e.getAttribute('aria-labelledby') && e.getAttribute('aria-labelledby').split(' ').every(id => document.getElementById(id)))).map(e => e.outerHTML).join()`
