package serve_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/serve"
)

// a schema of the document.
type schema struct {
	Ref        string `json:"$ref"`
	Type       any
	Properties map[string]*schema
	Required   []string
	Additional *bool `json:"additionalProperties"`
	Items      *schema
	OneOf      []*schema
	Enum       []any
	Const      any
	Minimum    *float64
	MinItems   int
	MaxItems   *int
}

type content map[string]struct {
	Schema  *schema
	Example json.RawMessage
}

type operation struct {
	Security *[]any
	Request  *struct{ Content content }           `json:"requestBody"`
	Replies  map[string]struct{ Content content } `json:"responses"`
}

type document struct {
	Version    string `json:"openapi"`
	Paths      map[string]map[string]operation
	Components struct{ Schemas map[string]*schema }
}

// check says where a value differs from a schema; "" is nowhere.
func (d document) check(s *schema, v any, at string) string {
	if s.Ref != "" {
		target := d.Components.Schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")]
		if target == nil {
			return at + ": no schema " + s.Ref
		}
		return d.check(target, v, at)
	}
	if s.OneOf != nil {
		matches := slices.DeleteFunc(slices.Clone(s.OneOf), func(o *schema) bool { return d.check(o, v, at) != "" })
		if len(matches) != 1 {
			return fmt.Sprintf("%s: %d schemas match %v, want one", at, len(matches), v)
		}
		return ""
	}
	if s.Enum != nil && !slices.Contains(s.Enum, v) || s.Const != nil && s.Const != v {
		return fmt.Sprintf("%s: %v is not among those allowed", at, v)
	}
	if s.Type != nil && !strings.Contains(fmt.Sprint(s.Type), kindOf(v)) && !(kindOf(v) == "integer" && strings.Contains(fmt.Sprint(s.Type), "number")) {
		return fmt.Sprintf("%s: %v is no %v", at, v, s.Type)
	}
	switch v := v.(type) {
	case float64:
		if s.Minimum != nil && v < *s.Minimum {
			return at + ": too small"
		}
	case []any:
		if len(v) < s.MinItems || s.MaxItems != nil && len(v) > *s.MaxItems {
			return at + ": too few or too many"
		}
		for i, item := range v {
			if s.Items != nil {
				if why := d.check(s.Items, item, fmt.Sprintf("%s[%d]", at, i)); why != "" {
					return why
				}
			}
		}
	case map[string]any:
		for _, key := range s.Required {
			if _, ok := v[key]; !ok {
				return at + ": no " + key
			}
		}
		for key, item := range v {
			switch p := s.Properties[key]; {
			case p != nil:
				if why := d.check(p, item, at+"."+key); why != "" {
					return why
				}
			case s.Additional == nil && s.Properties != nil || s.Additional != nil && !*s.Additional:
				return at + ": " + key + " is not described"
			}
		}
	}
	return ""
}

func kindOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case float64:
		if v == float64(int(v)) {
			return "integer"
		}
		return "number"
	}
	return "object"
}

// TestOpenAPI: the document has every route and no other; its examples are answered, and
// both are what their schemas say.
func TestOpenAPI(t *testing.T) {
	s := all(t, serve.Options{Limits: serve.Limits{Items: 6, RequestTokens: 600}})
	var d document
	_, text := s.send("GET", "/openapi.json", "")
	if err := json.Unmarshal([]byte(text), &d); err != nil || d.Version != "3.1.0" {
		t.Fatal(err, d.Version)
	}
	sentences(t, value(t, text), "")
	var described []string
	for path, methods := range d.Paths {
		for method, o := range methods {
			route := strings.ToUpper(method) + " " + strings.ReplaceAll(path, "{NAME}", "NAME")
			described = append(described, route)
			if strings.HasSuffix(route, " /") || strings.HasSuffix(route, "/metrics") || strings.HasSuffix(route, "/card") {
				continue // not JSON
			}
			body := ""
			if o.Request != nil {
				c := o.Request.Content["application/json"]
				body = string(c.Example)
				if why := d.check(c.Schema, value(t, body), "request"); why != "" {
					t.Errorf("%s: %s", route, why)
				}
			}
			r, answer := s.send(strings.ToUpper(method), strings.ReplaceAll(path, "{NAME}", "reviews")+map[bool]string{true: "?model=reviews"}[path == "/info"], body)
			if r.StatusCode != 200 {
				t.Errorf("%s %s: %s %s", route, body, r.Status, answer)
				continue
			}
			if why := d.check(o.Replies["200"].Content["application/json"].Schema, value(t, answer), "answer"); why != "" {
				t.Errorf("%s: %s", route, why)
			}
		}
	}
	slices.Sort(described)
	if want := slices.Sorted(slices.Values(s.Routes())); !slices.Equal(described, want) {
		t.Errorf("described are\n%s\nthere are\n%s", strings.Join(described, "\n"), strings.Join(want, "\n"))
	}
	// What is refused is told as described, and the fields of a request are those that it may have.
	for _, c := range refused {
		path := strings.Replace(c.path, "/none/", "/reviews/", 1)
		path = strings.Replace(path, "/reviews/", "/{NAME}/", 1)
		_, answer := s.send("POST", c.path, c.body)
		if why := d.check(d.Paths[path]["post"].Replies["default"].Content["application/json"].Schema, value(t, answer), "refusal"); why != "" {
			t.Errorf("%s: %s", c.path, why)
		}
	}
	for path, methods := range d.Paths {
		o, ok := methods["post"]
		if !ok {
			continue
		}
		_, answer := s.send("POST", strings.ReplaceAll(path, "{NAME}", "reviews"), `{"nonsense": 1}`)
		request := o.Request.Content["application/json"].Schema
		for field := range d.Components.Schemas[strings.TrimPrefix(request.Ref, "#/components/schemas/")].Properties {
			if !strings.Contains(answer, `\"`+field+`\"`) {
				t.Errorf("%s: described is %s, there is %s", path, field, answer)
			}
		}
	}
	// The check itself bites.
	for _, bad := range []string{`{"model": "x"}`, `{"input": []}`, `{"input": "x", "dimensions": 0}`, `{"input": "x", "nonsense": 1}`, `{"input": ["x", null]}`, `{"input": "x", "encoding_format": "hex"}`} {
		if d.check(d.Components.Schemas["EmbeddingsRequest"], value(t, bad), "") == "" {
			t.Errorf("%s passes", bad)
		}
	}
}

// sentences looks for descriptions that are no sentences.
func sentences(t *testing.T, v any, at string) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		for key, item := range v {
			text, ok := item.(string)
			if named := strings.HasSuffix(at, "/properties"); !named && (key == "description" || key == "summary") && (!ok || len(text) < 5) {
				t.Errorf("%s/%s: %T %v", at, key, item, item)
			}
			sentences(t, item, at+"/"+key)
		}
	case []any:
		for i, item := range v {
			sentences(t, item, fmt.Sprint(at, "/", i))
		}
	}
}

func value(t *testing.T, text string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}
