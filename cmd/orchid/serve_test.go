package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/orchid-seq/orchid/internal/tinymodel"
	"github.com/orchid-seq/orchid/plan"
)

// serveOn begins orchid serve and returns its address, and its end with all it has said.
func serveOn(t *testing.T, environment []string, args ...string) (url string, end func(syscall.Signal) (int, string)) {
	t.Helper()
	c := command(".", append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	c.Env = append(c.Env, environment...)
	errs, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill() })
	said, all := bufio.NewScanner(errs), ""
	for said.Scan() {
		all += said.Text() + "\n"
		if rest, ok := strings.CutPrefix(said.Text(), "serving on "); ok {
			url, _, _ = strings.Cut(rest, ";")
			return url, func(signal syscall.Signal) (int, string) {
				if err := c.Process.Signal(signal); err != nil {
					t.Error(err)
				}
				for said.Scan() {
					all += said.Text() + "\n"
				}
				c.Wait()
				return c.ProcessState.ExitCode(), all
			}
		}
	}
	t.Fatalf("it does not serve: %s", all)
	return "", nil
}

// TestServe: the command serves with what flags and environment say, and ends when it is
// told to.
func TestServe(t *testing.T) {
	dir := t.TempDir()
	reviews, err := tinymodel.Reviews(dir)
	if err != nil {
		t.Fatal(err)
	}
	keys := filepath.Join(dir, "keys")
	if err := os.WriteFile(keys, []byte("a-key-of-some-length\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	url, end := serveOn(t, []string{"ORCHID_MAX_ITEMS=3", "ORCHID_LOG=json", "ORCHID_API_KEY_FILE=" + keys}, reviews, "--cors", "https://a.example,https://b.example")
	ask := func(key, body string) (int, string) {
		r, err := http.NewRequest("POST", url+"/embed", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+key)
		r.Header.Set("Origin", "https://b.example")
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		b, err := io.ReadAll(a.Body)
		if err != nil || a.Header.Get("Access-Control-Allow-Origin") != "https://b.example" {
			t.Errorf("%v, %v", err, a.Header)
		}
		return a.StatusCode, string(b)
	}
	const key = "a-key-of-some-length"
	if status, text := ask(key, `{"inputs": "a fine film"}`); status != 200 {
		t.Errorf("%d %s", status, text)
	}
	if status, _ := ask("another", `{"inputs": "a fine film"}`); status != 401 {
		t.Error(status)
	}
	if status, text := ask(key, `{"inputs": ["1", "2", "3", "4"]}`); status != 413 || !strings.Contains(text, "at most 3") {
		t.Errorf("%d %s", status, text)
	}
	if page, err := http.Get(url); err != nil || page.StatusCode != 200 {
		t.Errorf("the page: %v", err)
	}
	code, said := end(syscall.SIGTERM)
	if code != 0 || !strings.Contains(said, `"msg":"stopping"`) || strings.Count(said, `"msg":"request"`) != 4 || strings.Contains(said, "fine film") || strings.Contains(said, key) {
		t.Errorf("exit %d: %s", code, said)
	}
	_, end = serveOn(t, nil, reviews, "--log=none")
	if code, said := end(syscall.SIGINT); code != exitInterrupted || !strings.Contains(said, "orchid: interrupted") {
		t.Errorf("exit %d: %s", code, said)
	}
}

// TestServeTLS: with a certificate it speaks TLS.
func TestServeTLS(t *testing.T) {
	dir := t.TempDir()
	reviews, err := tinymodel.Reviews(dir)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &secret.PublicKey, secret)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	certificate, key := write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", private)
	url, end := serveOn(t, nil, reviews, "--tls-cert", certificate, "--tls-key", key)
	pool := x509.NewCertPool()
	text, err := os.ReadFile(certificate)
	if err != nil {
		t.Fatal(err)
	}
	pool.AppendCertsFromPEM(text)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}}
	r, err := client.Post(url+"/embed", "application/json", strings.NewReader(`{"inputs": "a fine film"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if b, err := io.ReadAll(r.Body); err != nil || r.StatusCode != 200 || r.ProtoMajor != 2 {
		t.Errorf("%s %s %v: %s", r.Proto, r.Status, err, b)
	}
	client.CloseIdleConnections()
	if code, said := end(syscall.SIGTERM); code != 0 {
		t.Errorf("exit %d: %s", code, said)
	}
}

// TestServeRefuses: what cannot be served is one line.
func TestServeRefuses(t *testing.T) {
	dir := t.TempDir()
	reviews, err := tinymodel.Reviews(dir)
	if err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	linked := copyDir(t, reviews)
	os.Remove(filepath.Join(linked, "tokenizer.json"))
	if err := os.Symlink("/etc/passwd", filepath.Join(linked, "tokenizer.json")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{nil, exitUsage, "dir"},
		{[]string{filepath.Join(dir, "none")}, exitFailure, "none is not a model folder"},
		{[]string{trained(t)}, exitFailure, "a model of the task recall, not a model of text"},
		{[]string{reviews, reviews}, exitFailure, `two models with the name "reviews"`},
		{[]string{linked}, exitFailure, "tokenizer.json: a link that leaves the folder"},
		{[]string{reviews, "--listen", taken.Addr().String()}, exitFailure, "address already in use"},
		{[]string{reviews, "--listen", "here"}, exitFailure, "--listen=here"},
		{[]string{reviews, "--max-items=-1"}, exitUsage, "--max-items=-1: want at least 1"},
		{[]string{reviews, "--max-bodies=5"}, exitUsage, "--max-bodies=5: want at least --max-body=33554432"},
		{[]string{reviews, "--time-limit=5"}, exitUsage, "--time-limit"},
		{[]string{reviews, "--grace=-1s"}, exitUsage, "--grace=-1s"},
		{[]string{reviews, "--log=xml"}, exitUsage, "--log must be one of"},
		{[]string{reviews, "--tls-cert=x"}, exitUsage, "--tls-cert and --tls-key: give both"},
		{[]string{reviews, "--tls-cert=x", "--tls-key=y"}, exitFailure, "--tls-cert=x --tls-key=y"},
		{[]string{reviews, "--api-key-file=none"}, exitFailure, "open none"},
	} {
		args := append([]string{"serve"}, c.args...)
		if _, stderr, code := call(t, ".", args...); code != c.code || !strings.Contains(stderr, c.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%v: exit %d, want %d and a line with %q: %s", c.args, code, c.code, c.want, stderr)
		}
	}
}

// TestServeTooLarge: texts that do not fit into the memory of this machine are refused
// before the first one comes, with what would fit; --force serves all the same.
func TestServeTooLarge(t *testing.T) {
	if n, known := plan.Available(); !known || n > 200<<30 {
		t.Skip("no limit of memory that is known here is small enough")
	}
	dir := t.TempDir()
	write(t, dir, "book.txt", strings.Repeat("a fine text. ", 100))
	trainedOn(t, dir, "long", "mlm", "data=book.txt", "tokenizer=bytes", "length=16", "holdout=0.3", "steps=1", "width=64", "max-length=67108864", "positions=none", "filter-positions=relative")
	args := []string{filepath.Join(dir, "long"), "--max-tokens=67108864", "--max-request-tokens=67108864"}
	_, stderr, code := call(t, dir, append([]string{"serve"}, args...)...)
	found := regexp.MustCompile(`long: too large for this machine: .* a sequence of 67,108,864 tokens; take --max-tokens (\d+) at most; or insist by --force\n$`).FindStringSubmatch(stderr)
	if code != exitFailure || found == nil || strings.Count(stderr, "\n") != 1 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if n, err := strconv.Atoi(found[1]); err != nil || n < 1<<12 || n >= 1<<26 {
		t.Errorf("--max-tokens %s at most", found[1])
	}
	_, end := serveOn(t, nil, append(args, "--force")...)
	if code, said := end(syscall.SIGTERM); code != 0 {
		t.Errorf("exit %d: %s", code, said)
	}
}
