package sound

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/orchid-seq/orchid/internal/fault"
)

// A file is a recording that a layout has found.
type file struct {
	path, class string
	part        string // train, validation or test; "" where the layout has no parts
	header      Header
}

// layouts find the recordings in a folder.
var layouts = map[string]func(r Reading, dir string) ([]file, error){
	"folders": Reading.folders, "fsdd": Reading.digits, "speech-commands": Reading.commands,
}

const testList, validationList = "testing_list.txt", "validation_list.txt"

// recognise says which layout a folder has.
func recognise(dir string) string {
	if _, err := os.Stat(filepath.Join(dir, testList)); err == nil {
		return "speech-commands"
	}
	for _, d := range []string{dir, filepath.Join(dir, "recordings")} {
		if files, _ := recordings(d); slices.ContainsFunc(files, func(name string) bool { return digit.MatchString(name) }) {
			return "fsdd"
		}
	}
	return "folders"
}

// list returns the names in a folder, sorted, without hidden ones.
func list(dir string, folders bool) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		// A link counts as what it leads to; a broken one is found when it is opened.
		info, err := os.Stat(filepath.Join(dir, e.Name()))
		if isFolder := err == nil && info.IsDir(); isFolder == folders {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// recordings names the WAV files of a folder.
func recordings(dir string) ([]string, error) {
	names, err := list(dir, false)
	return slices.DeleteFunc(names, notWAV), err
}

func notWAV(name string) bool { return !strings.EqualFold(filepath.Ext(name), ".wav") }

// parts maps folders to the parts they hold, val being what some call validation.
var parts = []struct{ folder, part string }{{"train", "train"}, {"validation", "validation"}, {"val", "validation"}, {"test", "test"}}

func (r Reading) folders(dir string) (all []file, err error) {
	for _, p := range parts {
		inner := filepath.Join(dir, p.folder)
		if info, err := os.Stat(inner); err != nil || !info.IsDir() {
			continue
		}
		found, err := r.classFolders(inner, p.part)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	if len(all) == 0 {
		return r.classFolders(dir, "")
	}
	return all, nil
}

// classFolders returns the recordings CLASS/*.wav, and says what else is there.
func (r Reading) classFolders(dir, part string) (all []file, err error) {
	classes, err := list(dir, true)
	if err != nil {
		return nil, err
	}
	others := 0
	for _, class := range classes {
		inner := filepath.Join(dir, class)
		files, err := list(inner, false)
		if err != nil {
			return nil, err
		}
		names := slices.DeleteFunc(slices.Clone(files), notWAV)
		others += len(files) - len(names)
		if len(names) == 0 {
			return nil, fmt.Errorf("%s: a class without a .wav file; add some or remove the folder", inner)
		}
		for _, name := range names {
			all = append(all, file{path: filepath.Join(inner, name), class: class, part: part})
		}
	}
	if others > 0 {
		r.note(fmt.Sprintf("%s: %d files that are no .wav are left out", dir, others))
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: no data set is recognised here: want CLASS/*.wav, here or in train and test, DIGIT_SPEAKER_INDEX.wav (FSDD), or Speech Commands with its %s", dir, testList)
	}
	return all, nil
}

// digit is the form of the names of FSDD.
var digit = regexp.MustCompile(`^(\d+)_(.+)_(\d+)\.(?:wav|WAV)$`)

// testIndices are the recordings of each digit and speaker that FSDD tests on: 0
// to 4.
const testIndices = 5

func (r Reading) digits(dir string) (all []file, err error) {
	if inner := filepath.Join(dir, "recordings"); isFolder(inner) {
		dir = inner
	}
	names, err := recordings(dir)
	if err != nil {
		return nil, err
	}
	var wrong []string
	for _, name := range names {
		m := digit.FindStringSubmatch(name)
		if m == nil {
			wrong = append(wrong, name)
			continue
		}
		f := file{path: filepath.Join(dir, name), class: m[1], part: "train"}
		if n, err := strconv.Atoi(m[3]); err == nil && n < testIndices {
			f.part = "test"
		}
		all = append(all, f)
	}
	if len(wrong) > 0 {
		return nil, fmt.Errorf("%s: %d names are not of the form DIGIT_SPEAKER_INDEX.wav: %s; remove the files or choose another layout=", dir, len(wrong), fault.Some(wrong, ", "))
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: no DIGIT_SPEAKER_INDEX.wav here", dir)
	}
	return all, nil
}

// sc10 are the words of the usual subset of Speech Commands.
var sc10 = []string{"down", "go", "left", "no", "off", "on", "right", "stop", "up", "yes"}

// commands leaves out the folder of background noise, which is no word.
func (r Reading) commands(dir string) (all []file, err error) {
	lists := map[string]string{} // WORD/FILE to its part
	if r.Split == "lists" {
		for _, l := range []struct{ name, part string }{{testList, "test"}, {validationList, "validation"}} {
			if err := readList(filepath.Join(dir, l.name), l.part, lists); err != nil {
				return nil, err
			}
		}
	}
	words, err := list(dir, true)
	if err != nil {
		return nil, err
	}
	wanted := func(word string) bool {
		return !strings.HasPrefix(word, "_") && (r.Words != "sc10" || slices.Contains(sc10, word))
	}
	missing := slices.Clone(sc10)
	for _, word := range words {
		if !wanted(word) {
			continue
		}
		names, err := recordings(filepath.Join(dir, word))
		if err != nil {
			return nil, err
		}
		if len(names) > 0 {
			missing = slices.DeleteFunc(missing, func(w string) bool { return w == word })
		}
		for _, name := range names {
			f := file{path: filepath.Join(dir, word, name), class: word}
			if r.Split == "lists" {
				listed := path.Join(word, name)
				if f.part = lists[listed]; f.part == "" {
					f.part = "train"
				}
				delete(lists, listed)
			}
			all = append(all, f)
		}
	}
	switch {
	case len(all) == 0:
		return nil, fmt.Errorf("%s: no folder of words=%s with .wav files; the words are %s", dir, r.Words, strings.Join(sc10, " "))
	case r.Words == "sc10" && len(missing) > 0 && !r.Model:
		return nil, fmt.Errorf("%s: words=sc10 are ten, and there are no .wav files of %s; copy these folders from the data set, or take the words that are there by words=all", dir, strings.Join(missing, ", "))
	}
	r.absent(dir, lists, wanted)
	return all, nil
}

// absent notes the listed recordings of wanted words that are not there.
func (r Reading) absent(dir string, lists map[string]string, wanted func(word string) bool) {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		if wanted(path.Dir(name)) {
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		r.note(fmt.Sprintf("%s: %d recordings of the lists are not there: %s", dir, len(names), fault.Some(names, ", ")))
	}
}

// readList reads names of recordings, one a line.
func readList(path, part string, into map[string]string) error {
	f, err := os.Open(path)
	if err != nil { // with %v: it is not the folder that is missing
		return fmt.Errorf("split=lists: %v; copy the list from the data set, or divide the recordings anew by split=stratified", err)
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	for s.Scan() {
		if name := strings.TrimSpace(s.Text()); name != "" {
			into[name] = part
		}
	}
	if err := s.Err(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
