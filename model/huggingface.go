package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/mixer"
	"github.com/orchid-seq/orchid/tensor"
)

// IsHuggingFace says whether a config.json is that of a model of Hugging Face's
// transformers library. Ours have some of its keys, and a list of settings.
func IsHuggingFace(text []byte) bool {
	var c map[string]json.RawMessage
	return json.Unmarshal(text, &c) == nil && c["model_type"] != nil && c["hidden_size"] != nil && c["settings"] == nil
}

// HuggingFaceConfig reads the config.json of a BERT. What this package would
// compute otherwise is refused. Three settings that only matter for training are
// not taken over: attention_probs_dropout_prob, since our attention drops none of
// its shares; classifier_dropout, in whose place hidden_dropout_prob stands before
// a classifier; and initializer_range, since new heads are drawn with init=normal,
// the deviation of 0.02 that it is by default.
func HuggingFaceConfig(text []byte) (TextConfig, error) {
	c := struct {
		Type       string  `json:"model_type"`
		Vocabulary int     `json:"vocab_size"`
		Width      int     `json:"hidden_size"`
		Depth      int     `json:"num_hidden_layers"`
		Heads      int     `json:"num_attention_heads"`
		Inner      int     `json:"intermediate_size"`
		Activation string  `json:"hidden_act"`
		MaxLength  int     `json:"max_position_embeddings"`
		Types      int     `json:"type_vocab_size"`
		Eps        float64 `json:"layer_norm_eps"`
		Dropout    float64 `json:"hidden_dropout_prob"`
		Positions  string  `json:"position_embedding_type"`
		Decoder    bool    `json:"is_decoder"`
	}{Eps: 1e-12, Types: 2, Activation: "gelu", Positions: "absolute", Dropout: 0.1}
	if err := json.Unmarshal(text, &c); err != nil {
		return TextConfig{}, err
	}
	var faults []error
	want := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	want(c.Type == "bert", "model_type is %q: only bert can be read", c.Type)
	want(c.Activation == "gelu", "hidden_act is %q: only gelu can be read", c.Activation)
	want(c.Positions == "absolute", "position_embedding_type is %q: only absolute can be read", c.Positions)
	want(!c.Decoder, "is_decoder is true: only encoders can be read")
	want(c.Inner > 0, "intermediate_size is %d", c.Inner)
	if err := errors.Join(faults...); err != nil {
		return TextConfig{}, err
	}
	m := mixer.Default()
	m.Mixer, m.Heads = "attention", c.Heads
	t := TextConfig{
		Vocabulary: c.Vocabulary, MaxLength: c.MaxLength, Positions: "learned", Types: c.Types, Buckets: 1 << 15,
		Encoder: Config{
			Width: c.Width, Depth: c.Depth, Expand: 4, Inner: c.Inner, MLPBlocks: 1, Dropout: c.Dropout,
			Init: autograd.SchemeNormal, Norm: "post", NormEps: c.Eps, MixerResidual: true, Mixer: m,
		},
	}
	return t, t.Validate()
}

// A HuggingFaceHead is what stands on a BERT.
type HuggingFaceHead struct {
	Masked bool // it predicts hidden words; else it classifies sequences
	// Labels are the classes in order, nil where the configuration does not name them.
	Labels  []string
	Several bool // a sequence may have any number of them
	Number  bool // it gives one number
}

// ReadHuggingFaceHead reads what the config.json of a BERT says of its head. Heads
// for single words and for answers are refused.
func ReadHuggingFaceHead(text []byte) (HuggingFaceHead, error) {
	var c struct {
		Architectures []string          `json:"architectures"`
		Labels        map[string]string `json:"id2label"`
		Problem       string            `json:"problem_type"`
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return HuggingFaceHead{}, err
	}
	h := HuggingFaceHead{Masked: true}
	for _, a := range c.Architectures {
		switch a {
		case "BertModel", "BertForMaskedLM", "BertForPreTraining":
		case "BertForSequenceClassification":
			h.Masked = false
		default:
			return h, fmt.Errorf("architectures: %s: only BertModel, BertForMaskedLM, BertForPreTraining and BertForSequenceClassification can be read with their head", a)
		}
	}
	if h.Masked {
		return h, nil
	}
	for i := range len(c.Labels) {
		label, ok := c.Labels[fmt.Sprint(i)]
		if !ok {
			return h, fmt.Errorf("id2label: no label %d among %d", i, len(c.Labels))
		}
		h.Labels = append(h.Labels, label)
	}
	h.Several = c.Problem == "multi_label_classification"
	h.Number = c.Problem == "regression" || c.Problem == "" && len(h.Labels) == 1
	return h, nil
}

