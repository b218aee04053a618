package experiment

import (
	"context"
	"path/filepath"

	"github.com/orchid-seq/orchid/checkpoint"
	"github.com/orchid-seq/orchid/optim"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/train"
)

// Newest returns the file with the newest weights of a run's folder: the model of
// a run that has finished, else a checkpoint; "" before there is one.
func Newest(dir string) (file string, err error) {
	if file := filepath.Join(dir, ModelFile); exists(file) {
		return file, nil
	}
	return train.Checkpoints(dir).Newest()
}

// Peek builds the model of a run that need not have finished, with the weights of a
// file that Newest named: averaged ones where the run averages them.
func (e *Experiment) Peek(ctx context.Context, file string) (task.Task, error) {
	t, err := e.Build(ctx)
	if err != nil {
		return nil, err
	}
	return t, checkpoint.Peek(file, optim.Averaged, t.Params())
}
