// Package checkpoint keeps parameters in files: names <-> parameters <-> disk,
// atomic and strict.
package checkpoint

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/whole"
	"github.com/orchid-seq/orchid/safetensors"
	"github.com/orchid-seq/orchid/tensor"
)

// digestKey is where a file's checksum stands in its metadata.
const digestKey = "sha256"

// Save writes parameters and metadata to a safetensors file. The file appears
// under its name only when it is whole and on disk: it is written beside its
// place, synced, and renamed. An error names the file; what stood there before
// stays.
func Save(path string, params []*autograd.Param, metadata map[string]string) error {
	tensors := make([]safetensors.Named, len(params))
	for i, p := range params {
		tensors[i] = safetensors.Named{Name: p.Name, Tensor: &p.Tensor}
	}
	all := map[string]string{}
	maps.Copy(all, metadata)
	all[digestKey] = digest(tensors, metadata)
	return whole.WriteFile(path, func(w io.Writer) error { return safetensors.Write(w, tensors, all) })
}

// Load reads a file that Save wrote, checks its checksum, and copies its
// tensors into params, which must have exactly the same names and shapes. An
// error names the file and everything that is wrong; then params are untouched.
func Load(path string, params []*autograd.Param) (metadata map[string]string, err error) {
	tensors, metadata, err := Read(path)
	if err != nil {
		return nil, err
	}
	if err := autograd.Assign(params, tensors); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return metadata, nil
}

// Read returns the tensors and the metadata of a file that Save wrote, after
// checking its checksum.
func Read(path string) (map[string]*tensor.Tensor, map[string]string, error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	metadata := f.Metadata()
	want, ok := metadata[digestKey]
	if !ok {
		return nil, nil, fmt.Errorf("%s: no checksum in the metadata: this file is not one of Orchid's", path)
	}
	delete(metadata, digestKey)
	tensors, list := map[string]*tensor.Tensor{}, []safetensors.Named{}
	for _, name := range f.Names() {
		t, err := f.Float32(name)
		if err != nil {
			return nil, nil, err
		}
		tensors[name] = t
		list = append(list, safetensors.Named{Name: name, Tensor: t})
	}
	if digest(list, metadata) != want {
		return nil, nil, fmt.Errorf("%s: the checksum does not match: the file was altered or damaged", path)
	}
	return tensors, metadata, nil
}

// digest hashes names, shapes, elements and metadata in the order of names.
func digest(tensors []safetensors.Named, metadata map[string]string) string {
	h := sha256.New()
	for _, k := range slices.Sorted(maps.Keys(metadata)) {
		fmt.Fprintf(h, "%q=%q\n", k, metadata[k])
	}
	sorted := slices.Clone(tensors)
	slices.SortFunc(sorted, func(a, b safetensors.Named) int {
		switch {
		case a.Name < b.Name:
			return -1
		case a.Name > b.Name:
			return 1
		}
		return 0
	})
	buf := make([]byte, 0, 1<<16)
	for _, t := range sorted {
		fmt.Fprintf(h, "%q %v\n", t.Name, t.Tensor.Shape)
		for _, v := range t.Tensor.Data {
			if buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v)); len(buf) == cap(buf) {
				h.Write(buf)
				buf = buf[:0]
			}
		}
		h.Write(buf)
		buf = buf[:0]
	}
	return hex.EncodeToString(h.Sum(nil))
}
