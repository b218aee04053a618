// Command abuse sends malformed requests to a running server: none may make it fail,
// leak or answer others wrongly afterwards. bench/serve/abuse.sh starts one for it.
package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

var (
	server   = flag.String("url", "http://127.0.0.1:6464", "the server")
	model    = flag.String("model", "", "a model of the server that may be asked")
	requests = flag.Int("n", 10_000, "requests")
	workers  = flag.Int("workers", 48, "connections at a time")
	seed     = flag.Uint64("seed", 1, "of what is sent")
	patience = flag.Duration("patience", 20*time.Second, "how long an answer is waited for")
)

func main() {
	log.SetFlags(0)
	flag.Parse()
	u, err := url.Parse(*server)
	if err != nil {
		log.Fatal(err)
	}
	right := probe()
	settle()
	before := figures()
	start := time.Now()
	counts := attack(u.Host)
	took := time.Since(start)
	settle()
	after := figures()

	fmt.Printf("%d requests in %.0f s\n\n%-22s", *requests, took.Seconds(), "answers")
	var outcomes []string
	for _, of := range counts {
		for outcome := range of {
			if !slices.Contains(outcomes, outcome) {
				outcomes = append(outcomes, outcome)
			}
		}
	}
	slices.Sort(outcomes)
	for _, o := range outcomes {
		fmt.Printf("%7s", o)
	}
	bad := 0
	for _, k := range kinds {
		fmt.Printf("\n%-22s", k.name)
		for _, o := range outcomes {
			n := counts[k.name][o]
			fmt.Printf("%7d", n)
			// Go's own server says 501 and 505, as the standard wants, before ours sees the request.
			if o[0] == '5' && o != "503" && o != "501" && o != "505" {
				bad += n
			}
		}
	}
	fmt.Printf("\n\n%-34s%14s%14s\n", "", "before", "after")
	for i, name := range names {
		fmt.Printf("%-34s%14.0f%14.0f\n", name, before[i], after[i])
	}
	same := bytes.Equal(right, probe())
	fmt.Printf("\nan ordinary request gets the same bytes as before: %v\nanswers of 5xx but 503: %d\n", same, bad)
	if bad > 0 || !same || after[0] > before[0] || after[1] != 0 || after[2] != 0 {
		os.Exit(1)
	}
}

// probe is an ordinary request, and must be answered.
func probe() []byte {
	r, err := http.Post(*server+"/v1/embeddings", "application/json", strings.NewReader(fmt.Sprintf(`{"model": %q, "input": ["a fine film", "so dull"]}`, *model)))
	if err != nil {
		log.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		log.Fatalf("an ordinary request: %s %s", r.Status, b)
	}
	http.DefaultClient.CloseIdleConnections()
	return b
}

// settle gives the server time to let go of what has ended.
func settle() {
	http.DefaultClient.CloseIdleConnections()
	time.Sleep(3 * time.Second)
}

var names = []string{"go_goroutines", "orchid_requests_in_progress", "orchid_request_body_bytes", "orchid_memory_bytes", "orchid_heap_bytes"}

// figures are the server's own, by name.
func figures() (list []float64) {
	r, err := http.Get(*server + "/metrics")
	if err != nil {
		log.Fatal(err)
	}
	defer r.Body.Close()
	found := map[string]float64{}
	for s := bufio.NewScanner(r.Body); s.Scan(); {
		var name string
		var v float64
		if n, _ := fmt.Sscan(s.Text(), &name, &v); n == 2 {
			found[name] = v
		}
	}
	for _, name := range names {
		list = append(list, found[name])
	}
	return list
}

// attack sends all requests and counts the answers by kind.
func attack(host string) map[string]map[string]int {
	counts := map[string]map[string]int{}
	for _, k := range kinds {
		counts[k.name] = map[string]int{}
	}
	var mu sync.Mutex
	var group sync.WaitGroup
	next := make(chan int)
	for range *workers {
		group.Go(func() {
			for i := range next {
				r := rand.New(rand.NewPCG(*seed, uint64(i)))
				k := kinds[i%len(kinds)]
				outcome := send(host, k, r)
				mu.Lock()
				counts[k.name][outcome]++
				mu.Unlock()
			}
		})
	}
	for i := range *requests {
		next <- i
	}
	close(next)
	group.Wait()
	return counts
}

// send sends one request and returns the status, or why there is none.
func send(host string, k kind, r *rand.Rand) string {
	c, err := net.Dial("tcp", host)
	if err != nil {
		return "refused"
	}
	defer c.Close()
	tcp := c.(*net.TCPConn)
	c.SetDeadline(time.Now().Add(*patience))
	text := k.make(r)
	switch k.how {
	case slowly: // and never to the end
		for i := 0; i < min(len(text)-1, 3); i++ {
			io.WriteString(c, text[i:i+1])
			time.Sleep(50 * time.Millisecond)
		}
	case resetting:
		io.WriteString(c, text)
		time.Sleep(time.Duration(r.IntN(3000)) * time.Microsecond)
		tcp.SetLinger(0)
		return "reset"
	case halfClosing:
		io.WriteString(c, text)
		tcp.CloseWrite()
	default:
		io.WriteString(c, text)
	}
	a, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		if t, ok := err.(net.Error); ok && t.Timeout() {
			return "hangs"
		}
		return "closed"
	}
	defer a.Body.Close()
	io.Copy(io.Discard, a.Body)
	return fmt.Sprint(a.StatusCode)
}
