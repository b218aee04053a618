package export

import (
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/random"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/tensor"
	"github.com/orchid-seq/orchid/tokenize"
)

// A trial is a small model that is to compute the same in PyTorch.
type trial struct {
	name, task, settings string
	lengths              []int // of the sequences to compare
}

// Settings of the trials, those that come first.
const (
	words   = "vocabulary=14 length=24 width=12 depth=1 filter-width=6 expand=2 "
	text    = "data=nowhere width=12 depth=2 mlp-blocks=2 filter-width=6 max-length=32 expand=2 dropout=0.1 init=uniform filter-frequency=3 "
	signals = "data=nowhere width=12 depth=1 filter-width=6 expand=2 max-length=40 classes=a,b,c init=uniform "
)

// trials cover the options of the operator, of the models around it and of the tasks.
func trials() (list []trial) {
	for name, settings := range map[string]string{
		"default":             "",
		"dft":                 "transform=dft",
		"dft-ortho":           "transform=dft-ortho",
		"dct":                 "transform=dct",
		"dct1":                "transform=dct1",
		"plain":               "transform=dft magnitude=plain",
		"squared":             "magnitude=squared",
		"time":                "transform=dft stages=time",
		"frequency":           "stages=frequency",
		"frequency-dft":       "transform=dft stages=frequency",
		"correlation":         "conditioner=correlation",
		"correlation-dft":     "conditioner=correlation transform=dft",
		"correlation-time":    "conditioner=correlation transform=dft-ortho stages=time",
		"correlation-tanh":    "conditioner=correlation transform=dft nonlinearity=tanh",
		"correlation-gelu":    "conditioner=correlation nonlinearity=gelu",
		"correlation-shrink":  "conditioner=correlation nonlinearity=softshrink+0.1",
		"correlation-sigmoid": "conditioner=correlation transform=dft nonlinearity=sigmoid+0.5 nonlinearity-form=magnitude",
		"correlation-sign":    "conditioner=correlation nonlinearity=silu nonlinearity-form=magnitude",
		"correlation-softmax": "conditioner=correlation transform=dft nonlinearity=softmax",
		"spectrum":            "conditioner=spectrum",
		"spectrum-dft":        "conditioner=spectrum transform=dft",
		"order3":              "conditioner=spectrum stages=frequency transform=dft order=3 residual-convolution=false",
		"double":              "transform=dft double-kernel=true",
		"layers":              "conditioner-layers=2 conditioner-taps=5 conditioner-activation=relu",
		"layers-dft":          "transform=dft conditioner-layers=3 conditioner-activation=softplus conditioner-bias=false",
		"softmax":             "conditioner-layers=2 conditioner-activation=softmax",
		"ln":                  "transform=dft conditioner-layers=2 conditioner-activation=ln",
		"log":                 "conditioner-layers=2 conditioner-activation=log",
		"no-norm":             "conditioner-norm=none",
		"batch-norm":          "transform=dft conditioner-norm=batch",
		"reflect":             "conditioner-padding=reflect",
		"replicate":           "conditioner-padding=replicate",
		"circular":            "transform=dft conditioner-padding=circular",
		"no-gates":            "gates=false",
		"no-static":           "static-kernel=false residual-convolution=false",
		"no-residual-skip":    "residual-skip=false short-taps=4",
		"linear-filter":       "filter-linear=true",
		"wide-filter":         "filter-features=9 filter-inner=0 filter-shift=0.3 filter-train-decay=true",
		"relative":            "filter-positions=relative filter-features=3 filter-frequency-scale=0.5",
		"fixed":               "filter-positions=fixed filter-normalize=true filter-modulate=false transform=dft",
		"attention":           "mixer=attention heads=3",
		"sinusoidal":          "mixer=attention heads=2 positions=sinusoidal",
		"hyena":               "mixer=hyena",
		"m2":                  "mixer=m2 filter-positions=relative filter-frequency=3",
		"post":                "norm=post mlp-blocks=3",
		"gated":               "gated-mlp=true mlp-blocks=2 depth=2",
		"many":                "form=many length=32 pairs=3",
	} {
		list = append(list, trial{"recall-" + name, "recall", words + settings, []int{5, 16, 23}})
	}
	for i, t := range list { // which serve more than the kernels were made for
		if strings.Contains(t.settings, "transform=dft") || strings.Contains(t.settings, "relative") || strings.Contains(t.settings, "sinusoidal") {
			list[i].lengths = append(t.lengths, 41)
		}
	}
	lengths := []int{3, 17, 32}
	return append(
		list,
		trial{"mlm-words", "mlm", text + "length=32 tokenizer=VOCABULARY", lengths},
		trial{"mlm-bytes", "mlm", text + "length=32 tokenizer=bytes ngrams=4 ngram-buckets=999 positions=none token-types=0", lengths},
		trial{"mlm-input-norm", "mlm", text + "length=32 tokenizer=characters:abcdefgh input-norm=true mixer=m2", lengths},
		trial{"mlm-bert", "mlm", text + "length=32 tokenizer=VOCABULARY mixer=attention heads=4 mixer-residual=true gated-mlp=false mlp-blocks=1", lengths},
		trial{"text-first", "text", text + "tokenizer=bytes classes=no,yes", lengths},
		trial{"text-mean", "text", text + "tokenizer=VOCABULARY classes=no,maybe,yes pool=mean pooler=false labels=multi", lengths},
		trial{"text-max", "text", text + "tokenizer=bytes pool=max labels=number", lengths},
		trial{"text-last", "text", text + "tokenizer=bytes pool=last classes=no,yes norm=pre mixer-residual=true mixer=hyena", lengths},
		trial{"text-strands", "text", text + "tokenizer=dna classes=coding,other reverse-complement=mean", lengths},
		trial{"glue", "glue", text + "tokenizer=VOCABULARY name=mnli", lengths},
		trial{"image", "image", "data=PICTURES width=12 depth=1 filter-width=6 expand=2 patch=3 pool=mean init=uniform", nil},
		trial{"speech-filters", "speech", signals + "channels=1 stride=4 window=10 filters=5", []int{1, 30, 40}},
		trial{"speech-sequence", "speech", signals + "channels=1 stride=8 normalize=sequence pool=max", []int{7, 16, 39}},
		trial{"series", "series", signals + "channels=3 transform=dct", []int{7, 16, 39}},
		trial{"series-step", "series", signals + "channels=2 normalize=step stride=3", []int{40}},
	)
}

