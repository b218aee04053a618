package experiment

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/checkpoint"
	"github.com/orchid-seq/orchid/internal/whole"
	"github.com/orchid-seq/orchid/mixer"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/task/language"
	"github.com/orchid-seq/orchid/tensor"
)

// SumsFile holds the checksums of a finished folder, in the form of sha256sum.
const SumsFile = "SHA256SUMS"

// summed are the files that decide what a model computes. The card may be edited,
// and histories grow.
var summed = append([]string{ConfigFile, ModelFile, SelfTestFile}, language.TokenizerFiles...)

// WriteSums writes the checksums of a folder, those of the files that are there.
func WriteSums(dir string) error {
	var b bytes.Buffer
	for _, name := range summed {
		sum, err := checksum(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s  %s\n", sum, name)
	}
	return whole.WriteBytes(filepath.Join(dir, SumsFile), b.Bytes())
}

func checksum(file string) (string, error) {
	f, err := whole.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// A ChecksumError says that a file is not the one that the training wrote.
type ChecksumError struct {
	File      string
	Want, Got string // SHA-256 in hexadecimal
}

// Error names the file, both sums and what to do.
func (e *ChecksumError) Error() string {
	return fmt.Sprintf("%s: its SHA-256 is %.12s…, %s says %.12s…: the file was changed or damaged; copy the folder again, or delete %s if the change is yours", e.File, e.Got, SumsFile, e.Want, SumsFile)
}

// CheckFolder compares the files of a folder with its checksums: a file that differs
// is a *ChecksumError. Folders without checksums, which are older or not finished,
// pass.
func CheckFolder(dir string) error {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return fmt.Errorf("%s is not a model folder: it is a file", dir)
	}
	file := filepath.Join(dir, SumsFile)
	f, err := whole.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	lines, weights := bufio.NewScanner(f), false
	for n := 1; lines.Scan(); n++ {
		want, name, ok := strings.Cut(lines.Text(), "  ")
		if !ok || len(want) != 2*sha256.Size || !filepath.IsLocal(name) || name != filepath.Base(name) {
			return fmt.Errorf("%s:%d: want a SHA-256, two spaces and the name of a file beside it", file, n)
		}
		got, err := checksum(filepath.Join(dir, name))
		if err != nil {
			return incomplete(err)
		}
		if got != want {
			return &ChecksumError{filepath.Join(dir, name), want, got}
		}
		weights = weights || name == ModelFile
	}
	if err := lines.Err(); err != nil || weights {
		return err
	}
	return fmt.Errorf("%s: it does not name %s: the file is damaged; copy the folder again", file, ModelFile)
}

// A SelfTestError says that a model gives other numbers here than where it was
// trained.
type SelfTestError struct {
	Dir                   string
	Difference, Tolerance float64 // the largest one, relative to the largest number
}

// Error says by how much they differ, and what to do.
func (e *SelfTestError) Error() string {
	return fmt.Sprintf("%s: the self-test differs by %.1e of the largest value from what was stored, at most %g is allowed: orchid version shows the kernels in use; GODEBUG=cpu.avx512f=off tries others", e.Dir, e.Difference, e.Tolerance)
}

// CheckModel recomputes the self-test of a folder with its model: numbers that
// differ are a *SelfTestError.
func CheckModel(dir string, t task.Task) error {
	stored, computed, err := selfTest(dir, t)
	if err != nil {
		return err
	}
	if v := mixer.CompareOutput(dir, computed.Data, stored.Data); !v.Pass {
		return &SelfTestError{dir, v.OutputError, v.Tolerance}
	}
	return nil
}

// SelfTest returns the stored output of a folder and what its model gives for
// the stored inputs on this machine.
func SelfTest(ctx context.Context, dir string) (stored, computed *tensor.Tensor, err error) {
	e, err := ReadConfig(dir)
	if err != nil {
		return nil, nil, err
	}
	t, err := e.ReadModel(ctx, dir)
	if err != nil {
		return nil, nil, err
	}
	return selfTest(dir, t)
}

func selfTest(dir string, t task.Task) (stored, computed *tensor.Tensor, err error) {
	file := filepath.Join(dir, SelfTestFile)
	inputs, _, err := checkpoint.Read(file)
	if err != nil {
		return nil, nil, incomplete(err)
	}
	stored, ok := inputs["output"]
	if !ok {
		return nil, nil, fmt.Errorf("%s: no tensor output", file)
	}
	if computed, err = t.Predict(inputs); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", file, err)
	}
	if !slices.Equal(stored.Shape, computed.Shape) {
		return nil, nil, fmt.Errorf("%s: output %v, the model gives %v", file, stored.Shape, computed.Shape)
	}
	return stored, computed, nil
}
