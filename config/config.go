// Package config reads and writes settings: structs whose fields carry a key
// in their yaml tag, flat, strict, and with all faults reported together.
//
// A field is a string, a boolean, a number or a list of strings; a struct
// tagged ",inline" gives its own fields.
package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/orchid-seq/orchid/internal/fault"
)

// A Setting is one key of a configuration with the place of its value.
type Setting struct {
	Key   string
	value reflect.Value
}

// Settings lists the keys of configurations, pointers to structs, in the order
// of their fields.
func Settings(configs ...any) (list []Setting) {
	for _, c := range configs {
		list = append(list, fieldsOf(reflect.ValueOf(c).Elem())...)
	}
	return list
}

func fieldsOf(v reflect.Value) (list []Setting) {
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag.Get("yaml")
		if tag == ",inline" {
			list = append(list, fieldsOf(v.Field(i))...)
		} else if tag != "" {
			list = append(list, Setting{tag, v.Field(i)})
		}
	}
	return list
}

// Value returns the value.
func (s Setting) Value() any { return s.value.Interface() }

// String returns the value as Override takes it.
func (s Setting) String() string {
	if list, ok := s.value.Interface().([]string); ok {
		return strings.Join(list, ",")
	}
	return fmt.Sprint(s.value.Interface())
}

// set parses text into the value, strictly by its type; a list is separated by
// commas.
func (s Setting) set(text string) error {
	var err error
	switch s.value.Kind() {
	case reflect.String:
		s.value.SetString(text)
	case reflect.Bool:
		var b bool
		b, err = strconv.ParseBool(text)
		s.value.SetBool(b)
	case reflect.Int:
		var n int64
		n, err = strconv.ParseInt(text, 10, 0)
		s.value.SetInt(n)
	case reflect.Uint64:
		var n uint64
		n, err = strconv.ParseUint(text, 10, 64)
		s.value.SetUint(n)
	case reflect.Float64:
		var f float64
		f, err = strconv.ParseFloat(text, 64)
		if math.IsNaN(f) || math.IsInf(f, 0) {
			err = strconv.ErrRange
		} else {
			s.value.SetFloat(f)
		}
	case reflect.Slice:
		list := []string{}
		if text != "" {
			list = strings.Split(text, ",")
		}
		s.setList(list)
	default:
		panic("config: no rule for " + s.value.Type().String())
	}
	if err != nil {
		return fmt.Errorf("%s=%s: want %s", s.Key, text, s.kind())
	}
	return nil
}

func (s Setting) setList(list []string) { s.value.Set(reflect.ValueOf(list)) }

// kind names the values that a key takes.
func (s Setting) kind() string {
	switch s.value.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	case reflect.Uint64:
		return "a whole number of at least 0"
	case reflect.Float64:
		return "a number"
	case reflect.Slice:
		return "a list"
	}
	return "text"
}

// find returns the setting of a key; the error of an unknown one suggests the
// nearest that exists.
func find(list []Setting, key string) (Setting, error) {
	best, distance := "", 1+(len(key)+1)/3
	for _, s := range list {
		if s.Key == key {
			return s, nil
		}
		if d := fault.Edits(key, s.Key); d < distance {
			best, distance = s.Key, d
		}
	}
	if best == "" {
		return Setting{}, fmt.Errorf("unknown key %q; orchid train TASK --keys lists all", key)
	}
	return Setting{}, fmt.Errorf("unknown key %q; did you mean %q?", key, best)
}

// Override applies key=value arguments and returns the keys that were set.
func Override(list []Setting, args []string) (keys []string, err error) {
	var faults []error
	for _, arg := range args {
		key, text, ok := strings.Cut(arg, "=")
		if !ok {
			faults = append(faults, fmt.Errorf("%q: want key=value", arg))
			continue
		}
		s, err := find(list, key)
		if err == nil {
			err = s.set(text)
		}
		faults = append(faults, err)
		keys = append(keys, key)
	}
	return keys, errors.Join(faults...)
}

// Encode writes settings as a JSON object, a line a key, behind an indent.
func Encode(list []Setting, indent string) []byte {
	var b bytes.Buffer
	b.WriteString("{")
	for i, s := range list {
		v, err := json.Marshal(s.value.Interface())
		if err != nil {
			panic(err) // set lets in only what JSON can hold
		}
		if s.value.Kind() == reflect.Slice && s.value.Len() == 0 {
			v = []byte("[]") // not null
		}
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, "\n%s  %q: %s", indent, s.Key, v)
	}
	fmt.Fprintf(&b, "\n%s}", indent)
	return b.Bytes()
}

// Texts returns the values of a list as they are now.
func Texts(list []Setting) (texts []string) {
	for _, s := range list {
		texts = append(texts, s.String())
	}
	return texts
}

// Differences describes the keys that have other values than Texts gave for the
// same list before.
func Differences(list []Setting, before []string) (differences []string) {
	for i, s := range list {
		if s.String() != before[i] {
			differences = append(differences, fmt.Sprintf("%s=%s (the run has %s)", s.Key, s, before[i]))
		}
	}
	return differences
}
