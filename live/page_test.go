package live

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestPage follows runs in a real browser, from before the first to after the last.
func TestPage(t *testing.T) {
	b := open(t)
	t.Chdir(t.TempDir())
	if err := os.Mkdir("runs", 0o755); err != nil {
		t.Fatal(err)
	}
	s := serve(t, "runs")
	b.do(t, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(s.URL()))
	b.until(t, says("status", "No run yet"))

	first, second := filepath.Join("runs", "first"), filepath.Join("runs", "second")
	e, k := folder(t, first)
	b.until(t, says("status", "The run is training."))
	put(t, first, lines(10, 200)+score(200, 0.75))
	save(t, first, k, 200)
	b.until(t, says("runs", "200 of 400"))
	b.until(t, says("kernels", "after step 200"))
	b.want(t, `document.title`, "50 % runs/first – Orchid")
	b.want(t, unnamed, "")

	// What a reader does stays when the page changes.
	b.do(t, chromedp.Click(`#settings summary`), chromedp.Focus(`select[name=by]`))
	b.script(t, `window.mark = document.querySelector('#curves svg'); window.scrollTo(0, 300)`)
	put(t, first, lines(210, 300))
	b.until(t, says("runs", "300 of 400"))
	b.want(t, `document.activeElement.name + ' ' + document.querySelector('#settings details').open + ' ' + window.scrollY + ' ' + (document.querySelector('#curves svg') === window.mark)`, "by true 300 true")

	// A second run comes, and is chosen away and back.
	folder(t, second, "mixer=attention", "lr=0.002")
	put(t, second, lines(10, 100)+score(100, 0.5))
	b.until(t, says("status", "2 runs: 2 training."))
	b.until(t, `document.querySelectorAll('.cards > li').length === 2`)
	b.want(t, unnamed, "")
	b.picture(t, "two-runs")
	b.do(t, chromedp.Click(`input[value="`+idOf(first)+`"]`))
	b.until(t, `document.querySelectorAll('.cards > li').length === 1`)
	b.want(t, `new URLSearchParams(location.search).getAll("run").join()`, idOf(second))
	b.do(t, chromedp.Click(`input[value="`+idOf(first)+`"]`), chromedp.SendKeys(`select[name=by]`, "m")) // by keyboard
	b.until(t, `document.querySelectorAll('.cards > li').length === 2 && document.querySelector('#curves svg').textContent.includes('minutes')`)

	// The history stays when the page is loaded again, and after the end.
	if err := e.WriteModel(first, k, nil); err != nil {
		t.Fatal(err)
	}
	b.until(t, says("status", "1 training, 1 finished"))
	b.do(t, chromedp.Reload())
	b.until(t, says("runs", "300 of 400"))
	b.want(t, `document.querySelector('select[name=by]').value + ' ' + document.querySelectorAll('#curves figure').length`, "minutes 6")

	// It fits a phone, in the dark.
	b.do(t, chromedp.EmulateViewport(360, 740))
	call(t, b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
	b.until(t, `matchMedia('(prefers-color-scheme: dark)').matches && innerWidth <= 400`)
	b.want(t, `document.documentElement.scrollWidth <= innerWidth`, "true")
	b.want(t, `getComputedStyle(document.body).backgroundColor`, "rgb(13, 17, 23)")
	b.picture(t, "phone-dark")

	b.mu.Lock()
	for _, url := range b.asked {
		if !strings.HasPrefix(url, s.URL()) && url != "data:," {
			t.Errorf("the page asks for %s", url)
		}
	}
	if len(b.faults) > 0 {
		t.Errorf("the browser complains: %q", b.faults)
	}
	b.mu.Unlock()

	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b.until(t, `!document.getElementById('connection').hidden`)
	b.want(t, says("runs", "300 of 400"), "true")
}
