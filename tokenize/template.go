package tokenize

import (
	"encoding/json"
	"fmt"
)

// fileTemplate is what stands around texts in a tokenizer.json: the general
// form, or BERT's own.
type fileTemplate struct {
	Type    string              `json:"type"`
	Single  []fileSlot          `json:"single,omitempty"`
	Pair    []fileSlot          `json:"pair,omitempty"`
	Special map[string]fileWord `json:"special_tokens,omitempty"`
	Sep     *fileCorner         `json:"sep,omitempty"`
	Cls     *fileCorner         `json:"cls,omitempty"`
}

type fileSlot struct {
	Special  *fileSlotID `json:"SpecialToken,omitempty"`
	Sequence *fileSlotID `json:"Sequence,omitempty"`
}

type fileSlotID struct {
	ID   string `json:"id"`
	Type int    `json:"type_id"`
}

type fileWord struct {
	ID     string   `json:"id"`
	IDs    []int    `json:"ids"`
	Tokens []string `json:"tokens"`
}

// fileCorner is a word and its id, as a list of two.
type fileCorner struct {
	Word string
	ID   int
}

// UnmarshalJSON reads ["[SEP]", 102].
func (c *fileCorner) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &[]any{&c.Word, &c.ID})
}

// bertTemplate returns the template of [CLS] a [SEP] b [SEP].
func bertTemplate(class, separator string, s Special) *fileTemplate {
	word := func(w string, kind int) fileSlot { return fileSlot{Special: &fileSlotID{w, kind}} }
	text := func(name string, kind int) fileSlot { return fileSlot{Sequence: &fileSlotID{name, kind}} }
	single := []fileSlot{word(class, 0), text("A", 0), word(separator, 0)}
	return &fileTemplate{
		Type: "TemplateProcessing", Single: single,
		Pair: append(single[:3:3], text("B", 1), word(separator, 1)),
		Special: map[string]fileWord{
			class:     {class, []int{s.Class}, []string{class}},
			separator: {separator, []int{s.Separator}, []string{separator}},
		},
	}
}

// special returns the ids of the special words: what stands around texts as
// the template says, the others by their names.
func (f *file) special(v *vocabulary) (Special, error) {
	s := v.find(specialWords)
	p := f.PostProcessor
	if p == nil {
		return s, nil
	}
	var class, separator string
	switch {
	case p.Type == "BertProcessing" && p.Cls != nil && p.Sep != nil:
		class, separator = p.Cls.Word, p.Sep.Word
	case p.Type == "TemplateProcessing" && len(p.Single) == 3 && p.Single[0].Special != nil && p.Single[2].Special != nil:
		class, separator = p.Single[0].Special.ID, p.Single[2].Special.ID
		if want := bertTemplate(class, separator, s); !sameSlots(p.Single, want.Single) || !sameSlots(p.Pair, want.Pair) {
			return s, errTemplate
		}
	default:
		return s, errTemplate
	}
	var ok1, ok2 bool
	s.Class, ok1 = v.ID(class)
	s.Separator, ok2 = v.ID(separator)
	if !ok1 || !ok2 {
		return s, fmt.Errorf("post_processor: %q or %q is not in the vocabulary", class, separator)
	}
	return s, nil
}

var errTemplate = fmt.Errorf("post_processor: want BERT's: [CLS] A [SEP], and [CLS] A [SEP] B [SEP] with B of type 1")

func sameSlots(a, b []fileSlot) bool {
	same := func(a, b *fileSlotID) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !same(a[i].Special, b[i].Special) || !same(a[i].Sequence, b[i].Sequence) {
			return false
		}
	}
	return true
}
