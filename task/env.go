package task

import (
	"fmt"

	"github.com/orchid-seq/orchid/data/text"
)

// An Env is what a task finds around it. The zero value is that of a new run.
type Env struct {
	// Folder is that of a stored model, from which the task reads its files; "" for
	// a new one.
	Folder string
	// Formats opens further forms of data files.
	Formats text.Formats
	// Note shows a sentence to a person; nil for nobody.
	Note func(text string)
	// Report says how far something slow is, as "reading" or "fitting"; nil for
	// nobody.
	Report func(what string, done, total int)
}

// Progress returns a function that says how far something is.
func (e Env) Progress(what string) func(done, total int) {
	return func(done, total int) {
		if e.Report != nil {
			e.Report(what, done, total)
		}
	}
}

// A Filer is a task whose model folder holds files beside settings and weights,
// such as a tokenizer. They are written before training begins.
type Filer interface{ WriteFiles(dir string) error }

// Say passes a note on.
func (e Env) Say(text string) {
	if e.Note != nil {
		e.Note(text)
	}
}

// Apart refuses a training on a file that it is to be scored on as if it were not, one
// that the settings data and key both name; "" is none. A stored model is scored
// anyhow, with a note: what data names may be another file by now.
func (e Env) Apart(file, key string) error {
	switch {
	case file == "":
		return nil
	case e.Folder == "":
		return fmt.Errorf("%s: %s and data both name it: leave it out of one of them; after a training, orchid eval --split train scores what it saw", file, key)
	}
	e.Say(fmt.Sprintf("%s: data names it too: if the model was trained with it, its score says nothing of what is new", file))
	return nil
}

// A Checksummer is a task that can tell its training data from others, after
// Prepare. Tasks that make their own data are none.
type Checksummer interface{ Checksum() string }
