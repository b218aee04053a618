// Package browser lets tests use a page as a reader does, in a real Chromium without a
// window.
package browser

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

var screenshots = flag.String("screenshots", "", "a folder for pictures of the pages")

// A Tab is one of a browser. It notes what should not happen. What fails ends the test.
type Tab struct {
	t   *testing.T
	ctx context.Context

	mu     sync.Mutex
	faults []string // exceptions, and what breaks the policy of the page
	asked  []string // addresses
}

// patience is how long a test may use a browser: chromedp would wait for ever.
const patience = 2 * time.Minute

// Open begins a browser for the length of a test, which is skipped where there is none,
// or in short runs.
func Open(t *testing.T) *Tab {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes its time")
	}
	path := ""
	for _, name := range []string{"google-chrome", "chromium-browser", "chromium"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
		}
	}
	if path == "" {
		t.Skip("no Chromium here: install it (Debian: apt-get install chromium) to test the page in a browser")
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox)...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &Tab{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, b.note); err != nil {
		t.Fatal(err)
	}
	call(b, runtime.Enable, cdp.Empty{})
	call(b, log.Enable, cdp.Empty{})
	call(b, network.Enable, network.EnableParams{})
	return b
}

func (b *Tab) note(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.asked = append(b.asked, e.Request.URL)
	case *runtime.EventExceptionThrown:
		b.faults = append(b.faults, e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		b.faults = append(b.faults, e.Entry.Text)
	}
}

// call runs a command of the browser's protocol.
func call[P, R any](b *Tab, command cdp.Command[P, R], params P) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, command, params); err != nil {
		b.t.Fatal(err)
	}
}

// Do runs actions.
func (b *Tab) Do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// Script runs code in the page.
func (b *Tab) Script(code string) {
	b.t.Helper()
	b.Do(chromedp.Evaluate[chromedp.Void](code))
}

// Value returns that of an expression of the page.
func Value[T any](b *Tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// Want compares an expression of the page, as text, with what it should be now.
func (b *Tab) Want(expression, value string) {
	b.t.Helper()
	if text := fmt.Sprint(Value[any](b, expression)); text != value {
		b.t.Errorf("%s: got %s, want %s", expression, text, value)
	}
}

// Until waits for an expression of the page to become true.
func (b *Tab) Until(expression string) {
	b.t.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Poll[bool]("Boolean("+expression+")")); err != nil {
		text, _ := chromedp.Run(b.ctx, chromedp.Text("body"))
		b.t.Fatalf("%s: %v; the page says:\n%s", expression, err, text)
	}
}

// Scheme makes the reader one who likes it light, or dark.
func (b *Tab) Scheme(name string) {
	b.t.Helper()
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}})
	b.Until(`matchMedia('(prefers-color-scheme: ` + name + `)').matches`)
}

// Picture keeps what a reader sees in the folder that -screenshots names, if it does.
func (b *Tab) Picture(name string) {
	b.t.Helper()
	if *screenshots == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(*screenshots, name+".png"), png, 0o644)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// Named checks that a screen reader has a name for every control, picture and region.
func (b *Tab) Named() {
	b.t.Helper()
	const unnamed = `[...document.querySelectorAll('input, select, textarea, button, progress, canvas, svg, section, [role=region], [role=img]')].filter(e =>
	!(e.labels?.length && e.labels[0].textContent.trim() || e.getAttribute('aria-label') || e.getAttribute('aria-hidden') ||
	e.matches('button, svg') && e.textContent.trim() ||
	e.getAttribute('aria-labelledby')?.split(' ').every(id => document.getElementById(id)?.textContent.trim()))).map(e => e.outerHTML).join()`
	if bad := Value[string](b, unnamed); bad != "" {
		b.t.Errorf("no name: %s", bad)
	}
}

// Clean checks that the browser had nothing to complain of, but of answers with the
// statuses that are expected, and that the page asked nobody but the server.
func (b *Tab) Clean(address string, expected ...string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.faults {
		if !slices.ContainsFunc(expected, func(status string) bool { return strings.Contains(f, "status of "+status) }) {
			b.t.Errorf("the browser complains: %s", f)
		}
	}
	ours := false
	for _, url := range b.asked {
		mine := strings.HasPrefix(url, address)
		if ours = ours || mine; !mine && !strings.HasPrefix(url, "data:") {
			b.t.Errorf("the page asks for %s", url)
		}
	}
	if !ours {
		b.t.Errorf("nobody asked for %s, but %q", address, b.asked)
	}
}
