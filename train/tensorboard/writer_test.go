package tensorboard

import (
	"encoding/binary"
	"errors"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden file")

// event is what the reader below makes of an Event message.
type event struct {
	WallTime float64
	Step     int64
	Version  string
	Tag      string
	Value    float32
	Status   int64
}

// parse reads an event file by the rules of TFRecord and protobuf, sharing
// nothing with the writer.
func parse(t *testing.T, b []byte) (events []event) {
	t.Helper()
	sum := func(b []byte) uint32 {
		// Bit by bit, with the reversed Castagnoli polynomial.
		c := ^uint32(0)
		for _, v := range b {
			c ^= uint32(v)
			for range 8 {
				c = c>>1 ^ 0x82f63b78*(c&1)
			}
		}
		c = ^c
		return (c>>15 | c<<17) + 0xa282ead8
	}
	for len(b) > 0 {
		n := binary.LittleEndian.Uint64(b)
		data := b[12 : 12+n]
		if binary.LittleEndian.Uint32(b[8:]) != sum(b[:8]) || binary.LittleEndian.Uint32(b[12+n:]) != sum(data) {
			t.Fatal("wrong checksum")
		}
		b = b[12+n+4:]
		e := event{Step: math.MinInt64}
		walk(t, data, "", func(path string, raw []byte, v uint64) {
			switch path {
			case ".1":
				e.WallTime = math.Float64frombits(v)
			case ".2":
				e.Step = int64(v)
			case ".3":
				e.Version = string(raw)
			case ".5.1.1":
				e.Tag = string(raw)
			case ".5.1.2":
				e.Value = math.Float32frombits(uint32(v))
			case ".7.1":
				e.Status = int64(v)
			default:
				t.Fatalf("field %s", path)
			}
		})
		events = append(events, e)
	}
	return events
}

// walk calls leaf for every field of a message and of the messages in it.
func walk(t *testing.T, b []byte, path string, leaf func(path string, raw []byte, v uint64)) {
	messages := []string{".5", ".5.1", ".7"}
	for len(b) > 0 {
		key, n := binary.Uvarint(b)
		b = b[n:]
		p := path + "." + string(rune('0'+key>>3))
		var v uint64
		switch key & 7 {
		case 0:
			v, n = binary.Uvarint(b)
		case 1:
			v, n = binary.LittleEndian.Uint64(b), 8
		case 5:
			v, n = uint64(binary.LittleEndian.Uint32(b)), 4
		case 2:
			size, k := binary.Uvarint(b)
			b, n = b[k:], int(size)
			if slices.Contains(messages, p) {
				walk(t, b[:n], p, leaf)
				b = b[n:]
				continue
			}
		default:
			t.Fatalf("wire type %d", key&7)
		}
		leaf(p, b[:n], v)
		b = b[n:]
	}
}

// memory is a file in memory.
type memory struct{ strings.Builder }

func (*memory) Close() error { return nil }

func TestGolden(t *testing.T) {
	var file memory
	var clock time.Duration
	w := newWriter(&file, func() time.Time {
		clock += 250 * time.Millisecond
		return time.Unix(1700000000, 0).Add(clock)
	})
	long := strings.Repeat("a long tag/", 20)
	w.Scalar("loss/train", 0, 2.5)
	w.Scalar("loss/train", 1, 0)
	w.Scalar(long, 1<<40, 1e300)
	w.Scalar("grad é", 300, math.NaN())
	w.Restart(1)
	w.Scalar("loss/train", 1, -0.1)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := []event{
		{1700000000.25, 0, "brain.Event:2", "", 0, 0},
		{1700000000.5, 0, "", "loss/train", 2.5, 0},
		{1700000000.75, 1, "", "loss/train", 0, 0},
		{1700000001, 1 << 40, "", long, float32(math.Inf(1)), 0},
		{1700000001.25, 300, "", "grad é", float32(math.NaN()), 0},
		{1700000001.5, 1, "", "", 0, 1},
		{1700000001.75, 1, "", "loss/train", -0.1, 0},
	}
	equalNaN := cmp.Comparer(func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) })
	if d := cmp.Diff(want, parse(t, []byte(file.String())), equalNaN); d != "" {
		t.Error(d)
	}

	// The golden bytes were read by TensorBoard 2.21 (EventAccumulator), with
	// the points above and those from step 1 on dropped at the restart.
	const golden = "testdata/events.out.tfevents.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(file.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	stored, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(stored) != file.String() {
		t.Error("the bytes differ from testdata; if that is meant, run with -update and let TensorBoard read them")
	}
}

func TestCreate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "runs", "a")
	for i := range 3 { // a run and two that resume it, all within a second
		w, err := Create(dir)
		if err != nil {
			t.Fatal(err)
		}
		w.Scalar("x", int64(i), float64(i))
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		w.Scalar("x", int64(i), 7)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	paths, err := filepath.Glob(filepath.Join(dir, "events.out.tfevents.*"))
	if err != nil || len(paths) != 3 {
		t.Fatalf("%q, %v", paths, err)
	}
	for i, path := range paths { // in the order of their names
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		events := parse(t, b)
		if len(events) != 3 || events[1].Step != int64(i) || events[2].Value != 7 {
			t.Errorf("%s: %+v", path, events)
		}
		if age := float64(time.Now().UnixMicro())/1e6 - events[0].WallTime; !(age >= 0 && age < 3600) {
			t.Errorf("written %v seconds ago", age)
		}
	}
}

// full is a file on a full disk.
type full struct{}

var errFull = errors.New("disk full")

func (full) Write([]byte) (int, error) { return 0, errFull }
func (full) Close() error              { return nil }

func TestErrorsStay(t *testing.T) {
	w := newWriter(full{}, time.Now)
	for i := range 1000 {
		w.Scalar("x", int64(i), 1)
	}
	if err := w.Flush(); !errors.Is(err, errFull) {
		t.Errorf("Flush: %v", err)
	}
	if err := w.Close(); !errors.Is(err, errFull) {
		t.Errorf("Close: %v", err)
	}
}

func BenchmarkScalar(b *testing.B) {
	w := newWriter(struct {
		io.Writer
		io.Closer
	}{Writer: io.Discard}, time.Now)
	b.ReportAllocs()
	for b.Loop() {
		w.Scalar("loss/train", 1000, 1)
	}
}
