package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/orchid-seq/orchid"
	"github.com/orchid-seq/orchid/internal/numeral"
	"github.com/orchid-seq/orchid/serve"
	"github.com/orchid-seq/orchid/serve/page"
)

type serveCmd struct {
	Dirs   []string `arg:"" name:"dir" help:"Model folders; the name of a model is that of its folder."`
	Listen string   `help:"Address and port; 0.0.0.0:6464 is open to the network." default:"127.0.0.1:6464" env:"ORCHID_LISTEN"`

	APIKeyFile string   `name:"api-key-file" help:"File with a key a line; clients show one as a bearer token." env:"ORCHID_API_KEY_FILE" placeholder:"FILE"`
	TLSCert    string   `name:"tls-cert" help:"Certificate in PEM, with those that sign it." env:"ORCHID_TLS_CERT" placeholder:"FILE"`
	TLSKey     string   `name:"tls-key" help:"Its key." env:"ORCHID_TLS_KEY" placeholder:"FILE"`
	CORS       []string `name:"cors" help:"Origins whose pages may ask from a browser, such as https://example.org; * for any." env:"ORCHID_CORS" placeholder:"ORIGIN"`

	MaxBody          int           `help:"Bytes of a request." default:"${max_body}" env:"ORCHID_MAX_BODY"`
	MaxBodies        int           `help:"Bytes of all requests in progress." default:"${max_bodies}" env:"ORCHID_MAX_BODIES"`
	MaxItems         int           `help:"Texts of a request." default:"${max_items}" env:"ORCHID_MAX_ITEMS"`
	MaxTokens        int           `help:"Tokens of a text." default:"${max_tokens}" env:"ORCHID_MAX_TOKENS"`
	MaxRequestTokens int           `help:"Tokens of all texts of a request." default:"${max_request_tokens}" env:"ORCHID_MAX_REQUEST_TOKENS"`
	MaxNumbers       int           `help:"Numbers in an answer." default:"${max_numbers}" env:"ORCHID_MAX_NUMBERS"`
	Queue            int           `help:"Requests in progress; more get 503." default:"${queue}" env:"ORCHID_QUEUE"`
	BatchTokens      int           `help:"Tokens computed together; longer texts have a queue of their own." default:"${batch_tokens}" env:"ORCHID_BATCH_TOKENS"`
	TimeLimit        time.Duration `help:"Longest time for an answer." default:"${time_limit}" env:"ORCHID_TIME_LIMIT"`
	ReadLimit        time.Duration `help:"Longest time for a request to come in." default:"${read_limit}" env:"ORCHID_READ_LIMIT"`
	Force            bool          `help:"Serve even if the longest texts seem to need more memory than there is." env:"ORCHID_FORCE"`
	Grace            time.Duration `help:"Longest time to finish what was accepted, after Ctrl-C or SIGTERM." default:"30s" env:"ORCHID_GRACE"`
	Log              string        `help:"Form of the log on standard error." enum:"text,json,none" default:"text" env:"ORCHID_LOG"`
}

// serveVars are the defaults of the limits, for the help.
func serveVars() map[string]string {
	l := serve.DefaultLimits()
	return map[string]string{
		"max_body": fmt.Sprint(l.Body), "max_bodies": fmt.Sprint(l.Bodies), "max_items": fmt.Sprint(l.Items), "max_tokens": fmt.Sprint(l.Tokens),
		"max_request_tokens": fmt.Sprint(l.RequestTokens), "max_numbers": fmt.Sprint(l.Numbers), "queue": fmt.Sprint(l.Queue),
		"batch_tokens": fmt.Sprint(l.BatchTokens), "time_limit": l.Time.String(), "read_limit": l.Reading.String(),
	}
}

// Help shows examples below the flags.
func (serveCmd) Help() string {
	return `It answers as OpenAI (/v1/embeddings), text-embeddings-inference (/embed, /predict)
and KServe version 2 (/v2/models/NAME/infer) do; docs/serving.md shows all routes.
Ctrl-C ends it when what it has accepted is done, a second one at once.

Examples:
  orchid serve runs/mlm
  curl http://127.0.0.1:6464/v1/embeddings -H 'Content-Type: application/json' -d '{"input": "A fine film."}'
  orchid serve runs/mlm runs/text --listen 0.0.0.0:6464 --api-key-file keys.txt`
}