// IsHuggingFaceNames says whether weights have the names of the transformers
// library.
func IsHuggingFaceNames(names []string) bool {
	for _, n := range names {
		if strings.HasSuffix(strings.TrimPrefix(n, "bert."), "embeddings.word_embeddings.weight") {
			return true
		}
	}
	return false
}

// SkipsHuggingFace says whether a tensor is none of a model's weights, or one
// that stands there twice.
func SkipsHuggingFace(name string) bool {
	return strings.HasSuffix(name, "position_ids") || strings.HasPrefix(name, "cls.seq_relationship.") ||
		name == "cls.predictions.decoder.weight" || name == "cls.predictions.decoder.bias"
}

// renames lead from Hugging Face's names to ours, in this order.
var renames = []struct{ from, to string }{
	{`^bert\.`, ``},
	{`LayerNorm\.gamma$`, `LayerNorm.weight`}, // files of before 2019
	{`LayerNorm\.beta$`, `LayerNorm.bias`},
	{`^embeddings\.word_embeddings\.`, `embeddings.words.`},
	{`^embeddings\.position_embeddings\.`, `embeddings.positions.`},
	{`^embeddings\.token_type_embeddings\.`, `embeddings.types.`},
	{`^embeddings\.LayerNorm\.`, `embeddings.norm.`},
	{`^encoder\.layer\.(\d+)\.`, `blocks.$1.`},
	{`\.attention\.self\.(query|key|value)\.`, `.mixer.$1.`},
	{`\.attention\.output\.dense\.`, `.mixer.out_linear.`},
	{`\.attention\.output\.LayerNorm\.`, `.norm1.`},
	{`\.intermediate\.dense\.`, `.mlp.up.`},
	{`\.output\.dense\.`, `.mlp.down.`},
	{`\.output\.LayerNorm\.`, `.norm2.`},
	{`^cls\.predictions\.transform\.dense\.`, `masked.dense.`},
	{`^cls\.predictions\.transform\.LayerNorm\.`, `masked.norm.`},
	{`^cls\.predictions\.bias$`, `masked.bias`},
}

var renamed = func() (list []*regexp.Regexp) {
	for _, r := range renames {
		list = append(list, regexp.MustCompile(r.from))
	}
	return list
}()

// FromHuggingFace gives the weights of a BERT our names; queries, keys and
// values become one matrix.
func FromHuggingFace(tensors map[string]*tensor.Tensor) (map[string]*tensor.Tensor, error) {
	out := map[string]*tensor.Tensor{}
	for name, t := range tensors {
		for i, r := range renames {
			name = renamed[i].ReplaceAllString(name, r.to)
		}
		out[name] = t
	}
	for name := range out {
		base, kind, ok := cutQuery(name)
		if !ok {
			continue
		}
		joined, err := stack(out[name], out[base+"key."+kind], out[base+"value."+kind])
		if err != nil {
			return nil, fmt.Errorf("%s, key and value: %w", name, err)
		}
		out[base+"in_linear."+kind] = joined
	}
	for name := range out {
		if strings.Contains(name, ".mixer.query.") || strings.Contains(name, ".mixer.key.") || strings.Contains(name, ".mixer.value.") {
			delete(out, name)
		}
	}
	return out, nil
}

// cutQuery takes blocks.0.mixer.query.weight apart.
func cutQuery(name string) (base, kind string, ok bool) {
	base, kind, ok = strings.Cut(name, ".mixer.query.")
	return base + ".mixer.", kind, ok
}

// stack puts tensors of one shape below each other.
func stack(parts ...*tensor.Tensor) (*tensor.Tensor, error) {
	var data []float32
	for _, p := range parts {
		if p == nil || tensor.Size(p.Shape) != tensor.Size(parts[0].Shape) {
			return nil, errors.New("one is missing or of another shape")
		}
		data = append(data, p.Data...)
	}
	shape := append([]int{len(parts) * parts[0].Shape[0]}, parts[0].Shape[1:]...)
	t := tensor.New(shape...)
	copy(t.Data, data)
	return t, nil
}
