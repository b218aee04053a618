package text

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/internal/fault"
)

// Pick finds the wanted columns among those that a file has. Column i of want
// is have[picked[i]], or, where that is negative, the text fixed[i] for every
// row: "file" is the file's path, "stem" its name without folder and endings, and
// "folder" the name of its folder, unless the file has such columns itself.
func Pick(path string, have, want []string) (picked []int, fixed []string, err error) {
	picked, fixed = make([]int, len(want)), make([]string, len(want))
	for i, name := range want {
		picked[i] = slices.Index(have, name)
		if picked[i] < 0 {
			var ok bool
			if fixed[i], ok = ofPath(path, name); !ok {
				return nil, nil, fmt.Errorf("%s: %s", path, missing(name, have))
			}
			continue
		}
		if slices.Contains(have[picked[i]+1:], name) {
			return nil, nil, fmt.Errorf("%s: two columns are called %q: rename one", path, name)
		}
	}
	return picked, fixed, nil
}

// ofPath returns the columns that any file has.
func ofPath(path, name string) (value string, ok bool) {
	switch name {
	case "file":
		return path, true
	case "stem":
		stem, _, _ := strings.Cut(filepath.Base(path), ".")
		return stem, true
	case "folder":
		if abs, err := filepath.Abs(path); err == nil {
			path = abs
		}
		return filepath.Base(filepath.Dir(path)), true
	}
	return "", false
}

// missing says that a column is not there, and what is.
func missing(name string, have []string) string {
	hint := ""
	if best := nearest(name, have); best != "" {
		hint = fmt.Sprintf("; did you mean %q?", best)
	} else if name == "label" {
		hint = "; where the name of a file, or of its folder, is the label, set label-column=stem or =folder"
	}
	return fmt.Sprintf("no column %q, but %s%s", name, fault.Names(have), hint)
}

// nearest returns the name that differs least, if it is near enough to be what
// was meant.
func nearest(name string, have []string) (best string) {
	least := max(2, len(name)/2)
	for _, h := range have {
		if len(h) > 64 {
			continue
		}
		if d := fault.Edits(strings.ToLower(name), strings.ToLower(h)); d < least {
			least, best = d, h
		}
	}
	return best
}