// vocabulary writes a vocab.txt, and pictures a folder of them.
func vocabulary(t *testing.T, dir string) string {
	path := filepath.Join(dir, "vocab.txt")
	list := "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nthe\ncat\nsat\non\nmat\n##s\n##ting\n.\n,\né\n中\n"
	if err := os.WriteFile(path, []byte(list), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func pictures(t *testing.T, dir string) string {
	root := filepath.Join(dir, "pictures")
	r := random.New(1, "pictures")
	for _, part := range []string{"train/x", "train/y", "test/x", "test/y"} {
		p := image.NewNRGBA(image.Rect(0, 0, 12, 9))
		for i := range 12 * 9 {
			p.Set(i%12, i/12, color.NRGBA{uint8(r.IntN(256)), uint8(r.IntN(256)), uint8(r.IntN(256)), 255})
		}
		if err := os.MkdirAll(filepath.Join(root, part), 0o755); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(filepath.Join(root, part, "0.png"))
		if err == nil {
			err = errors.Join(png.Encode(f, p), f.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// make builds the model of a trial, its weights all drawn, and writes its folder.
func (c trial) make(t *testing.T, dir string) task.Task {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	e, err := experiment.New(c.task)
	if err != nil {
		t.Fatal(err)
	}
	temp := t.TempDir()
	settings := c.settings
	if strings.Contains(settings, "VOCABULARY") {
		settings = strings.ReplaceAll(settings, "VOCABULARY", vocabulary(t, temp))
	}
	if strings.Contains(settings, "PICTURES") {
		settings = strings.ReplaceAll(settings, "PICTURES", pictures(t, temp))
	}
	if err := e.Override(strings.Fields(settings)); err != nil {
		t.Fatal(c.name, err)
	}
	if err := e.Validate(); err != nil {
		t.Fatal(c.name, err)
	}
	k, err := e.Build(t.Context())
	if err != nil {
		t.Fatal(c.name, err)
	}
	shake(k.Params())
	if f, ok := k.(task.Filer); ok {
		if err := f.WriteFiles(dir); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(e.WriteConfig(dir), e.WriteModel(dir, k, []byte("# a card\n"))); err != nil {
		t.Fatal(c.name, err)
	}
	return k
}

// shake moves what is neutral as it is drawn, gains of 1 and biases of 0, so that one
// left out shows.
func shake(params []*autograd.Param) {
	for i, p := range params {
		r := random.New(2, "shake", i)
		by := 0.25
		switch {
		case strings.HasSuffix(p.Name, ".running_var"), strings.HasSuffix(p.Name, ".deviation"), strings.HasSuffix(p.Name, ".std"):
			for j := range p.Data {
				p.Data[j] = float32(0.5 + r.Float64())
			}
			continue
		case strings.HasSuffix(p.Name, ".running_mean"), strings.HasSuffix(p.Name, ".mean"):
		case p.Frozen || !p.NoDecay:
			continue
		case strings.Contains(p.Name, ".pos_emb."):
			by = 0.02
		}
		for j := range p.Data {
			p.Data[j] += float32(by * r.Normal())
		}
	}
}

// inputs returns those of a trial, two sequences of each length.
func (c trial) inputs(t *testing.T, k task.Task) (list []map[string]*tensor.Tensor) {
	t.Helper()
	sample, err := k.Sample()
	if err != nil {
		t.Fatal(err)
	}
	if c.lengths == nil {
		return append(list, sample)
	}
	words := 14 // the vocabulary of recall
	if m, ok := k.(interface{ Tokenizer() *tokenize.Tokenizer }); ok {
		words = m.Tokenizer().Size()
	}
	for _, L := range c.lengths {
		for name, x := range sample {
			r := random.New(3, "inputs", L)
			shape := append([]int{2, L}, x.Shape[2:]...)
			y := tensor.New(shape...)
			for i := range y.Data {
				if name == "signals" {
					y.Data[i] = float32(r.Normal())
					continue
				}
				y.Data[i] = float32(r.IntN(words))
			}
			if c.task == "mlm" {
				for i := range 2 { // one hidden word a row
					y.Row(i)[(L+i)/2] = 4
				}
			}
			list = append(list, map[string]*tensor.Tensor{name: y})
		}
	}
	return list
}
