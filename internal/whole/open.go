package whole

import (
	"fmt"
	"os"
)

// Open opens a regular file for reading: a pipe would be waited for without end.
func Open(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	switch {
	case info.IsDir():
		return nil, fmt.Errorf("%s: a folder where a file is wanted", path)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: not a regular file", path)
	}
	return os.Open(path)
}
