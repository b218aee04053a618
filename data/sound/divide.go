package sound

import (
	"fmt"
	"math"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/internal/random"
)

// place is where a recording stands between 0 and 1: the SHA-256 of its name in the
// folder, CLASS/FILE, as a fraction, which does not depend on other recordings.
func place(f file) float64 {
	return random.Fraction(path.Join(f.class, filepath.Base(f.path)))
}

// A border is where the parts of a class meet: recordings whose place is below train
// are trained on, of the others those below validation validate, the rest is the test.
type border struct{ train, validation float64 }

func (b border) part(f file) string {
	switch at := place(f); {
	case at < b.train:
		return "train"
	case at < b.validation:
		return "validation"
	}
	return "test"
}

// borders are set where a model is trained, so that 70 % of every class are for
// training and 15 % for validation, and kept with it: a recording is on the same side
// for as long as the model is used, whatever is added or removed beside it.
func borders(classes []string, list []file) []border {
	all := make([]border, len(classes))
	for c, class := range classes {
		var places []float64
		for _, f := range list {
			if f.class == class {
				places = append(places, place(f))
			}
		}
		slices.Sort(places)
		behind := func(share float64) float64 {
			n := int(math.Round(share * float64(len(places))))
			if n == len(places) {
				return 1
			}
			return math.Floor(1e6*places[n]) / 1e6 // as it is written
		}
		all[c] = border{behind(0.7), behind(0.85)}
	}
	return all
}

// writeBorders and readBorders are their form in the settings of a model.
func writeBorders(all []border) string {
	var list []string
	for _, b := range all {
		list = append(list, fmt.Sprintf("%.6f %.6f", b.train, b.validation))
	}
	return strings.Join(list, ", ")
}

func readBorders(text string, classes int) ([]border, error) {
	var all []border
	for pair := range strings.SplitSeq(text, ",") {
		var b border
		if _, err := fmt.Sscan(pair, &b.train, &b.validation); err != nil {
			return nil, fmt.Errorf("%q: %w", pair, err)
		}
		all = append(all, b)
	}
	if len(all) != classes {
		return nil, fmt.Errorf("%d pairs, want %d", len(all), classes)
	}
	return all, nil
}

// unknown is where a whole folder of recordings is the test.
const unknown = "recordings that it does not know into a folder of their own, as NEW/test/CLASS/*.wav"

// divide gives recordings without parts theirs, says so, and returns the borders. It
// refuses recordings of which a model may have been trained with any.
func (r Reading) divide(dir string, classes []string, list []file) (string, error) {
	all := borders(classes, list)
	if r.Model {
		var err error
		if all, err = readBorders(r.Trained, len(classes)); err != nil {
			return "", fmt.Errorf("%s: the recordings have no parts, and which of them the model was trained with is not known: put %s", dir, unknown)
		}
	}
	count := map[string]int{}
	for i, f := range list {
		list[i].part = all[slices.Index(classes, f.class)].part(f)
		count[list[i].part]++
	}
	text := fmt.Sprintf("%s: the %d recordings have no parts: %d are for training, %d for validation, %d for the test", dir, len(list), count["train"], count["validation"], count["test"])
	if r.Model {
		text += fmt.Sprintf(", by their names as in its training; to test the model on all of a folder, put %s", unknown)
	}
	r.note(text)
	return writeBorders(all), nil
}
