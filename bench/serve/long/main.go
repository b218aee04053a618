// Command long measures a running server with long documents: how long one takes, what
// memory the server needs, and what short requests wait, alone and meanwhile.
//
//	orchid serve runs/mlm --max-tokens 1100000 --max-request-tokens 1100000 --log none
//	go run ./bench/serve/long --tokens 100000 --pid $(pgrep -f 'orchid serve')
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

var (
	url     = flag.String("url", "http://127.0.0.1:6464", "the server")
	model   = flag.String("model", "", "the model; none if there is one only")
	tokens  = flag.Int("tokens", 100_000, "of a document, two special ones included; each word is one")
	clients = flag.Int("clients", 1, "clients that send short requests one after the other")
	pause   = flag.Duration("pause", 0, "of a client between two requests")
	seconds = flag.Int("seconds", 20, "how long to measure short requests alone, and at least meanwhile")
	pid     = flag.Int("pid", 0, "process of the server, for its memory")
)

// Ordinary words: each is one token of BERT's vocabulary.
var words = strings.Fields("the river carried old letters past small houses while children watched from open windows and birds turned over dark fields")

func text(n, from int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = words[(i*7+i/len(words)+from)%len(words)]
	}
	return strings.Join(list, " ")
}

// embed asks for the vector of a text and returns the tokens that were read.
func embed(client *http.Client, input string) (int, time.Duration, error) {
	q := map[string]any{"input": input, "encoding_format": "base64"}
	if *model != "" {
		q["model"] = *model
	}
	b, err := json.Marshal(q)
	if err != nil {
		return 0, 0, err
	}
	start := time.Now()
	r, err := client.Post(*url+"/v1/embeddings", "application/json", bytes.NewReader(b))
	if err != nil {
		return 0, 0, err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	took := time.Since(start)
	if err != nil || r.StatusCode != http.StatusOK {
		return 0, 0, fmt.Errorf("%s: %s %v", r.Status, body, err)
	}
	var a struct {
		Usage struct {
			Tokens int `json:"total_tokens"`
		} `json:"usage"`
	}
	return a.Usage.Tokens, took, json.Unmarshal(body, &a)
}

// short sends texts of 12 words until done is closed, and returns what they took.
func short(done <-chan struct{}) []time.Duration {
	var mu sync.Mutex
	var all []time.Duration
	var group sync.WaitGroup
	for c := range *clients {
		group.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			for i := 0; ; i++ {
				select {
				case <-done:
					return
				default:
				}
				_, took, err := embed(client, text(12, c*31+i))
				if err != nil {
					log.Fatal(err)
				}
				mu.Lock()
				all = append(all, took)
				mu.Unlock()
				time.Sleep(*pause)
			}
		})
	}
	group.Wait()
	slices.Sort(all)
	return all
}

func say(what string, all []time.Duration) {
	at := func(q float64) float64 {
		return float64(all[min(len(all)-1, int(q*float64(len(all))))].Microseconds()) / 1000
	}
	fmt.Printf("%-26s %7d requests  p50 %8.2f ms  p99 %8.2f ms  p99.9 %8.2f ms  most %8.2f ms\n", what, len(all), at(.5), at(.99), at(.999), at(1))
}

// memory returns the largest resident memory of the server so far, in MB.
func memory() string {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", *pid))
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(status)) {
		if f := strings.Fields(line); f[0] == "VmHWM:" {
			var kb int
			fmt.Sscan(f[1], &kb)
			return fmt.Sprintf("%d MB", kb>>10)
		}
	}
	return "unknown"
}

func main() {
	log.SetFlags(0)
	flag.Parse()
	after := func(d time.Duration) <-chan struct{} {
		done := make(chan struct{})
		time.AfterFunc(d, func() { close(done) })
		return done
	}
	short(after(time.Second))
	fmt.Printf("memory at rest             %s at most\n", memory())
	idle := short(after(time.Duration(*seconds) * time.Second))
	say("12 words, alone", idle)

	document := text(max(1, *tokens-2), 0)
	n, took, err := embed(http.DefaultClient, document)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("a document of %d tokens: %.2f s alone, memory %s at most\n", n, took.Seconds(), memory())

	done := make(chan struct{})
	documents, start := 0, time.Now()
	go func() {
		defer close(done)
		for documents == 0 || time.Since(start) < time.Duration(*seconds)*time.Second {
			if _, _, err := embed(http.DefaultClient, document); err != nil {
				log.Fatal(err)
			}
			documents++
		}
	}()
	busy := short(done)
	say("12 words, meanwhile", busy)
	fmt.Printf("documents meanwhile: %.2f s each, memory %s at most\n", time.Since(start).Seconds()/float64(documents), memory())
	p99 := func(all []time.Duration) float64 { return all[int(.99*float64(len(all)))].Seconds() }
	fmt.Printf("p99 meanwhile / p99 alone: %.2f\n", p99(busy)/p99(idle))
}
