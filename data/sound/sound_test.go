package sound

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/internal/numtest"
)

// write makes a recording of n samples.
func write(t *testing.T, rate, n int, path ...string) string {
	t.Helper()
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i%7)/10 - 0.2
	}
	return writeBytes(t, pcm16(rate, x), path...)
}

func writeBytes(t *testing.T, b []byte, path ...string) string {
	t.Helper()
	file := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// opened is what a folder gives, and the notes on the way.
func opened(t *testing.T, dir string, change func(r *Reading)) (d *Data, notes string, err error) {
	t.Helper()
	r := Reading{Options: Default(), Note: func(text string) { notes += text + "\n" }}
	if change != nil {
		change(&r)
	}
	d, err = r.Open(t.Context(), dir)
	return d, notes, err
}

func sizes(d *Data) string {
	text := ""
	for _, part := range []string{"train", "validation", "test"} {
		if s := d.Parts[part]; s != nil {
			text += fmt.Sprintf("%s %d ", part, s.Len())
		}
	}
	return strings.TrimSpace(text)
}

func TestFolders(t *testing.T) {
	dir := t.TempDir()
	for i := range 20 {
		write(t, 8000, 10+i, dir, "cat", fmt.Sprint(i, ".wav"))
		write(t, 8000, 10+i, dir, "dog", fmt.Sprint(i, ".WAV"))
	}
	writeBytes(t, nil, dir, "dog", ".hidden.wav")
	writeBytes(t, nil, dir, "dog", "a.flac")
	d, notes, err := opened(t, dir, nil)
	if err != nil || d.Layout != "folders" || sizes(d) != "train 28 validation 6 test 6" || !slices.Equal(d.Classes, []string{"cat", "dog"}) || d.Rate != 8000 {
		t.Fatalf("%+v, %v", d, err)
	}
	if !strings.Contains(notes, "1 files that are no .wav are left out") {
		t.Errorf("notes %q", notes)
	}
	again, _, err := opened(t, dir, nil)
	if err != nil || again.Parts["test"].Name(3) != d.Parts["test"].Name(3) {
		t.Errorf("another division, %v", err)
	}
	count := [2]int{}
	for i := range 28 {
		count[d.Parts["train"].Label(i)]++
	}
	if count != [2]int{14, 14} {
		t.Errorf("%v of each class", count)
	}
}

// sides says which part each recording of a data set is in.
func sides(d *Data) map[string]string {
	all := map[string]string{}
	for part, s := range d.Parts {
		for i := range s.Len() {
			all[filepath.Join(d.Classes[s.Label(i)], filepath.Base(s.Name(i)))] = part
		}
	}
	return all
}

// TestSides: a recording is on the side where a training had it, whatever becomes of
// others, and wherever the folder is; recordings of which that is not known are
// refused.
func TestSides(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "here")
	for i := range 16 {
		write(t, 8000, 10+i, dir, "cat", fmt.Sprint(i, ".wav"))
		write(t, 8000, 10+i, dir, "dog", fmt.Sprint(i, ".wav"))
	}
	first, notes, err := opened(t, dir, nil)
	if err != nil || sizes(first) != "train 22 validation 6 test 4" || strings.Contains(notes, "the model") {
		t.Fatalf("%+v, %v, %q", first, err, notes)
	}
	before := sides(first)
	model := func(r *Reading) {
		r.Model, r.Trained, r.Classes, r.BadFiles = true, first.Recordings, first.Classes, "skip"
	}
	check := func(what string) {
		t.Helper()
		d, notes, err := opened(t, dir, model)
		if err != nil {
			t.Fatal(err)
		}
		for name, part := range sides(d) {
			if was := before[name]; was != "" && part != was {
				t.Errorf("%s: %s was for %s and is for %s", what, name, was, part)
			}
		}
		if d.Recordings != first.Recordings || !strings.Contains(notes, "by their names as in its training; to test the model on all of a folder, put recordings that it does not know into a folder of their own, as NEW/test/CLASS") {
			t.Errorf("%s: %q, notes %q", what, d.Recordings, notes)
		}
	}
	check("nothing done")
	for i := range 9 { // of the first class alone, one after another
		file := filepath.Join(dir, "cat", fmt.Sprint(i, ".wav"))
		if i%2 == 0 {
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
		} else {
			writeBytes(t, []byte("gone bad"), file)
		}
		check(file)
	}
	for i := range 30 {
		write(t, 8000, 10, dir, "dog", fmt.Sprint("new ", i, ".wav"))
	}
	moved := filepath.Join(filepath.Dir(dir), "there")
	if err := os.Rename(dir, moved); err != nil {
		t.Fatal(err)
	}
	dir = moved
	check("more of them, elsewhere")
	for _, trained := range []string{"", "0123456789abcdef0123456789abcdef", "0.7 0.85"} {
		_, _, err := opened(t, dir, func(r *Reading) { model(r); r.Trained = trained })
		if err == nil || !strings.Contains(err.Error(), "which of them the model was trained with is not known: put recordings that it does not know into a folder of their own, as NEW/test/CLASS") {
			t.Errorf("trained with %q: %v", trained, err)
		}
	}
}

