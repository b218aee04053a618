package image

import (
	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/mixer"
	"github.com/orchid-seq/orchid/model"
)

// Config is the task with its model.
type Config struct {
	Data  string `yaml:"data"` // folder; see picture.Open for its forms
	Batch int    `yaml:"batch"`
	// Size is the side that pictures are resized to; 0 leaves them as they are,
	// those of folders like the first of them.
	Size int `yaml:"picture-size"`
	// BadFiles says what files that cannot be read, and classes of the test part
	// that training lacks, lead to: stop, or skip with a note.
	BadFiles string `yaml:"bad-files"`

	// How training pictures are varied.
	Crop            int     `yaml:"crop"`             // pixels of padding for random crops
	ScaleCrop       float64 `yaml:"scale-crop"`       // smallest share of the area of crops of random scale; 0 for none
	Flip            bool    `yaml:"flip"`             // mirror half of the training pictures
	RandAugment     float64 `yaml:"randaugment"`      // magnitude, to 10; 0 for none
	RandAugmentProb float64 `yaml:"randaugment-prob"` // of each of two operations
	Erasing         float64 `yaml:"erasing"`          // probability of a box of noise
	// Mixup and CutMix are the parameters of the beta distribution from which a
	// batch draws the share of the first of two pictures; 0 for none. With both
	// on, half of the batches get the one, half the other.
	Mixup     float64 `yaml:"mixup"`
	CutMix    float64 `yaml:"cutmix"`
	Smoothing float64 `yaml:"label-smoothing"`

	// What the model was built for; New takes it from the data where it is not
	// given, so that the stored settings say it.
	Height   int      `yaml:"height"`
	Width    int      `yaml:"picture-width"`
	Channels int      `yaml:"channels"`
	Classes  []string `yaml:"classes"`

	Patches model.PatchConfig `yaml:",inline"`
	Model   model.Config      `yaml:",inline"`
}

// Default is a small model for small pictures.
func Default() Config {
	m := mixer.Default()
	m.Transform, m.Residual = "dft", false
	return Config{
		Batch: 50, BadFiles: "stop", RandAugmentProb: 0.5, Smoothing: 0.1,
		Patches: model.PatchConfig{Patch: 4, Pool: autograd.MeanPool},
		Model:   model.Config{Width: 128, Depth: 6, Expand: 4, MLPBlocks: 4, DropPath: 0.1, Init: autograd.SchemeTruncated, Norm: "pre", NormEps: 1e-5, MixerResidual: true, Mixer: m},
	}
}

// mostSide bounds the sides of pictures.
const mostSide = 1 << 14

// Validate returns every fault that can be seen without the data.
func (c Config) Validate() error {
	var f fault.List
	f.Check(c.Data != "", "data: name the folder of the pictures, as in data=path/to/mnist")
	f.Check(c.Batch >= 1 && c.Batch <= 1<<20, "batch=%d: want 1 to 1048576", c.Batch)
	f.Check(c.Size >= 0 && c.Size <= mostSide, "picture-size=%d: want 0 (as they are) to %d", c.Size, mostSide)
	f.Check(c.Size == 0 || (c.Height == 0 || c.Height == c.Size) && (c.Width == 0 || c.Width == c.Size),
		"picture-size=%d with height=%d and picture-width=%d: want the same, or 0", c.Size, c.Height, c.Width)
	f.OneOf("bad-files", c.BadFiles, "stop", "skip")
	f.Check(c.Height >= 0 && c.Height <= mostSide && c.Width >= 0 && c.Width <= mostSide && c.Channels >= 0 && c.Channels <= 16,
		"height=%d, picture-width=%d, channels=%d: want sizes of a picture, or 0 to take them from the data", c.Height, c.Width, c.Channels)
	c.variation(&f)
	f.Check(c.Smoothing >= 0 && c.Smoothing < 1, "label-smoothing=%g: want at least 0 and below 1", c.Smoothing)
	f.Add(c.Model.Validate(2))
	return f.Err()
}

// variation checks how training pictures are varied.
func (c Config) variation(f *fault.List) {
	f.Check(c.Crop >= 0 && c.Crop <= 1<<12, "crop=%d: want 0 to 4096", c.Crop)
	f.Check(c.ScaleCrop >= 0 && c.ScaleCrop <= 1, "scale-crop=%g: want 0 (none) to 1, a share of the area", c.ScaleCrop)
	f.Check(c.Crop == 0 || c.ScaleCrop == 0, "crop=%d and scale-crop=%g: want one of them, the other 0", c.Crop, c.ScaleCrop)
	f.Check(c.RandAugment >= 0 && c.RandAugment <= 10, "randaugment=%g: want 0 (none) to 10", c.RandAugment)
	f.Check(c.RandAugmentProb >= 0 && c.RandAugmentProb <= 1, "randaugment-prob=%g: want 0 to 1", c.RandAugmentProb)
	f.Check(c.Erasing >= 0 && c.Erasing <= 1, "erasing=%g: want 0 to 1, a probability", c.Erasing)
	f.Check(c.Mixup >= 0 && c.Mixup <= 1000, "mixup=%g: want 0 (none) to 1000", c.Mixup)
	f.Check(c.CutMix >= 0 && c.CutMix <= 1000, "cutmix=%g: want 0 (none) to 1000", c.CutMix)
}
