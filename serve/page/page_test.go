package page

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/orchid-seq/orchid"
	"github.com/orchid-seq/orchid/internal/browser"
	"github.com/orchid-seq/orchid/internal/tinymodel"
	"github.com/orchid-seq/orchid/serve"
)

// start serves models with the page, and returns its address.
func start(t *testing.T, o serve.Options, dirs ...string) string {
	t.Helper()
	var models []*orchid.Model
	for _, dir := range dirs {
		m, err := orchid.Open(t.Context(), dir, orchid.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { m.Close() })
		models = append(models, m)
	}
	o.Page = Handler()
	s, err := serve.New(models, o)
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	return h.URL + "/"
}

// folders are a model that fills masks, one that classifies and one without kernels.
func folders(t *testing.T) (list []string) {
	t.Helper()
	dir := t.TempDir()
	for _, make := range []func(string) (string, error){tinymodel.Rhyme, tinymodel.Reviews, tinymodel.Attention} {
		folder, err := make(dir)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, folder)
	}
	return list
}

// What the tests ask of the page.
const (
	// pale lists texts whose contrast with what is behind them is below 4.5.
	pale = `(() => {
	const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true})
	const over = (colour, under) => { // as the browser paints them
		canvas.fillStyle = 'rgb(' + under + ')'; canvas.fillRect(0, 0, 1, 1)
		canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1)
		return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3)
	}
	const behind = e => e ? over(getComputedStyle(e).backgroundColor, behind(e.parentElement)) : [255, 255, 255]
	const light = rgb => rgb.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0)
	return [...document.querySelectorAll('body *')].filter(e => e.checkVisibility() && ([...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || e.matches('textarea, select'))).map(e => {
		const style = getComputedStyle(e), back = behind(e)
		const [a, b] = [light(over(e instanceof SVGElement ? style.fill : style.color, back)), light(back)].sort((a, b) => b - a)
		return [(a + 0.05) / (b + 0.05), e.outerHTML]
	}).filter(([ratio]) => !(ratio >= 4.5)).map(([ratio, html]) => ratio.toFixed(2) + ' ' + html).join()
})()`

	pictures = `document.getElementById('map-own').toDataURL() + document.getElementById('time').innerHTML + document.getElementById('frequency').innerHTML`
	still    = `document.getElementById('kernel-words').textContent.replace(/.*the static/, '')`
	idle     = `document.getElementById('kernel-part').getAttribute('aria-busy') === 'false'`
)

// press types keys where the focus of an element is.
func press(id, keys string) chromedp.Action[chromedp.Void] {
	return chromedp.Steps(chromedp.Evaluate[chromedp.Void](`document.getElementById('`+id+`').focus()`), chromedp.KeyEvent(keys))
}

// write types a text in the place of the one that is there.
func write(text string) chromedp.Action[chromedp.Void] {
	return chromedp.Steps(chromedp.Evaluate[chromedp.Void](`document.getElementById('text').select()`), press("text", text))
}

