// Command fillmask shows the most probable words for each [MASK] of texts.
//
//	go run ./examples/fillmask -model runs/mlm "She opened the [MASK] and went in."
package main

import (
	"context"
	"flag"
	"fmt"
	"log"

	"github.com/orchid-seq/orchid"
)

func main() {
	dir := flag.String("model", "runs/mlm", "model folder of a masked language model")
	top := flag.Int("top", 5, "words for each mask")
	flag.Parse()
	ctx := context.Background()
	m, err := orchid.Open(ctx, *dir, orchid.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	var inputs []orchid.Input
	for _, text := range flag.Args() {
		inputs = append(inputs, orchid.Input{A: text})
	}
	fillings, err := m.FillMask(ctx, orchid.FillOptions{Top: *top}, inputs...)
	if err != nil {
		log.Fatal(err)
	}
	for i, f := range fillings {
		if f.Err != nil {
			log.Fatalf("%q: %v", inputs[i].A, f.Err)
		}
		for _, guesses := range f.Masks {
			for _, g := range guesses {
				fmt.Printf("%5.1f %%  %-12s %s\n", 100*g.Probability, g.Word, g.Text)
			}
		}
	}
}