// TestBorders: they are written and read without a loss, and the shares are exact.
func TestBorders(t *testing.T) {
	var list []file
	for i := range 2000 {
		list = append(list, file{path: fmt.Sprint(i, ".wav"), class: []string{"a", "b"}[i%2]})
	}
	all := borders([]string{"a", "b"}, list)
	again, err := readBorders(writeBorders(all), 2)
	if err != nil || !slices.Equal(again, all) {
		t.Errorf("%v, %v, want %v", again, err, all)
	}
	count := map[string]int{}
	for i, f := range list {
		count[f.class+" "+all[i%2].part(f)]++
	}
	for want, n := range map[string]int{"train": 700, "validation": 150, "test": 150} {
		if count["a "+want] != n || count["b "+want] != n {
			t.Errorf("%v", count)
		}
	}
}

func TestParts(t *testing.T) {
	dir := t.TempDir()
	for _, part := range []string{"train", "val", "test"} {
		for _, class := range []string{"b", "a"} {
			write(t, 16000, 30, dir, part, class, "1.wav")
		}
	}
	write(t, 16000, 30, dir, "train", "b", "2.wav")
	d, _, err := opened(t, dir, nil)
	if err != nil || sizes(d) != "train 3 validation 2 test 2" || !slices.Equal(d.Classes, []string{"a", "b"}) {
		t.Fatalf("%v, %v", d, err)
	}
	// Classes that training lacks are all named.
	write(t, 16000, 30, dir, "test", "c", "1.wav")
	write(t, 16000, 30, dir, "val", "d", "1.wav")
	if _, _, err = opened(t, dir, nil); err == nil || !strings.Contains(err.Error(), "training has no class test/c, validation/d (2 files)") {
		t.Errorf("%v", err)
	}
	d, notes, err := opened(t, dir, func(r *Reading) { r.BadFiles = "skip" })
	if err != nil || sizes(d) != "train 3 validation 2 test 2" || !strings.Contains(notes, "test/c, validation/d") {
		t.Errorf("%v, notes %q", err, notes)
	}
	// A model knows its classes: other data are labelled by them.
	d, _, err = opened(t, dir, func(r *Reading) { r.Classes = []string{"d", "c", "b", "a"} })
	if err != nil || d.Parts["test"].Label(0) != 3 || d.Parts["test"].Label(2) != 1 {
		t.Errorf("%v", err)
	}
}

