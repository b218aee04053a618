package report

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/checkpoint"
	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/plot"
	"github.com/orchid-seq/orchid/mixer"
	"github.com/orchid-seq/orchid/model"
	"github.com/orchid-seq/orchid/tensor"
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
	e, ok := t.(encoded)
	if !ok {
		return nil, fmt.Errorf("%s: the task %s does not show its encoder", r.Dir, r.Experiment.Name)
	}
	block := e.Encoder().Blocks[0]
	orchid, ok := block.Mixer.(*mixer.Orchid)
	if !ok {
		return nil, fmt.Errorf("%s: %w", r.Dir, errNoOrchid)
	}
	inputs, _, err := checkpoint.Read(filepath.Join(r.Dir, experiment.SelfTestFile))
	if err != nil {
		return nil, err
	}
	ear := &listener{Mixer: orchid}
	block.Mixer = ear
	_, err = t.Predict(inputs)
	block.Mixer = orchid
	if err == nil && ear.heard == nil {
		err = errors.New("the model did not ask its first layer")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.Dir, err)
	}
	static, own, err := orchid.Kernels(ear.heard)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.Dir, err)
	}
	k = &Kernels{Run: r, Length: own.Taps.Rows(), circular: circular(r.setting("transform"))}
	for _, part := range []struct {
		name   string
		kernel *mixer.Kernel
	}{{"Static kernel", static}, {"Kernel of the sequence", own}} {
		if part.kernel != nil {
			k.Figures = append(k.Figures, drawKernel(part.name, part.kernel, r.setting("transform"))...)
		}
	}
	return k, nil
}

// A listener is a mixer that keeps the first sequence that it is given.
type listener struct {
	mixer.Mixer
	heard *tensor.Tensor
}

// Forward implements mixer.Mixer.
func (l *listener) Forward(t *autograd.Tape, x *autograd.Node, seq tensor.Offsets) *autograd.Node {
	if l.heard == nil {
		rows := seq.Len(0)
		l.heard = tensor.From(slices.Clone(x.Data[:rows*x.Cols()]), rows, x.Cols())
	}
	return l.Mixer.Forward(t, x, seq)
}

// drawKernel draws some channels of a kernel in time and in frequency.
func drawKernel(name string, k *mixer.Kernel, transform string) []plot.Figure {
	const most = 600 // points of a line
	L, D := k.Taps.Rows(), k.Taps.Cols()
	time := plot.Figure{Title: name + " in time", Y: "tap", Panels: []plot.Panel{{X: "lag, rows"}}}
	freq := plot.Figure{Title: name + " in frequency", Y: "magnitude", Base: 10, Panels: []plot.Panel{{X: "frequency, cycles a row"}}}
	channels := []int{0, D / 3, 2 * D / 3, D - 1}
	looks := plot.Looks(make([]string, len(channels)))
	for i, c := range slices.Compact(channels) {
		line := plot.Line{Name: fmt.Sprintf("channel %d of %d", c+1, D), Class: looks[i]}
		taps, bins := line, line
		for n := range L {
			lag, at := n, n
			if circular(transform) { // lags below 0 stand at the end
				lag = n - (L-1)/2
				at = (lag + L) % L
			}
			taps.Points = append(taps.Points, [2]float64{float64(lag), float64(k.Taps.Row(at)[c])})
		}
		for b := range k.Spectrum.Rows() {
			bins.Points = append(bins.Points, [2]float64{frequency(b, L, transform), float64(k.Spectrum.Row(b)[c])})
		}
		taps.Points, bins.Points = plot.Thin(taps.Points, most), plot.Thin(bins.Points, most)
		time.Panels[0].Lines = append(time.Panels[0].Lines, taps)
		freq.Panels[0].Lines = append(freq.Panels[0].Lines, bins)
	}
	return []plot.Figure{time, freq}
}

// circular reports whether a transform makes circular convolutions.
func circular(transform string) bool { return strings.HasPrefix(transform, "dft") }

// frequency is that of a bin of a transform of size L, in cycles a row.
func frequency(bin, L int, transform string) float64 {
	period := 2 * L
	switch {
	case circular(transform):
		period = L
	case transform == "dct1":
		period = 2 * (L - 1)
	}
	return float64(bin) / float64(max(period, 1))
}

// pickKernels looks at the run of a folder or, for "", at the first that has
// finished with an Orchid operator; nil if there is none.
func pickKernels(ctx context.Context, runs []*Run, dir string) (*Kernels, error) {
	for _, r := range runs {
		switch {
		case dir != "" && filepath.Clean(dir) != filepath.Clean(r.Dir):
		case dir == "" && (!r.Finished || r.setting("mixer") != "orchid"):
		default:
			return kernels(ctx, r)
		}
	}
	if dir != "" {
		return nil, fmt.Errorf("no run %s among those of the report", dir)
	}
	return nil, nil
}
