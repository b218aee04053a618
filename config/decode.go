package config

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Decode reads a YAML (or JSON) mapping into settings and returns the keys it
// holds. Every fault is reported with the file's name and the line; line is
// that of the first line of text in the file.
func Decode(list []Setting, name string, line int, text []byte) (keys []string, err error) {
	file, err := parse(name, text)
	if err != nil {
		return nil, err
	}
	pairs, err := mapping(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	seen := map[string]bool{}
	var faults []error
	for _, p := range pairs {
		key, at := p.Key.GetToken().Value, line-1+p.Key.GetToken().Position.Line
		err := error(nil)
		if seen[key] {
			err = fmt.Errorf("key %q stands here a second time", key)
		} else if s, e := find(list, key); e != nil {
			err = e
		} else {
			err = s.setNode(p.Value)
		}
		seen[key] = true
		keys = append(keys, key)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s:%d: %w", name, at, err))
		}
	}
	return keys, errors.Join(faults...)
}

// Lookup returns the plain value of one key of a YAML mapping, "" if it is not
// there.
func Lookup(name string, text []byte, key string) (string, error) {
	file, err := parse(name, text)
	if err != nil {
		return "", err
	}
	pairs, err := mapping(file)
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	for _, p := range pairs {
		if p.Key.GetToken().Value == key {
			value, _ := plain(p.Value)
			return value, nil
		}
	}
	return "", nil
}

// parse reads YAML.
func parse(name string, text []byte) (*ast.File, error) {
	file, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		message, _, _ := strings.Cut(err.Error(), "\n") // the parser draws an excerpt below
		return nil, fmt.Errorf("%s: %s", name, strings.TrimSpace(message))
	}
	return file, nil
}

// mapping returns the pairs of the one mapping that a file may hold.
func mapping(file *ast.File) ([]*ast.MappingValueNode, error) {
	if len(file.Docs) > 1 {
		return nil, fmt.Errorf("%d documents; want one", len(file.Docs))
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return nil, nil
	}
	switch body := file.Docs[0].Body.(type) {
	case *ast.MappingNode:
		return body.Values, nil
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{body}, nil
	case *ast.CommentGroupNode:
		return nil, nil
	default:
		return nil, fmt.Errorf("line %d: want lines of \"key: value\"", body.GetToken().Position.Line)
	}
}

// setNode parses a plain value, or a list of them; tags, anchors, aliases and
// blocks of text are refused.
func (s Setting) setNode(n ast.Node) error {
	if list, ok := n.(*ast.SequenceNode); ok && s.value.Kind() == reflect.Slice {
		var values []string
		for _, v := range list.Values {
			text, ok := plain(v)
			if !ok {
				return fmt.Errorf("%s: want a list of plain values", s.Key)
			}
			values = append(values, text)
		}
		s.setList(values)
		return nil
	}
	text, ok := plain(n)
	quoted := n.GetToken().Type == token.DoubleQuoteType || n.GetToken().Type == token.SingleQuoteType
	if !ok || quoted && s.value.Kind() != reflect.String {
		return fmt.Errorf("%s: want %s", s.Key, s.kind())
	}
	return s.set(text)
}

// plain returns the text of a scalar.
func plain(n ast.Node) (string, bool) {
	switch n.(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	}
	return "", false
}
