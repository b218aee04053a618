package serve

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/orchid-seq/orchid/experiment"
	"github.com/orchid-seq/orchid/internal/fault"
	"github.com/orchid-seq/orchid/task/language"
)

// modelAnswer is a model as OpenAI lists it, and what we know besides.
type modelAnswer struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	Owner   string `json:"owned_by"`

	Task       string   `json:"task"`
	Model      string   `json:"description"`
	Parameters int      `json:"parameters"`
	Dimensions int      `json:"dimensions"`
	Layers     int      `json:"layers"`
	MaxTokens  int      `json:"max_tokens"`
	Classes    []string `json:"classes,omitempty"`
	Columns    []string `json:"columns"` // fields of the training data with the text and its pair
	Routes     []string `json:"routes"`  // of ours that it answers
}

func (m *served) describe(s *Server) modelAnswer {
	i := m.info
	a := modelAnswer{
		ID: i.Name, Object: "model", Created: m.created.Unix(), Owner: "orchid", Task: i.Task, Model: i.Model,
		Parameters: i.Parameters, Dimensions: i.Width, Layers: i.Layers, MaxTokens: s.longest(m), Classes: i.Classes, Columns: i.Columns, Routes: []string{"/v1/embeddings"},
	}
	if i.Classes != nil || i.Values {
		a.Routes = append(a.Routes, "/v1/classify")
	}
	if i.Masks {
		a.Routes = append(a.Routes, "/v1/fill-mask")
	}
	if i.Settings["mixer"] == "orchid" {
		a.Routes = append(a.Routes, "/v1/kernels")
	}
	return a
}

// longest returns how many tokens a text may have for both model and server.
func (s *Server) longest(m *served) int {
	if m.info.MaxTokens > 0 {
		return min(m.info.MaxTokens, s.o.Tokens)
	}
	return s.o.Tokens
}

// listModels answers GET /v1/models.
func (s *Server) listModels(w http.ResponseWriter, r *http.Request) error {
	a := struct {
		Object string        `json:"object"`
		Data   []modelAnswer `json:"data"`
	}{Object: "list"}
	for _, m := range s.models {
		a.Data = append(a.Data, m.describe(s))
	}
	return s.json(w, r, http.StatusOK, a)
}

// showModel answers GET /v1/models/NAME.
func (s *Server) showModel(w http.ResponseWriter, r *http.Request) error {
	m, err := s.model(r.PathValue("name"))
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, m.describe(s))
}

func (s *Server) names() string {
	var names []string
	for _, m := range s.models {
		names = append(names, m.info.Name)
	}
	return fault.Names(names)
}

// written is when a model was finished.
func written(dir string) time.Time {
	info, err := os.Stat(filepath.Join(dir, experiment.ModelFile))
	if err != nil {
		return time.Now()
	}
	return info.ModTime()
}

// wanted are the files of a model folder that are read.
var wanted = append([]string{experiment.ConfigFile, experiment.ModelFile, experiment.SelfTestFile, experiment.CardFile, experiment.SumsFile}, language.TokenizerFiles...)

// CheckFolder refuses a model folder of a stranger from which files outside of it would
// be read: one with links that leave it, or with anything but files and folders.
func CheckFolder(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("%s is not a model folder: %w", dir, err)
	}
	defer root.Close()
	list, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range list {
		info, err := root.Stat(entry.Name()) // follows links, within the folder alone
		switch {
		case err != nil:
			return fmt.Errorf("%s: a link that leaves the folder, or leads nowhere: only files of the folder are read", filepath.Join(dir, entry.Name()))
		case info.IsDir() && slices.Contains(wanted, entry.Name()):
			return fmt.Errorf("%s: a folder where a file is wanted", filepath.Join(dir, entry.Name()))
		case !info.Mode().IsRegular() && !info.IsDir():
			return fmt.Errorf("%s: neither a file nor a folder", filepath.Join(dir, entry.Name()))
		}
	}
	return nil
}
