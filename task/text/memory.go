package text

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"math"

	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/task"
	"github.com/orchid-seq/orchid/tokenize"
)

// memory is examples that a source has read itself.
type memory struct {
	list []example
	cut  int
	sum  string
}

type example struct {
	words  []int
	second int
	labels []float32
}

// NewExamples tokenises a list. An example of more words than longest, if that is
// not 0, is an error that names its number, unless truncate lets it be cut.
func NewExamples(list []task.Example, words *tokenize.Tokenizer, longest int, truncate bool) (Examples, error) {
	m := &memory{list: make([]example, len(list))}
	faults, cut := make([]error, len(list)), make([]bool, len(list))
	par.For(len(list), 64, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			e, err := words.EncodePair(tokenize.Layout{MaxLength: longest, Truncate: truncate}, list[i].A, list[i].B)
			if err != nil {
				faults[i] = fmt.Errorf("example %d: %w", i+1, err)
				continue
			}
			m.list[i] = example{words: e.IDs, second: e.Second()}
			for _, v := range list[i].Labels {
				m.list[i].labels = append(m.list[i].labels, float32(v))
			}
			cut[i] = e.Cut > 0
		}
	})
	for i, err := range faults {
		if err != nil {
			return nil, err
		}
		if cut[i] {
			m.cut++
		}
	}
	h := sha256.New()
	for _, e := range m.list {
		e.hash(h)
	}
	m.sum = hex.EncodeToString(h.Sum(nil))
	return m, nil
}

func (e example) hash(h hash.Hash) {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(e.words)))
	b = binary.LittleEndian.AppendUint64(b, uint64(e.second))
	for _, w := range e.words {
		b = binary.LittleEndian.AppendUint64(b, uint64(w))
	}
	for _, v := range e.labels {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	h.Write(b)
}

func (m *memory) Len() int               { return len(m.list) }
func (m *memory) Length(i int) int       { return len(m.list[i].words) }
func (m *memory) Labels(i int) []float32 { return m.list[i].labels }
func (m *memory) Checksum() string       { return m.sum }
func (m *memory) Cut() int               { return m.cut }

func (m *memory) Append(words []int, i int) ([]int, int) {
	return append(words, m.list[i].words...), m.list[i].second
}