func TestFSDD(t *testing.T) {
	dir := t.TempDir()
	for digit := range 3 {
		for i := range 8 {
			write(t, 8000, 100+i, dir, "recordings", fmt.Sprintf("%d_some_one_%d.wav", digit, i))
		}
	}
	d, _, err := opened(t, dir, nil)
	if err != nil || d.Layout != "fsdd" || sizes(d) != "train 9 test 15" || !slices.Equal(d.Classes, []string{"0", "1", "2"}) {
		t.Fatalf("%+v, %v", d, err)
	}
	for i := range 15 {
		if s := d.Parts["test"]; s.Rows(i) >= 105 || s.Label(i) != i/5 {
			t.Errorf("%s has %d samples, label %d", s.Name(i), s.Rows(i), s.Label(i))
		}
	}
	write(t, 8000, 100, dir, "recordings", "noise.wav")
	if _, _, err = opened(t, dir, nil); err == nil || !strings.Contains(err.Error(), "1 names are not of the form DIGIT_SPEAKER_INDEX.wav: noise.wav") {
		t.Errorf("%v", err)
	}
}

func TestSpeechCommands(t *testing.T) {
	dir := t.TempDir()
	for i := range 4 {
		for _, word := range append([]string{"bird"}, sc10...) {
			write(t, 16000, second-max(0, i-2), dir, word, fmt.Sprint(i, ".wav"))
		}
	}
	write(t, 16000, 50000, dir, "_background_noise_", "pink.wav")
	writeBytes(t, []byte("yes/0.wav\nbird/1.wav\nno/gone.wav\nbird/gone.wav\n"), dir, testList)
	writeBytes(t, []byte("no/0.wav\n"), dir, validationList)
	d, notes, err := opened(t, dir, func(r *Reading) { r.Split = "lists" })
	if err != nil || d.Layout != "speech-commands" || sizes(d) != "train 28 validation 1 test 1" || !slices.Equal(d.Classes, sc10) {
		t.Errorf("%+v, %v", d, err)
	}
	if !strings.Contains(notes, "10 of 40 clips are left out") || !strings.Contains(notes, "1 recordings of the lists are not there: no/gone.wav") {
		t.Errorf("notes %q", notes)
	}
	d, _, err = opened(t, dir, func(r *Reading) { r.Split, r.Words = "lists", "all" })
	if err != nil || sizes(d) != "train 41 validation 1 test 2" || !slices.Equal(d.Classes, append([]string{"bird"}, sc10...)) {
		t.Errorf("%+v, %v", d, err)
	}
	for _, name := range []string{validationList, testList} {
		if d, _, err = opened(t, dir, func(r *Reading) { r.Layout = "speech-commands" }); err != nil || sizes(d) != "train 20 validation 10" {
			t.Errorf("%v, %v", d, err)
		}
		// The lists are wanted for their own split alone.
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		_, _, err = opened(t, dir, func(r *Reading) { r.Layout, r.Split = "speech-commands", "lists" })
		if err == nil || errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "split=lists: open "+filepath.Join(dir, name)) || !strings.Contains(err.Error(), "or divide the recordings anew by split=stratified") {
			t.Errorf("%v", err)
		}
	}
}

// TestSpeechCommandsLacks: ten words are ten, unless a trained model is tested on some.
func TestSpeechCommandsLacks(t *testing.T) {
	dir := t.TempDir()
	for _, word := range sc10[2:] {
		for i := range 4 {
			write(t, 16000, second, dir, word, fmt.Sprint(i, ".wav"))
		}
	}
	writeBytes(t, nil, dir, "down", "notes.txt")
	writeBytes(t, []byte("left/0.wav\n"), dir, testList)
	writeBytes(t, []byte("left/1.wav\n"), dir, validationList)
	ten := func(r *Reading) { r.Words, r.Split = "sc10", "lists" }
	if _, _, err := opened(t, dir, ten); err == nil || !strings.Contains(err.Error(), "words=sc10 are ten, and there are no .wav files of down, go; copy these folders") {
		t.Errorf("%v", err)
	}
	if _, _, err := opened(t, dir, func(r *Reading) { ten(r); r.Model, r.Classes = true, sc10 }); err != nil {
		t.Error(err)
	}
}

