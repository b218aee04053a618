package text

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Files returns the files that the patterns name: a file, a folder or a glob.
// Of a folder it returns the files in it and below whose names end in a form
// (.txt, .csv, .csv.gz, ...), without hidden ones; links to folders are not
// followed. The files of each pattern are in natural order (part-2 before
// part-10); a file that several patterns name comes once, at the first place.
// A pattern that names no file is an error.
func Files(patterns ...string) ([]string, error) { return FilesOf(knownEndings, patterns...) }

// FilesOf is Files with folders searched for other endings, in lower case.
func FilesOf(endings []string, patterns ...string) ([]string, error) {
	var all []string
	seen := map[string]bool{}
	for _, pattern := range patterns {
		found, err := match(pattern, endings)
		if err != nil {
			return nil, err
		}
		slices.SortFunc(found, natural)
		for _, path := range found {
			if !seen[path] {
				seen[path] = true
				all = append(all, path)
			}
		}
	}
	if len(all) == 0 {
		return nil, errors.New("no data: name files, folders or globs, as in data=corpus/*.txt")
	}
	return all, nil
}

// Common returns a file that the patterns of both lists name, be it by different
// paths, "" if there is none. Files that cannot be found are missed when they are read.
func Common(a, b []string) string {
	first, errA := Files(a...)
	second, errB := Files(b...)
	if errA != nil || errB != nil {
		return ""
	}
	var infos []os.FileInfo
	for _, path := range first {
		if info, err := os.Stat(path); err == nil {
			infos = append(infos, info)
		}
	}
	for _, path := range second {
		info, err := os.Stat(path)
		if err == nil && slices.ContainsFunc(infos, func(i os.FileInfo) bool { return os.SameFile(i, info) }) {
			return path
		}
	}
	return ""
}

// match returns the files of one pattern.
func match(pattern string, endings []string) ([]string, error) {
	paths := []string{pattern}
	if _, err := os.Stat(pattern); err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if paths, err = filepath.Glob(pattern); err != nil {
			return nil, fmt.Errorf("%s: not a glob: %w", pattern, err)
		}
		if len(paths) == 0 {
			return nil, fmt.Errorf("%s: no such file or folder, and no glob that matches any", pattern)
		}
	}
	var found []string
	for _, path := range paths {
		inside, err := walk(filepath.Clean(path), endings)
		if err != nil {
			return nil, err
		}
		found = append(found, inside...)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s: no file here or below ends in one of %s; name files of other names by a glob, as %s",
			pattern, strings.Join(endings, " "), filepath.Join(pattern, "*"))
	}
	return found, nil
}

// walk returns the path itself if it is a file, else what the folder holds.
func walk(top string, endings []string) (found []string, err error) {
	info, err := os.Stat(top)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{top}, nil
	}
	entries, err := os.ReadDir(top)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		path := filepath.Join(top, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir():
			inside, err := walk(path, endings)
			if err != nil {
				return nil, err
			}
			found = append(found, inside...)
		case slices.Contains(endings, ending(path)):
			if info, err := os.Stat(path); err != nil {
				return nil, err
			} else if info.Mode().IsRegular() {
				found = append(found, path)
			}
		}
	}
	return found, nil
}

// knownEndings are those that a folder is searched for. A file that only an
// Opener reads is not to be passed over in silence.
var knownEndings = append(slices.Sorted(maps.Keys(endings)), ".parquet")

// natural compares names so that numbers in them count as numbers.
func natural(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		n, m := digits(x), digits(y)
		if n == 0 || m == 0 {
			if x[0] != y[0] {
				return cmp.Compare(x[0], y[0])
			}
			x, y = x[1:], y[1:]
			continue
		}
		p, q := strings.TrimLeft(x[:n], "0"), strings.TrimLeft(y[:m], "0")
		if c := cmp.Or(cmp.Compare(len(p), len(q)), cmp.Compare(p, q)); c != 0 {
			return c
		}
		x, y = x[n:], y[m:]
	}
	return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(a, b))
}

// digits returns how many digits s begins with.
func digits(s string) int {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return i
		}
	}
	return len(s)
}
