package main

import (
	"encoding/json"
	"os"
)

// stdout is where results go. It remembers a failed write, so that a command
// whose results were lost does not end as a success.
var stdout = &output{file: os.Stdout}

type output struct {
	file *os.File
	err  error // of the first write that failed
}

// Write implements io.Writer.
func (o *output) Write(b []byte) (int, error) {
	n, err := o.file.Write(b)
	if o.err == nil {
		o.err = err
	}
	return n, err
}

func printJSON(v any) error { return json.NewEncoder(stdout).Encode(v) }
