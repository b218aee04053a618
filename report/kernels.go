package report

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/orchid-seq/orchid/checkpoint"
	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/plot"
	"github.com/orchid-seq/orchid/mixer"
	"github.com/orchid-seq/orchid/model"
	"github.com/orchid-seq/orchid/task"
)

// encoded is a task that shows the encoder of its model.
type encoded interface{ Encoder() *model.Encoder }

// errNoOrchid is about runs whose first layer has no kernels.
var errNoOrchid = errors.New("its first layer is no Orchid operator")

// Kernels are those of the first layer of a trained model, for the first sequence
// of its self-test.
type Kernels struct {
	Run     *Run
	Length  int
	Figures []plot.Figure

	circular bool
}

// kernels loads the model of a run and looks at its first layer.
func kernels(ctx context.Context, r *Run) (k *Kernels, err error) {
	t, err := r.Experiment.ReadModel(ctx, r.Dir)
	if err != nil {
		return nil, err
	}
	if c, ok := t.(interface{ Close() error }); ok {
		defer func() { err = errors.Join(err, c.Close()) }()
	}
	return KernelsOf(r, t)
}

// KernelsOf looks at the first layer of a task whose model has the weights of a run,
// finished or not. The error says why there are no kernels to see.
func KernelsOf(r *Run, t task.Task) (k *Kernels, err error) {
	e, ok := t.(encoded)
	if !ok {
		return nil, fmt.Errorf("%s: the task %s does not show its encoder", r.Dir, r.Experiment.Name)
	}
	orchid, ok := e.Encoder().Blocks[0].Mixer.(*mixer.Orchid)
	if !ok {
		return nil, fmt.Errorf("%s: %w", r.Dir, errNoOrchid)
	}
	inputs, _, err := checkpoint.Read(filepath.Join(r.Dir, experiment.SelfTestFile))
	if err != nil {
		return nil, err
	}
	heard, err := e.Encoder().Hear(0, nil, func() error {
		_, err := t.Predict(inputs)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.Dir, err)
	}
	static, own, err := orchid.Kernels(heard)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.Dir, err)
	}
	k = &Kernels{Run: r, Length: own.Taps.Rows(), circular: slices.Min(own.Lags) < 0}
	for _, part := range []struct {
		name   string
		kernel *mixer.Kernel
	}{{"Static kernel", static}, {"Kernel of the sequence", own}} {
		if part.kernel != nil {
			k.Figures = append(k.Figures, drawKernel(part.name, part.kernel)...)
		}
	}
	return k, nil
}

// drawKernel draws some channels of a kernel in time and in frequency.
func drawKernel(name string, k *mixer.Kernel) []plot.Figure {
	const most = 600 // points of a line
	D := k.Taps.Cols()
	time := plot.Figure{Title: name + " in time", Y: "tap", Panels: []plot.Panel{{X: "lag, rows"}}}
	freq := plot.Figure{Title: name + " in frequency", Y: "magnitude", Base: 10, Panels: []plot.Panel{{X: "frequency, cycles a row"}}}
	channels := []int{0, D / 3, 2 * D / 3, D - 1}
	looks := plot.Looks(make([]string, len(channels)))
	for i, c := range slices.Compact(channels) {
		line := plot.Line{Name: fmt.Sprintf("channel %d of %d", c+1, D), Class: looks[i]}
		taps, bins := line, line
		for n, lag := range k.Lags {
			taps.Points = append(taps.Points, [2]float64{float64(lag), float64(k.Taps.Row(n)[c])})
		}
		slices.SortFunc(taps.Points, func(a, b [2]float64) int { return cmp.Compare(a[0], b[0]) })
		for b, frequency := range k.Frequencies {
			bins.Points = append(bins.Points, [2]float64{frequency, float64(k.Spectrum.Row(b)[c])})
		}
		taps.Points, bins.Points = plot.Thin(taps.Points, most), plot.Thin(bins.Points, most)
		time.Panels[0].Lines = append(time.Panels[0].Lines, taps)
		freq.Panels[0].Lines = append(freq.Panels[0].Lines, bins)
	}
	return []plot.Figure{time, freq}
}

// pickKernels looks at the run of a folder or, for "", at the first that has
// finished with an Orchid operator; nil if there is none.
func pickKernels(ctx context.Context, runs []*Run, dir string) (*Kernels, error) {
	for _, r := range runs {
		switch {
		case dir != "" && filepath.Clean(dir) != filepath.Clean(r.Dir):
		case dir == "" && (!r.Weights || r.setting("mixer") != "orchid"):
		default:
			return kernels(ctx, r)
		}
	}
	if dir != "" {
		return nil, fmt.Errorf("no run %s among those of the report", dir)
	}
	return nil, nil
}
