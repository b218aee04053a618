package whole

import (
	"fmt"
	"os"
)

// NewFolder makes a folder, or takes an empty one; the error says that another is
// there already.
func NewFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err == nil && len(entries) > 0 {
		err = fmt.Errorf("%s exists and is not empty: choose another folder", dir)
	}
	return err
}
