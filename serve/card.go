package serve

import (
	"errors"
	"io"
	"net/http"
	"os"
)

// The model card of a folder, and how large it may be.
const (
	cardFile  = "README.md"
	cardBytes = 256 << 10
)

// card answers GET /v1/models/NAME/card with the text, in Markdown, in which a model
// folder says what it is.
func (s *Server) card(w http.ResponseWriter, r *http.Request) error {
	m, err := s.model(r.PathValue("name"))
	if err != nil {
		return err
	}
	entry(r).model = m.info.Name
	text, err := readCard(m.info.Dir)
	if err != nil {
		return fail(noRoute, "", "the folder of the model has no %s that can be read", cardFile)
	}
	w.Header().Set("Content-Type", "text/markdown; charset=utf-8")
	return s.write(w, r, http.StatusOK, text)
}

// readCard reads the card of a folder, and no link that leaves the folder.
func readCard(dir string) ([]byte, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	info, err := root.Stat(cardFile)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular(): // a pipe would never end
		return nil, errors.New("not a file")
	case info.Size() > cardBytes:
		return nil, errors.New("too large")
	}
	f, err := root.Open(cardFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, cardBytes))
}
