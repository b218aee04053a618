// Command classify answers HTTP requests of its own making with a classifier: CSV
// in, the same CSV with a label and its probability out.
//
//	go run ./examples/classify -model runs/text
//	curl --data-binary @reviews.csv 'http://127.0.0.1:8080/?column=review'
package main

import (
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/orchid-seq/orchid"
)

func main() {
	dir := flag.String("model", "runs/text", "model folder of a classifier")
	listen := flag.String("listen", "127.0.0.1:8080", "address and port")
	flag.Parse()
	m, err := orchid.Open(context.Background(), *dir, orchid.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("POST a CSV file to http://%s/?column=NAME", l.Addr())
	server := http.Server{Handler: handler(m), ReadTimeout: time.Minute}
	log.Fatal(server.Serve(l))
}

// handler classifies a column of the file that it is sent. A model is safe for
// concurrent use, so requests need not wait for each other.
func handler(m *orchid.Model) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		rows, err := csv.NewReader(http.MaxBytesReader(w, r.Body, 1<<20)).ReadAll()
		if err == nil && len(rows) == 0 {
			err = errors.New("want a CSV file with a header")
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		column := slices.Index(rows[0], r.FormValue("column"))
		if column < 0 {
			http.Error(w, fmt.Sprintf("?column=%s: want one of %q", r.FormValue("column"), rows[0]), http.StatusBadRequest)
			return
		}
		var texts []orchid.Input
		for _, row := range rows[1:] {
			texts = append(texts, orchid.Input{A: row[column]})
		}
		// The context ends when the client has gone, and with it the work.
		answers, err := m.Classify(r.Context(), orchid.ClassifyOptions{}, texts...)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		out := csv.NewWriter(w)
		out.Write(append(rows[0], "label", "probability", "error"))
		for i, a := range answers {
			added := []string{a.Label, strconv.FormatFloat(a.Probabilities[a.Label], 'f', 4, 64), ""}
			if a.Err != nil { // of this line alone: it may be too long
				added = []string{"", "", a.Err.Error()}
			}
			out.Write(append(rows[i+1], added...))
		}
		out.Flush()
		if err := out.Error(); err != nil {
			log.Print(err)
		}
	}
}
