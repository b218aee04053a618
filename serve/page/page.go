// Package page is the page at / of "orchid serve": one file of HTML, with its style and
// its program inside, that asks the routes of the server it comes from and no other.
package page

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"net/http"
	"strings"
	"time"
)

var (
	//go:embed page.html
	form string
	//go:embed page.css
	style string
	//go:embed plot.js
	plotScript string
	//go:embed ask.js
	askScript string
	//go:embed card.js
	cardScript string
	//go:embed kernel.js
	kernelScript string
	//go:embed page.js
	pageScript string
)

// Handler answers with the page. Its Content-Security-Policy lets the browser run the
// program of the page and nothing else, and ask this server alone.
func Handler() http.Handler {
	script := strings.Join([]string{askScript, plotScript, cardScript, kernelScript, pageScript}, "\n")
	html := []byte(strings.NewReplacer("{{.Style}}", style, "{{.Script}}", script).Replace(form))
	policy := strings.Join([]string{
		"default-src 'none'", "connect-src 'self'", "img-src data:", "style-src " + hash(style), "script-src " + hash(script),
		"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
	}, "; ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-cache")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(html))
	})
}

// hash names a text for a Content-Security-Policy.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
