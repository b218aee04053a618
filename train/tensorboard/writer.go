// Package tensorboard writes scalars as event files, which TensorBoard shows
// as curves.
//
// An event file is a sequence of TFRecords; each holds one protobuf message of
// type Event (tensorflow/core/util/event.proto), of which this package encodes
// the handful of fields it needs.
package tensorboard

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The fields of Event, Summary.Value and SessionLog that are written.
const (
	eventWallTime    = 1
	eventStep        = 2
	eventFileVersion = 3
	eventSummary     = 5
	eventSessionLog  = 7

	summaryValue = 1

	valueTag         = 1
	valueSimpleValue = 2

	sessionStatus = 1
	sessionStart  = 1 // a value of the status
)

// A Writer appends events to a file. Errors stay with it: what a call could
// not write, Flush and Close report. It is not safe for concurrent use.
type Writer struct {
	w    *bufio.Writer
	file io.Closer
	now  func() time.Time

	event, record []byte // reused
}

// Create starts a new event file, events.out.tfevents.SECONDS.HOST.PID, in a
// folder, which it makes if needed. TensorBoard joins the files of a folder in
// the order of their names, so a resumed run calls Create on the same folder.
func Create(dir string) (*Writer, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	name := fmt.Sprintf("events.out.tfevents.%010d.%s.%d", time.Now().Unix(), host, os.Getpid())
	file, err := createNew(filepath.Join(dir, name))
	if err != nil {
		return nil, err
	}
	return newWriter(file, time.Now), nil
}

// createNew creates a file that was not there, adding a number to the name if
// it was: two runs of a process may start within a second.
func createNew(path string) (*os.File, error) {
	name := path
	for i := 1; ; i++ {
		file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, os.ErrExist) {
			return file, err
		}
		name = fmt.Sprintf("%s.%d", path, i)
	}
}

// newWriter returns a writer that has written the version, which every file
// starts with.
func newWriter(file io.WriteCloser, now func() time.Time) *Writer {
	w := &Writer{w: bufio.NewWriter(file), file: file, now: now}
	w.begin(0)
	w.event = appendBytes(w.event, eventFileVersion, []byte("brain.Event:2"))
	w.end()
	return w
}

// Scalar adds a point to the curve of a tag. The format keeps the value as a
// float32.
func (w *Writer) Scalar(tag string, step int64, value float64) {
	v := appendBytes(nil, valueTag, []byte(strings.ToValidUTF8(tag, "\uFFFD")))
	v = appendFloat(v, valueSimpleValue, float32(value))
	w.begin(step)
	w.event = appendBytes(w.event, eventSummary, appendBytes(nil, summaryValue, v))
	w.end()
}

// Restart says that a run goes on from a checkpoint at step: TensorBoard then
// forgets the points from that step on that earlier files hold, which the run
// did not live to save.
func (w *Writer) Restart(step int64) {
	w.begin(step)
	w.event = appendBytes(w.event, eventSessionLog, appendVarint(nil, sessionStatus, sessionStart))
	w.end()
}

// begin starts an event with the fields that all have.
func (w *Writer) begin(step int64) {
	w.event = appendDouble(w.event[:0], eventWallTime, float64(w.now().UnixMicro())/1e6)
	w.event = appendVarint(w.event, eventStep, step)
}

// end writes the event.
func (w *Writer) end() {
	w.record = appendRecord(w.record[:0], w.event)
	w.w.Write(w.record) // its error stays in w.w
}

// Flush hands everything to the operating system, for TensorBoard to see.
func (w *Writer) Flush() error { return w.w.Flush() }

// Close flushes and closes the file.
func (w *Writer) Close() error { return errors.Join(w.Flush(), w.file.Close()) }
