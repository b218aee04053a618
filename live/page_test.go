package live

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/orchid-seq/orchid/internal/browser"
)

// TestPage follows runs in a real browser, from before the first to after the last.
func TestPage(t *testing.T) {
	b := browser.Open(t)
	t.Chdir(t.TempDir())
	if err := os.Mkdir("runs", 0o755); err != nil {
		t.Fatal(err)
	}
	s := serve(t, "runs")
	b.Do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(s.URL()))
	b.Until(says("status", "No run yet"))

	first, second := filepath.Join("runs", "first"), filepath.Join("runs", "second")
	e, k := folder(t, first)
	b.Until(says("status", "The run is training."))
	put(t, first, lines(10, 200)+score(200, 0.75))
	save(t, first, k, 200)
	b.Until(says("runs", "200 of 400"))
	b.Until(says("kernels", "after step 200"))
	b.Want(`document.title`, "50 % runs/first – Orchid")
	b.Named()

	// What a reader does stays when the page changes.
	b.Do(chromedp.Click(`#settings summary`), chromedp.Focus(`select[name=by]`))
	b.Script(`window.mark = document.querySelector('#curves svg'); window.scrollTo(0, 300)`)
	put(t, first, lines(210, 300))
	b.Until(says("runs", "300 of 400"))
	b.Want(`document.activeElement.name + ' ' + document.querySelector('#settings details').open + ' ' + window.scrollY + ' ' + (document.querySelector('#curves svg') === window.mark)`, "by true 300 true")

	// A second run comes, and is chosen away and back.
	folder(t, second, "mixer=attention", "lr=0.002")
	put(t, second, lines(10, 100)+score(100, 0.5))
	b.Until(says("status", "2 runs: 2 training."))
	b.Until(`document.querySelectorAll('.cards > li').length === 2`)
	b.Named()
	b.Picture("two-runs")
	b.Do(chromedp.Click(`input[value="` + idOf(first) + `"]`))
	b.Until(`document.querySelectorAll('.cards > li').length === 1`)
	b.Want(`new URLSearchParams(location.search).getAll("run").join()`, idOf(second))
	b.Do(chromedp.Click(`input[value="`+idOf(first)+`"]`), chromedp.SendKeys(`select[name=by]`, "m")) // by keyboard
	b.Until(`document.querySelectorAll('.cards > li').length === 2 && document.querySelector('#curves svg').textContent.includes('minutes')`)

	// The history stays when the page is loaded again, and after the end.
	if err := e.WriteModel(first, k, nil); err != nil {
		t.Fatal(err)
	}
	b.Until(says("status", "1 training, 1 finished"))
	b.Do(chromedp.Reload())
	b.Until(says("runs", "300 of 400"))
	b.Want(`document.querySelector('select[name=by]').value + ' ' + document.querySelectorAll('#curves figure').length`, "minutes 6")

	// It fits a phone, in the dark.
	b.Do(chromedp.EmulateViewport(360, 740))
	b.Scheme("dark")
	b.Until(`innerWidth <= 400`)
	b.Want(`document.documentElement.scrollWidth <= innerWidth`, "true")
	b.Want(`getComputedStyle(document.body).backgroundColor`, "rgb(13, 17, 23)")
	b.Picture("phone-dark")

	b.Clean(s.URL())

	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b.Until(`!document.getElementById('connection').hidden`)
	b.Want(says("runs", "300 of 400"), "true")
}

// says is true where an element of the page holds a text.
func says(id, text string) string {
	return fmt.Sprintf(`document.getElementById(%q).textContent.includes(%q)`, id, text)
}
