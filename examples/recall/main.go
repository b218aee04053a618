// Command recall trains a small model from Go, as "orchid train recall" does: the
// model reads pairs of words and says which one belonged to the last.
//
//	go run ./examples/recall -out runs/from-go steps=800
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"

	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/train"
)

func main() {
	out := flag.String("out", "runs/from-go", "folder to write")
	flag.Parse()
	// Ctrl-C saves; Run with resume goes on from there with the same bits.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := fit(ctx, *out, flag.Args()); err != nil {
		log.Fatal(err)
	}
}

// fit trains with settings on top of those of a small preset.
func fit(ctx context.Context, dir string, settings []string) (err error) {
	e, err := experiment.New("recall")
	if err != nil {
		return err
	}
	if err := errors.Join(e.Preset("small"), e.Override(settings)); err != nil {
		return err
	}
	if err := e.Validate(); err != nil {
		return err
	}
	task, err := e.Build(ctx)
	if err != nil {
		return err
	}
	if err := task.Prepare(ctx, func(int, int) {}); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	unlock, err := train.Lock(dir) // no second process trains in it
	if err != nil {
		return err
	}
	defer unlock()
	if err := e.WriteConfig(dir); err != nil {
		return err
	}
	result, err := train.Run(ctx, e.Training, task, dir, false, train.Observer{
		Step: func(p train.Progress) {
			if p.Step%100 == 0 {
				fmt.Printf("step %d of %d: loss %.3f\n", p.Step, p.Steps, p.Loss)
			}
		},
	})
	if err != nil {
		return err
	}
	fmt.Printf("accuracy %.4f after %d steps of %d parameters\n", result.Metrics["accuracy"], result.Steps, result.Parameters)
	// From here on "orchid eval", "orchid inspect" and the others take the folder.
	return e.WriteModel(dir, task, nil)
}
