package mlm

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/orchid-seq/orchid/autograd"
	"github.com/orchid-seq/orchid/internal/random"
	"github.com/orchid-seq/orchid/task/language"
	"github.com/orchid-seq/orchid/tensor"
	"github.com/orchid-seq/orchid/tokenize"
)

// A Guess is a word for a hidden one.
type Guess struct {
	Word        string  `json:"word"`
	ID          int     `json:"id"`
	Probability float64 `json:"probability"`
	Text        string  `json:"text,omitempty"` // the whole text with the word in its place
}

// Read encodes a text in which [MASK] hides a word, for Guess. A text without
// one, or with more tokens than the model takes unless truncate cuts them, is an
// error.
func (k *Task) Read(in language.Input, truncate bool) (tokenize.Encoding, error) {
	e, err := in.Encode(k.words, k.Longest(), truncate)
	switch hidden := slices.Contains(e.IDs, k.mask.mask); {
	case err != nil || hidden:
	case e.Cut > 0:
		err = fmt.Errorf("no %s in the %d tokens that are read: %d more were cut", k.words.Word(k.mask.mask), len(e.IDs), e.Cut)
	default:
		err = fmt.Errorf("no %s in the text: write it where a word is wanted", k.words.Word(k.mask.mask))
	}
	return e, err
}

// Guess returns the most probable words for each [MASK] of each text of a batch,
// best first. It is safe for concurrent use.
func (k *Task) Guess(t *autograd.Tape, b language.Batch, texts []language.Input, encodings []tokenize.Encoding, most int) [][][]Guess {
	var rows []int
	for i, id := range b.Words {
		if id == k.mask.mask {
			rows = append(rows, i)
		}
	}
	logits := k.model.Logits(t, t.Rows(k.Hidden(t, b), rows))
	out := make([][][]Guess, len(texts))
	for i, row := range rows {
		n, _ := slices.BinarySearch(b.Seq, row+1)
		n-- // the text that the row belongs to
		e := encodings[n]
		at := row - b.Seq[n]
		var list []Guess
		for _, g := range k.best(logits.Row(i), most) {
			g.Text = k.replace(texts[n], e, at, g)
			list = append(list, g)
		}
		out[n] = append(out[n], list)
	}
	return out
}

// replace returns the text with a word in place of token at; "" if only ids are
// known.
func (k *Task) replace(in language.Input, e tokenize.Encoding, at int, g Guess) string {
	if in.IDs != nil {
		return ""
	}
	word, text := g.Word, in.A
	if !k.words.Starts(g.ID) {
		word = strings.TrimPrefix(word, "##")
	}
	if e.Types[at] == 1 {
		text = in.B
	}
	span := e.Spans[at]
	return text[:span.Start] + word + text[span.End:]
}

// best returns the words with the highest logits, without those that the
// tokenizer does not have.
func (k *Task) best(logits []float32, most int) []Guess {
	order := make([]int, k.words.Size())
	top, sum := math.Inf(-1), 0.0
	for i := range order {
		order[i], top = i, math.Max(top, float64(logits[i]))
	}
	for i := range order {
		sum += math.Exp(float64(logits[i]) - top)
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case logits[a] > logits[b]:
			return -1
		case logits[a] < logits[b]:
			return 1
		}
		return 0
	})
	var list []Guess
	for _, id := range order[:min(most, len(order))] {
		list = append(list, Guess{Word: k.words.Word(id), ID: id, Probability: math.Exp(float64(logits[id])-top) / sum})
	}
	return list
}

// Tokenizer implements language.Embedder.
func (k *Task) Tokenizer() *tokenize.Tokenizer { return k.words.Literal() }

// Size implements language.Embedder.
func (k *Task) Size() (width, layers int) {
	e := k.c.Language.Model.Encoder
	return e.Width, e.Depth
}

// Longest implements language.Embedder.
func (k *Task) Longest() int { return k.c.Language.Model.Longest() }

