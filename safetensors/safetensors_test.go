package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/orchid-seq/orchid/internal/numtest"
	"github.com/orchid-seq/orchid/tensor"
)

// file joins a header and data.
func file(header string, data ...byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), data...)
}

func read(b []byte) (*File, error) {
	return Read(bytes.NewReader(b), int64(len(b)), "x.safetensors")
}

func TestRoundTrip(t *testing.T) {
	// Longer than a chunk and not a multiple of one; NaN and -0 among it.
	long := numtest.Normal(1, 3*(chunkBytes/4+7))
	long[0], long[9] = float32(math.NaN()), float32(math.Copysign(0, -1))
	tensors := []Named{
		Uint8("state", []byte{1, 2, 3}, 3),
		{Name: "w <\"é\n", Tensor: tensor.From(long, 3, len(long)/3)},
		{Name: "scalar", Tensor: tensor.From([]float32{2.5})},
		Int64("step", []int64{-1 << 63}),
		{Name: "empty", Tensor: tensor.New(4, 0)},
		Int64("ids", []int64{3, -4}, 1, 2),
	}
	metadata := map[string]string{"format": "test", "b": "", "a<": "ü"}
	var buf, again bytes.Buffer
	for _, w := range []io.Writer{&buf, &again} {
		if err := Write(w, tensors, metadata); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(buf.Bytes(), again.Bytes()) {
		t.Error("two writes differ")
	}
	if n := binary.LittleEndian.Uint64(buf.Bytes()); n%8 != 0 {
		t.Errorf("header of %d bytes is not padded to 8", n)
	}
	path := filepath.Join(t.TempDir(), "x.safetensors")
	if err := os.WriteFile(path, buf.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := f.Names(); !slices.Equal(got, []string{"empty", "ids", "scalar", "state", "step", "w <\"é\n"}) {
		t.Errorf("names %q", got)
	}
	if got := f.Metadata(); !cmp.Equal(got, metadata) {
		t.Errorf("metadata %q", got)
	}
	for _, want := range tensors {
		info, ok := f.Info(want.Name)
		if !ok {
			t.Fatalf("no %q", want.Name)
		}
		switch info.DType {
		case F32:
			got, err := f.Float32(want.Name)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got.Shape, want.Tensor.Shape) {
				t.Errorf("%q: shape %v, want %v", want.Name, got.Shape, want.Tensor.Shape)
			}
			numtest.BitEqual(t, want.Name, got.Data, want.Tensor.Data)
		default:
			got, err := f.Bytes(want.Name)
			if err != nil || !bytes.Equal(got, want.bytes) || !slices.Equal(info.Shape, want.shape) {
				t.Errorf("%q: %v %v, %v", want.Name, info.Shape, got, err)
			}
		}
	}
	if got, err := f.Int64("ids"); err != nil || !slices.Equal(got, []int64{3, -4}) {
		t.Errorf("ids: %v, %v", got, err)
	}
	if got, err := f.Int64("step"); err != nil || !slices.Equal(got, []int64{-1 << 63}) {
		t.Errorf("step: %v, %v", got, err)
	}
}

func TestFloat32Widens(t *testing.T) {
	half := func(bits ...uint16) (b []byte) {
		for _, v := range bits {
			b = binary.LittleEndian.AppendUint16(b, v)
		}
		return b
	}
	double := func(v ...float64) (b []byte) {
		for _, v := range v {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
		return b
	}
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		dtype string
		data  []byte
		want  []float32
	}{
		{
			"F16", half(0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x83ff, 0x8000, 0x7c00, 0xfc00),
			[]float32{1, -2, 65504, 0x1p-14, 0x1p-24, -1023 * 0x1p-24, float32(math.Copysign(0, -1)), inf, -inf},
		},
		{"F16", half(0x7e01), []float32{math.Float32frombits(0x7fc02000)}},
		{
			"BF16", half(0x3f80, 0xc049, 0x0001, 0x7f80, 0xffc1),
			[]float32{1, -3.140625, math.Float32frombits(0x10000), inf, math.Float32frombits(0xffc10000)},
		},
		{
			"F64", double(0.1, 1e300, -1e-300, 1+0x1p-24, 1+0x1p-24+0x1p-40),
			[]float32{0.1, inf, float32(math.Copysign(0, -1)), 1, 1 + 0x1p-23},
		},
	} {
		n := len(c.data)
		f, err := read(file(`{"x":{"dtype":"`+c.dtype+`","shape":[`+strconv.Itoa(len(c.want))+`],"data_offsets":[0,`+strconv.Itoa(n)+`]}}`, c.data...))
		if err != nil {
			t.Fatal(err)
		}
		got, err := f.Float32("x")
		if err != nil {
			t.Fatal(err)
		}
		numtest.BitEqual(t, c.dtype, got.Data, c.want)
	}
}

// TestHalf holds every finite binary16 to its definition.
func TestHalf(t *testing.T) {
	for h := range 1 << 15 {
		exp, frac := h>>10, float64(h&1023)
		want := math.Ldexp(1+frac/1024, exp-15)
		switch exp {
		case 0:
			want = math.Ldexp(frac/1024, -14)
		case 31:
			continue
		}
		if got := float64(fromHalf(uint16(h))); got != want {
			t.Fatalf("%#04x: got %v, want %v", h, got, want)
		}
		if got := float64(fromHalf(uint16(h | 1<<15))); got != -want {
			t.Fatalf("%#04x: got %v, want %v", h|1<<15, got, -want)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	const f32 = `"dtype":"F32","shape":[1],`
	eight := make([]byte, 8)
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty file", nil, "holds 0 bytes"},
		{"no header", []byte{200, 0, 0, 0, 0, 0, 0, 0, '{'}, "holds 9 bytes, its header alone ends at 208"},
		{"pointer of Git LFS", []byte("version https://git-lfs.github.com/spec/v1\n"), "over the limit of 100000000"},
		{"header length 2^64-1", bytes.Repeat([]byte{255}, 16), "over the limit"},
		{"zero header length", make([]byte, 8), "does not start with '{'"},
		{"leading space", file(` {}`), "does not start with '{'"},
		{"array", file(`[]`), "does not start with '{'"},
		{"not UTF-8", file("{\"\xff\":0}"), "not UTF-8"},
		{"cut JSON", file(`{"a":{`), "unexpected EOF"},
		{"bad JSON", file(`{"a" 1}`), "bad JSON"},
		{"second object", file(`{}{}`), "something follows"},
		{"tensor is a number", file(`{"a":1}`), "want '{'"},
		{"metadata is a number", file(`{"__metadata__":{"k":1}}`), "want a string"},
		{"metadata key twice", file(`{"__metadata__":{"k":"","k":""}}`), `"k" appears twice`},
		{"metadata twice", file(`{"__metadata__":{},"__metadata__":{}}`), "appears twice"},
		{"name twice", file(`{"a":{`+f32+`"data_offsets":[0,4]},"a":{`+f32+`"data_offsets":[4,8]}}`, eight...), `"a" appears twice`},
		{"name twice by escape", file(`{"a":{`+f32+`"data_offsets":[0,4]},"\u0061":{`+f32+`"data_offsets":[4,8]}}`, eight...), `"a" appears twice`},
		{"field twice", file(`{"a":{`+f32+f32+`"data_offsets":[0,4]}}`, eight[:4]...), `"dtype" appears twice`},
		{"field missing", file(`{"a":{"dtype":"F32","data_offsets":[0,4]}}`, eight[:4]...), "want the fields"},
		{"field in capitals", file(`{"a":{"DType":"F32","shape":[1],"data_offsets":[0,4]}}`, eight[:4]...), `unknown field "DType"`},
		{"unknown dtype", file(`{"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}`, eight[:4]...), `tensor "a": unknown dtype "F31"`},
		{"null shape", file(`{"a":{"dtype":"F32","shape":null,"data_offsets":[0,4]}}`, eight[:4]...), "want '['"},
		{"negative size", file(`{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}`, eight[:4]...), "-1 is not a size"},
		{"fraction", file(`{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}`, eight[:4]...), "1.0 is not a size"},
		{"size 2^63", file(`{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}}`, eight[:4]...), "is not a size"},
		{"string size", file(`{"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}`, eight[:4]...), "want a number"},
		{"shape overflows to 4 bytes", file(`{"a":{"dtype":"F32","shape":[4611686018427387904,4,1],"data_offsets":[0,0]}}`), "too large"},
		{"three offsets", file(`{"a":{`+f32+`"data_offsets":[0,4,4]}}`, eight[:4]...), "holds 3 numbers"},
		{"backwards", file(`{"a":{`+f32+`"data_offsets":[4,0]}}`, eight[:4]...), "run backwards"},
		{"wrong span", file(`{"a":{`+f32+`"data_offsets":[0,8]}}`, eight...), "F32 [1] takes 4 bytes, data_offsets [0, 8] span 8"},
		{"cut short", file(`{"a":{`+f32+`"data_offsets":[0,4]}}`, 1, 2), "x.safetensors: file holds 64 bytes, header promises 66: it is cut short"},
		{"offset near 2^63", file(`{"a":{` + f32 + `"data_offsets":[9223372036854775803,9223372036854775807]}}`), "cut short"},
		{"bytes left over", file(`{"a":{`+f32+`"data_offsets":[0,4]}}`, eight...), `4 bytes follow tensor "a"`},
		{"bytes and no tensor", file(`{}`, 1), "1 bytes follow the header"},
		{"hole", file(`{"a":{`+f32+`"data_offsets":[4,8]}}`, eight...), `tensor "a": 4 bytes between it and the header`},
		{"overlap", file(`{"a":{`+f32+`"data_offsets":[0,4]},"b":{`+f32+`"data_offsets":[0,4]}}`, eight[:4]...), `tensor "b": its bytes overlap those of tensor "a"`},
	} {
		_, err := read(c.file)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "x.safetensors: ") {
			t.Errorf("%s: got error %v, want %q", c.name, err, c.want)
		}
	}
}

func TestReadAccepts(t *testing.T) {
	for name, b := range map[string][]byte{
		"nothing":            file(`{}`),
		"padding":            file(`{}      `),
		"zero size first":    file(`{"a":{"dtype":"F32","shape":[0,9223372036854775807],"data_offsets":[0,0]},"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 7),
		"any field order":    file(`{"b":{"data_offsets":[0,1],"shape":[1],"dtype":"F8_E4M3"}}`, 7),
		"header in disorder": file(`{"b":{"dtype":"U8","shape":[],"data_offsets":[1,2]},"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}`, 7, 8),
	} {
		if _, err := read(b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestErrorsNameFileAndTensor(t *testing.T) {
	f, err := read(file(`{"n":{"dtype":"I32","shape":[],"data_offsets":[0,4]}}`, 1, 2, 3, 4))
	if err != nil {
		t.Fatal(err)
	}
	_, typeErr := f.Float32("n")
	_, intErr := f.Int64("n")
	_, nameErr := f.Bytes("m")
	for want, err := range map[string]error{
		`x.safetensors: tensor "n" has dtype I32, want F32, F64, F16 or BF16`: typeErr,
		`x.safetensors: tensor "n" has dtype I32, want I64`:                   intErr,
		`x.safetensors: no tensor "m" among its 1`:                            nameErr,
	} {
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "absent")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("absent file: %v", err)
	}
}

func TestWriteRefuses(t *testing.T) {
	one := tensor.New(1)
	for name, c := range map[string]struct {
		tensors  []Named
		metadata map[string]string
	}{
		"twice":    {tensors: []Named{{Name: "a", Tensor: one}, {Name: "a", Tensor: one}}},
		"reserved": {tensors: []Named{{Name: "__metadata__", Tensor: one}}},
		"name":     {tensors: []Named{{Name: "\xff", Tensor: one}}},
		"metadata": {metadata: map[string]string{"k": "\xff"}},
	} {
		var b bytes.Buffer
		if err := Write(&b, c.tensors, c.metadata); err == nil || b.Len() > 0 {
			t.Errorf("%s: error %v after %d bytes", name, err, b.Len())
		}
	}
	for name, f := range map[string]func(){
		"Int64":  func() { Int64("a", []int64{1, 2}, 3) },
		"Uint8":  func() { Uint8("a", nil) },
		"tensor": func() { Write(io.Discard, []Named{{Name: "a", Tensor: &tensor.Tensor{Data: make([]float32, 2)}}}, nil) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic for a shape that does not hold the data", name)
				}
			}()
			f()
		}()
	}
}

// TestGolden reads every tensor of files that PyTorch's writer made.
func TestGolden(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(numtest.Shared(t, "golden"), "*.safetensors"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%d files, %v", len(paths), err)
	}
	for _, path := range paths {
		f, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Metadata()["name"] + ".safetensors"; got != filepath.Base(path) {
			t.Errorf("%s: calls itself %s", path, got)
		}
		for _, name := range f.Names() {
			info, _ := f.Info(name)
			if info.DType == I64 {
				_, err = f.Int64(name)
			} else {
				_, err = f.Float32(name)
			}
			if err != nil {
				t.Error(err)
			}
		}
		f.Close()
	}
}

func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	Write(&b, []Named{Int64("step", []int64{1}), {Name: "w", Tensor: tensor.New(2, 3)}, Uint8("u", []byte{1}, 1)}, map[string]string{"k": "v"})
	f.Add(b.Bytes())
	f.Add(file(`{"a":{"dtype":"F16","shape":[],"data_offsets":[1,3]},"b":{"dtype":"BF16","shape":[0],"data_offsets":[0,0]}}  `, 1, 2, 3))
	f.Add(file(`{"a":{"dtype":"F64","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := read(b)
		if err != nil {
			return
		}
		var tensors []Named
		total := 0
		for _, name := range x.Names() {
			raw, err := x.Bytes(name)
			if err != nil {
				t.Fatal(err)
			}
			total += len(raw)
			info, _ := x.Info(name)
			if info.DType.decoder() != nil {
				y, err := x.Float32(name)
				if err != nil {
					t.Fatal(err)
				}
				tensors = append(tensors, Named{Name: name, Tensor: y})
			} else {
				tensors = append(tensors, Uint8(name, raw, len(raw)))
			}
		}
		if total > len(b) {
			t.Fatalf("a file of %d bytes holds tensors of %d", len(b), total)
		}
		// What could be read can be written and read again.
		var w bytes.Buffer
		if err := Write(&w, tensors, x.Metadata()); err != nil {
			t.Fatal(err)
		}
		y, err := read(w.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(x.Names(), y.Names()) || !cmp.Equal(x.Metadata(), y.Metadata()) {
			t.Fatal("names or metadata changed")
		}
	})
}

func BenchmarkFloat32(b *testing.B) {
	var file bytes.Buffer
	x := tensor.New(1 << 20)
	if err := Write(&file, []Named{{Name: "x", Tensor: x}}, nil); err != nil {
		b.Fatal(err)
	}
	f, err := read(file.Bytes())
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(4 << 20)
	for b.Loop() {
		if _, err := f.Float32("x"); err != nil {
			b.Fatal(err)
		}
	}
}
