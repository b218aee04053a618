package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// A setting is one key of a configuration with the place of its value.
type setting struct {
	key   string
	value reflect.Value
}

// settings lists the keys of a configuration in the order of its fields; a
// field tagged inline gives its own keys. c is a pointer to a struct.
func settings(c any) []setting { return fieldsOf(reflect.ValueOf(c).Elem()) }

func fieldsOf(v reflect.Value) (list []setting) {
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag.Get("yaml")
		if tag == ",inline" {
			list = append(list, fieldsOf(v.Field(i))...)
		} else if tag != "" {
			list = append(list, setting{tag, v.Field(i)})
		}
	}
	return list
}

// set parses text into the value, strictly by its type.
func (s setting) set(text string) error {
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
		s.value.SetFloat(f)
	default:
		panic("config: no rule for " + s.value.Type().String())
	}
	if err != nil {
		return fmt.Errorf("%s=%s: want %s", s.key, text, s.kind())
	}
	return nil
}

// kind names the values that a key takes.
func (s setting) kind() string {
	switch s.value.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	case reflect.Uint64:
		return "a whole number of at least 0"
	case reflect.Float64:
		return "a number"
	}
	return "text"
}

func (s setting) String() string { return fmt.Sprint(s.value.Interface()) }

// find returns the setting of a key; the error of an unknown one suggests the
// nearest that exists.
func find(list []setting, key string) (setting, error) {
	best, distance := "", 1+max(2, len(key)/3)
	for _, s := range list {
		if s.key == key {
			return s, nil
		}
		if d := editDistance(key, s.key); d < distance {
			best, distance = s.key, d
		}
	}
	if best == "" {
		return setting{}, fmt.Errorf("unknown key %q; --help lists the keys", key)
	}
	return setting{}, fmt.Errorf("unknown key %q; did you mean %q?", key, best)
}

// editDistance counts the letters to insert, delete or replace.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// override applies key=value arguments, all faults reported together.
func override(c any, args []string) error {
	list := settings(c)
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
	}
	return errors.Join(faults...)
}

// decode reads a YAML (or JSON) mapping into a configuration. Every fault is
// reported with file and line. The keys in skip are left to the caller.
func decode(c any, name string, text []byte, skip ...string) error {
	file, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return fmt.Errorf("%s: %s", name, strings.ReplaceAll(strings.TrimSpace(firstLine(err.Error())), "\n", " "))
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return nil
	}
	var pairs []*ast.MappingValueNode
	switch body := file.Docs[0].Body.(type) {
	case *ast.MappingNode:
		pairs = body.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{body}
	case *ast.CommentGroupNode:
		return nil
	default:
		return fmt.Errorf("%s:%d: want a list of \"key: value\"", name, body.GetToken().Position.Line)
	}
	list := settings(c)
	seen := map[string]bool{}
	var faults []error
	for _, p := range pairs {
		key, line := p.Key.GetToken().Value, p.Key.GetToken().Position.Line
		if slices.Contains(skip, key) {
			continue
		}
		err := func() error {
			if seen[key] {
				return fmt.Errorf("key %q stands here a second time", key)
			}
			seen[key] = true
			s, err := find(list, key)
			if err != nil {
				return err
			}
			scalar, ok := p.Value.(ast.ScalarNode)
			if !ok {
				return fmt.Errorf("%s: want %s", key, s.kind())
			}
			return s.set(scalar.GetToken().Value)
		}()
		if err != nil {
			faults = append(faults, fmt.Errorf("%s:%d: %w", name, line, err))
		}
	}
	return errors.Join(faults...)
}

// firstLine drops the excerpt that the parser draws below its message.
func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// decodeFile reads a configuration file.
func decodeFile(c any, path string, skip ...string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return decode(c, path, text, skip...)
}

// encode writes the resolved configuration as a JSON object, a line a key.
func encode(task string, c any) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\n  \"task\": %q", task)
	for _, s := range settings(c) {
		v, err := json.Marshal(s.value.Interface())
		if err != nil {
			panic(err) // settings are numbers, booleans and strings
		}
		fmt.Fprintf(&b, ",\n  %q: %s", s.key, v)
	}
	b.WriteString("\n}\n")
	return b.Bytes()
}

// differences lists the keys that have other values in a than in b.
func differences(a, b any) (list []string) {
	other := settings(b)
	for i, s := range settings(a) {
		if s.String() != other[i].String() {
			list = append(list, fmt.Sprintf("%s=%s (the run has %s)", s.key, s, other[i]))
		}
	}
	return list
}