// TestBad: bad files are named together, or left out.
func TestBad(t *testing.T) {
	dir := t.TempDir()
	for i := range 20 {
		write(t, 8000, 10, dir, "cat", fmt.Sprint(i, ".wav"))
		write(t, 8000, 10, dir, "dog", fmt.Sprint(i, ".wav"))
	}
	for i := range 12 {
		writeBytes(t, []byte("not a WAV file at all"), dir, "cat", fmt.Sprint(i, ".wav"))
	}
	_, _, err := opened(t, dir, nil)
	if err == nil || !strings.Contains(err.Error(), "12 of 40 files cannot be read: "+filepath.Join(dir, "cat", "0.wav")) || !strings.Contains(err.Error(), "and 2 more. Mend or remove them, or leave them out by bad-files=skip") {
		t.Errorf("%v", err)
	}
	d, notes, err := opened(t, dir, func(r *Reading) { r.BadFiles = "skip" })
	if err != nil || sizes(d) != "train 20 validation 4 test 4" || strings.Count(notes, "\n  "+filepath.Join(dir, "cat")) != 12 {
		t.Errorf("%v, notes %q", err, notes)
	}
}

// TestRates: files of several rates are changed to the one that is asked for.
func TestRates(t *testing.T) {
	dir := t.TempDir()
	for _, part := range []string{"train", "test"} {
		write(t, 8000, 800, dir, part, "a", "1.wav")
		write(t, 16000, 1600, dir, part, "b", "2.wav")
	}
	_, _, err := opened(t, dir, nil)
	if want := "a/1.wav has 8000 samples a second, b/2.wav has 16000: name the rate to change all to, as in sample-rate=8000"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v", err)
	}
	d, _, err := opened(t, dir, func(r *Reading) { r.Rate = 4000 })
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		s := d.Parts["train"]
		x := make([]float32, s.Rows(i))
		if err := s.Read(x, i); err != nil || len(x) != 400 {
			t.Errorf("%d samples, %v", len(x), err)
		}
	}
	// A file that changes is found.
	write(t, 8000, 801, dir, "train", "a", "1.wav")
	if err := d.Parts["train"].Read(make([]float32, 400), 0); err == nil || !strings.Contains(err.Error(), "was changed while it was in use") {
		t.Errorf("%v", err)
	}
}

func TestRefuses(t *testing.T) {
	dir := t.TempDir()
	write(t, 8000, 10, dir, "a", "1.wav")
	if err := os.Mkdir(filepath.Join(dir, "b"), 0o755); err != nil {
		t.Fatal(err)
	}
	for want, path := range map[string]string{
		"no such file": filepath.Join(dir, "none"), "not a folder": filepath.Join(dir, "a", "1.wav"),
		"a class without a .wav file": dir, "no data set is recognised here": filepath.Join(dir, "a"),
	} {
		if _, _, err := opened(t, path, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := os.Remove(filepath.Join(dir, "b")); err != nil {
		t.Fatal(err)
	}
	if _, err := (Reading{Options: Default()}).Open(ctx, dir); err != context.Canceled {
		t.Errorf("%v", err)
	}
	if err := (Options{Layout: "flat"}).Validate(); err == nil || len(strings.Split(err.Error(), "\n")) != 4 {
		t.Errorf("%v", err)
	}
}

// TestShared reads the Free Spoken Digit Dataset.
func TestShared(t *testing.T) {
	home, err := os.UserHomeDir()
	if err != nil {
		t.Skip(err)
	}
	dir := filepath.Join(home, ".cache", "orchid-data", "fsdd")
	if _, err := os.Stat(dir); err != nil || os.Getenv("ORCHID_SHARED") == "off" {
		t.Skip("needs the recordings that ../shared/data/unpack.sh unpacks")
	}
	d, _, err := opened(t, dir, nil)
	if err != nil || sizes(d) != "train 2700 test 300" || d.Rate != 8000 || len(d.Classes) != 10 {
		t.Fatalf("%+v, %v", d, err)
	}
	s := d.Parts["train"]
	x, again := make([]float32, s.Rows(17)), make([]float32, s.Rows(17))
	if err := errors.Join(s.Read(x, 17), s.Read(again, 17)); err != nil || rms(x) == 0 {
		t.Error(err)
	}
	numtest.BitEqual(t, "read twice", x, again)
}