// Run serves until it is told to stop.
func (c serveCmd) Run(ctx context.Context, g *Globals) (err error) {
	o := serve.Options{
		Limits: serve.Limits{
			Body: c.MaxBody, Bodies: c.MaxBodies, Items: c.MaxItems, Tokens: c.MaxTokens, RequestTokens: c.MaxRequestTokens, Numbers: c.MaxNumbers,
			Queue: c.Queue, BatchTokens: c.BatchTokens, Time: c.TimeLimit, Reading: c.ReadLimit,
		},
		Origins: c.CORS, Host: hostOf(c.Listen), Page: page.Handler(), Log: c.logger(), Version: version(),
	}
	if err := errors.Join(o.Validate(), c.check()); err != nil {
		return usageError{err}
	}
	if c.APIKeyFile != "" {
		if o.Keys, err = serve.ReadKeys(c.APIKeyFile); err != nil {
			return err
		}
	}
	certificate, err := c.certificate()
	if err != nil {
		return err
	}
	// Short texts and long ones have a loop each. With more threads than cores the
	// system shares the cores between them, where Go would let one wait.
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 2)
	var models []*orchid.Model
	defer func() {
		for _, m := range models {
			err = errors.Join(err, m.Close())
		}
	}()
	for _, dir := range c.Dirs {
		if err := serve.CheckFolder(dir); err != nil {
			return err
		}
		m, err := orchid.Open(ctx, dir, orchid.Options{})
		if err != nil {
			return err
		}
		models = append(models, m)
		if err := c.fits(m); err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
	}
	s, err := serve.New(models, o)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("--listen=%s: %w", c.Listen, err)
	}
	if !g.Quiet {
		c.say(l.Addr(), models, certificate != nil)
	}
	if err := s.Serve(ctx, l, certificate, c.Grace); err != nil {
		return err
	}
	// Who sends SIGTERM wants the server to end so; Ctrl-C has a status of its own.
	if strings.HasPrefix(context.Cause(ctx).Error(), os.Interrupt.String()) {
		return context.Canceled
	}
	return nil
}

// check returns what is wrong with the flags beside the limits.
func (c serveCmd) check() error {
	for _, o := range c.CORS {
		u, err := url.Parse(o)
		if o != "*" && (err != nil || u.Host == "" || o != u.Scheme+"://"+u.Host || o != strings.ToLower(o)) {
			return fmt.Errorf("--cors=%s: want an origin such as https://example.org, in lower case and nothing behind it, or *", o)
		}
	}
	switch {
	case (c.TLSCert == "") != (c.TLSKey == ""):
		return errors.New("--tls-cert and --tls-key: give both, or none")
	case slices.Contains([]int{c.MaxBody, c.MaxBodies, c.MaxItems, c.MaxTokens, c.MaxRequestTokens, c.MaxNumbers, c.Queue, c.BatchTokens}, 0):
		return errors.New("--max-..., --queue and --batch-tokens: 0 is no limit that can be kept: want at least 1")
	case c.TimeLimit == 0 || c.ReadLimit == 0:
		return errors.New("--time-limit and --read-limit: want more than 0")
	case c.Grace < 0:
		return fmt.Errorf("--grace=%v: want 0 or more", c.Grace)
	}
	return nil
}

// hostOf is the name in an address, "" if there is none.
func hostOf(address string) string {
	host, _, _ := net.SplitHostPort(address)
	return host
}

func (c serveCmd) certificate() (*tls.Certificate, error) {
	if c.TLSCert == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
	if err != nil {
		return nil, fmt.Errorf("--tls-cert=%s --tls-key=%s: %w", c.TLSCert, c.TLSKey, err)
	}
	return &pair, nil
}

func (c serveCmd) logger() *slog.Logger {
	switch c.Log {
	case "json":
		return slog.New(slog.NewJSONHandler(os.Stderr, nil))
	case "text":
		return slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	return nil
}

// say tells people what is served where.
func (c serveCmd) say(a net.Addr, models []*orchid.Model, secure bool) {
	for _, m := range models {
		i := m.Info()
		fmt.Fprintf(os.Stderr, "%s: %s, %s, %s parameters, vectors of %d\n", i.Name, i.Task, i.Model, numeral.Thousands(i.Parameters), i.Width)
	}
	scheme := "http"
	if secure {
		scheme = "https"
	}
	fmt.Fprintf(os.Stderr, "serving on %s://%s; Ctrl-C stops\n", scheme, a)
	if host, _, err := net.SplitHostPort(a.String()); err == nil && c.APIKeyFile == "" && !net.ParseIP(host).IsLoopback() {
		fmt.Fprintln(os.Stderr, "note: anybody who reaches this address may use the models; --api-key-file asks for keys")
	}
}