// Hidden implements language.Embedder.
func (k *Task) Hidden(t *autograd.Tape, b language.Batch) *autograd.Node {
	return k.model.Forward(t, b.Words, b.Types, b.Seq)
}

// Vectors implements language.Embedder: by default the mean of the rows.
func (k *Task) Vectors(t *autograd.Tape, b language.Batch, hidden *autograd.Node, how autograd.Pooling) *autograd.Node {
	if how == "" {
		how = autograd.MeanPool
	}
	return t.Pool(hidden, b.Seq, how)
}

// Keep lets static kernels be kept; see mixer.Keeper.
func (k *Task) Keep(bytes int) { k.model.Encoder.Keep(bytes) }

// samples and sampleLength are the size of what Sample returns.
const samples, sampleLength = 2, 16

// Sample returns words [n, L] with one hidden in each row.
func (k *Task) Sample() (map[string]*tensor.Tensor, error) {
	L := sampleLength
	if n := k.c.Language.Model.Longest(); n > 0 {
		L = min(L, n)
	}
	words := tensor.New(samples, L)
	for i := range samples {
		s := random.New(0, "sample", i)
		row := words.Row(i)
		for j := range row {
			row[j] = float32(k.mask.ordinary[s.IntN(len(k.mask.ordinary))])
		}
		special := k.words.Special()
		row[0], row[L-1], row[L/2] = float32(special.Class), float32(special.Separator), float32(special.Mask)
	}
	return map[string]*tensor.Tensor{"words": words}, nil
}

// Predict returns the logits [n, V] of the first hidden word of each row of
// "words" [n, L].
func (k *Task) Predict(inputs map[string]*tensor.Tensor) (*tensor.Tensor, error) {
	V := k.c.Language.Model.Vocabulary
	rows, err := language.Words(inputs, V)
	if err != nil {
		return nil, err
	}
	var b batch
	for i, words := range rows {
		at := slices.Index(words, k.mask.mask)
		if at < 0 {
			return nil, fmt.Errorf("no hidden word in row %d", i)
		}
		b.rows = append(b.rows, len(b.Words)+at)
		b.Add(words, 0)
	}
	out := tensor.New(len(rows), V)
	err = autograd.Catch(func() {
		t := autograd.Tape{NoGrad: true}
		copy(out.Data, k.model.Logits(&t, t.Rows(k.model.Forward(&t, b.Words, b.Types, b.Seq), b.rows)).Data)
	})
	return out, err
}

// WriteFiles implements task.Filer.
func (k *Task) WriteFiles(dir string) error { return k.words.Save(dir) }

// Describe implements task.Task.
func (k *Task) Describe() string {
	c := k.c
	text := fmt.Sprintf("masked language modelling: %s, %d words, windows of %d, %.0f %% hidden", c.Language.Tokenizer, k.words.Size(), c.Length, 100*c.Mask)
	if k.sets["train"] == nil {
		return text
	}
	train, held := k.sets["train"], k.sets["validation"]
	if held == nil {
		held = &set{windows: train.windows}
	}
	text += fmt.Sprintf("\ntraining: %v, %d documents, %d words, %d windows", c.Corpus.Data, train.store.Documents(), train.store.Tokens(), len(train.list))
	if len(c.EvalData) > 0 {
		return text + fmt.Sprintf("\nvalidation: %v, %d documents, %d words, %d windows", c.EvalData, held.store.Documents(), held.store.Tokens(), len(held.list))
	}
	return text + fmt.Sprintf("; %d held out for validation", len(held.list))
}

// Fingerprint implements task.Task: the settings, and checksums of the tokenised
// text in place of the files, which may move.
func (k *Task) Fingerprint() string {
	c := k.c
	c.Corpus.Data, c.EvalData, c.Language.Tokenizer, c.Corpus.Cache = nil, nil, "", ""
	return language.Fingerprint(
		"settings", fmt.Sprintf("%+v, seed %d", c, k.seed), "training data", k.sets["train"].store.Checksum(),
		"validation data", k.sets["validation"].store.Checksum(), "tokenizer", k.words.Fingerprint())
}
