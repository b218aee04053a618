// Command search finds the passages of a folder of texts whose meaning is nearest
// to a question. A long text is read as a whole, and each part of it gets a vector.
//
//	go run ./examples/search -model runs/mlm -dir books "a walk along the sea"
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid"
)

// A passage is a part of a file with its vector, of length 1.
type passage struct {
	file, text string
	vector     []float32
	likeness   float64 // cosine, with the question
}

func main() {
	dir := flag.String("model", "runs/mlm", "model folder")
	texts := flag.String("dir", ".", "folder of .txt files")
	tokens := flag.Int("tokens", 64, "tokens of a passage")
	top := flag.Int("top", 5, "passages to show")
	flag.Parse()
	question := strings.Join(flag.Args(), " ")
	if err := search(context.Background(), *dir, *texts, question, *tokens, *top); err != nil {
		log.Fatal(err)
	}
}

func search(ctx context.Context, dir, texts, question string, tokens, top int) error {
	m, err := orchid.Open(ctx, dir, orchid.Options{})
	if err != nil {
		return err
	}
	defer m.Close()
	files, err := filepath.Glob(filepath.Join(texts, "*.txt"))
	if err != nil {
		return err
	}
	var inputs []orchid.Input
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		inputs = append(inputs, orchid.Input{A: string(text)})
	}
	o := orchid.EmbedOptions{Chunk: tokens, Normalize: true}
	documents, err := m.Embed(ctx, o, inputs...)
	if err != nil {
		return err
	}
	// The question is one passage, however long it is.
	o.Chunk = 1 << 20
	asked, err := m.Embed(ctx, o, orchid.Input{A: question})
	if err != nil {
		return err
	}
	switch {
	case asked[0].Err != nil:
		return asked[0].Err
	case len(asked[0].Chunks) == 0:
		return errors.New("ask for something behind the flags")
	}
	var found []passage
	for i, d := range documents {
		if d.Err != nil { // it is longer than this model takes
			log.Printf("%s: %v", files[i], d.Err)
		}
		for _, c := range d.Chunks {
			p := passage{file: files[i], text: inputs[i].A[c.Start:c.End], vector: c.Vector}
			p.likeness = dot(p.vector, asked[0].Chunks[0].Vector)
			found = append(found, p)
		}
	}
	slices.SortStableFunc(found, func(a, b passage) int {
		switch {
		case a.likeness > b.likeness:
			return -1
		case a.likeness < b.likeness:
			return 1
		}
		return 0
	})
	for _, p := range found[:min(top, len(found))] {
		fmt.Printf("%.3f  %s: %s\n", p.likeness, filepath.Base(p.file), strings.Join(strings.Fields(p.text), " "))
	}
	return nil
}

// dot is the cosine of vectors of length 1.
func dot(a, b []float32) (sum float64) {
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}