// TestPage uses the page as a reader does, in a real browser.
func TestPage(t *testing.T) {
	b := browser.Open(t)
	dirs := folders(t)
	address := start(t, serve.Options{}, dirs...)
	const evil = "<img src=x onerror=\"document.title='evil'\">"
	card := "---\nlicense: none\n---\n# Reviews & more\n\nA `code`, " + evil + " and [a link](http://example.org/).\n\n- one\n- two\n\n| metric | value |\n|---|---|\n| loss | 0.5 |\n\n```sh\norchid embed DIR\n```\n"
	if err := os.WriteFile(filepath.Join(dirs[1], "README.md"), []byte(card), 0o644); err != nil {
		t.Fatal(err)
	}
	b.Do(chromedp.EmulateViewport(1200, 900), chromedp.Navigate(address))

	// The first model fills masks.
	b.Until(`document.querySelectorAll('#answers dt').length === 5`)
	b.Until(idle)
	b.Do(write("the [MASK] sat on the mat"))
	b.Until(`document.querySelector('#answers dt')?.textContent === 'cat'`)
	b.Until(`document.querySelectorAll('#matrix td').length === 1 + 9 && document.querySelector('#matrix tbody td').textContent === '1.00'`)
	b.Named()

	// The second one tells classes apart; its card is text, whatever stands in it.
	b.Do(press("model", "rev"), write("a fine film"))
	b.Until(`document.querySelector('#answers dt')?.textContent === 'positive' && document.getElementById('count').textContent === '13 tokens'`)
	b.Until(`document.querySelectorAll('#card h3, #card code, #card li, #card table td, #card pre').length === 7`)
	if text := browser.Value[string](b, `document.getElementById('card').textContent`); !strings.Contains(text, evil) || !strings.Contains(text, "a link (http://example.org/)") || strings.Contains(text, "license") {
		t.Errorf("the card says %q", text)
	}

	// A letter more changes the kernel of the text. The static one depends on the length.
	first, fixed := browser.Value[string](b, pictures), browser.Value[string](b, still)
	b.Do(press("text", "s"))
	b.Until(`document.getElementById('count').textContent === '14 tokens' && ` + idle)
	if browser.Value[string](b, pictures) == first {
		t.Error("the kernel stays what it was")
	}
	b.Do(write("a dull film"))
	b.Until(`document.querySelector('#answers dt')?.textContent === 'negative' && document.getElementById('count').textContent === '13 tokens' && ` + idle)
	if browser.Value[string](b, pictures) == first || browser.Value[string](b, still) != fixed {
		t.Error("want another kernel of a text of the same length, and the same static one")
	}

	// Another channel, all of them, and a curve to compare with: by the keyboard.
	before := browser.Value[string](b, `document.getElementById('time').innerHTML`)
	b.Do(press("channel", kb.ArrowRight))
	b.Until(`document.getElementById('channel-name').textContent === '2 of 16' && document.getElementById('time').getAttribute('aria-label').includes('channel 2')`)
	b.Until(`document.getElementById('time').innerHTML !== ` + quote(before))
	b.Do(press("keep", kb.Enter))
	b.Until(`!document.getElementById('kept-legend').hidden && document.querySelectorAll('#time path.kept').length === 1`)
	b.Do(press("all", " "))
	b.Until(`document.getElementById('time').getAttribute('aria-label').includes('all channels') && document.getElementById('channel').disabled`)
	b.Named()
	b.Until(`document.getElementById('spoken').textContent.includes('of layer 1')`)

	// What is wrong is said, and goes again.
	b.Do(press("text", strings.Repeat("so dull ", 6)))
	b.Until(`document.getElementById('failure').textContent.includes('the model takes 48')`)
	b.Do(write("so fine"))
	b.Until(`document.getElementById('failure').hidden`)
	b.Do(press("model", kb.ArrowDown))
	b.Until(`document.getElementById('kernel-part').hidden && document.querySelectorAll('#answers dt').length === 2`)
	b.Do(press("model", kb.ArrowUp))
	b.Until(`!document.getElementById('kernel-part').hidden`)

	// It fits a phone, and can be read in the light and in the dark.
	for _, c := range []struct {
		scheme string
		width  int64
	}{{"light", 1200}, {"dark", 1200}, {"dark", 360}, {"light", 360}} {
		b.Do(chromedp.EmulateViewport(c.width, 800))
		b.Scheme(c.scheme)
		b.Until(fmt.Sprint(`innerWidth === `, c.width))
		if wide := browser.Value[int](b, `document.documentElement.scrollWidth`); wide > int(c.width) {
			t.Errorf("%s, %d: the page is %d wide", c.scheme, c.width, wide)
		}
		b.Picture(fmt.Sprint(c.scheme, "-", c.width))
		if bad := browser.Value[string](b, pale); bad != "" {
			t.Errorf("%s: too little contrast: %s", c.scheme, bad)
		}
	}
	if title := browser.Value[string](b, `document.title`); title != "Orchid" {
		t.Errorf("the title is %q", title)
	}
	b.Clean(address, "400")
}

// TestPageKey shows a key, which the page asks for when the server does.
func TestPageKey(t *testing.T) {
	b := browser.Open(t)
	file := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(file, []byte("key-of-a-test-0123\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	keys, err := serve.ReadKeys(file)
	if err != nil {
		t.Fatal(err)
	}
	address := start(t, serve.Options{Keys: keys}, folders(t)[1])
	b.Do(chromedp.Navigate(address))
	b.Until(`document.activeElement.id === 'key' && document.getElementById('failure').textContent.includes('key')`)
	b.Do(press("key", "key-of-a-test-0123\r"))
	b.Until(`document.querySelectorAll('#answers dt').length === 2 && document.getElementById('key-form').hidden && document.getElementById('failure').hidden`)
	b.Clean(address, "401")
}

// quote makes a string of JavaScript.
func quote(s string) string {
	return "`" + strings.NewReplacer("\\", "\\\\", "`", "\\`", "$", "\\$").Replace(s) + "`"
}

// TestHandler: the page is one file that names no other, and its policy lets in what is
// in it.
func TestHandler(t *testing.T) {
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	body, policy := w.Body.String(), w.Header().Get("Content-Security-Policy")
	if w.Code != 200 || w.Header().Get("Content-Type") != "text/html; charset=utf-8" || len(body) > 64<<10 {
		t.Errorf("%d %v, %d bytes", w.Code, w.Header(), len(body))
	}
	for _, want := range []string{"default-src 'none'", "connect-src 'self'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, want) || strings.Contains(policy, "unsafe") {
			t.Errorf("the policy %q has no %s", policy, want)
		}
	}
	for _, tag := range []string{"style", "script"} {
		parts := regexp.MustCompile(`(?s)<`+tag+`[^>]*>(.*?)</`+tag+`>`).FindAllStringSubmatch(body, -1)
		if len(parts) != 1 || len(parts[0][1]) < 1000 || !strings.Contains(policy, hash(parts[0][1])) {
			t.Errorf("%d elements %s, or not the one that the policy lets in", len(parts), tag)
		}
	}
	for _, other := range regexp.MustCompile(`https?://[^'"\s]+`).FindAllString(body, -1) {
		if other != "http://www.w3.org/2000/svg" {
			t.Errorf("the page names %s", other)
		}
	}
	if bad := regexp.MustCompile(`(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\()`).FindString(body); bad != "" {
		t.Errorf("%s makes HTML of texts", bad)
	}
}
