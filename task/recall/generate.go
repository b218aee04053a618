// Package recall is in-context associative recall (paper, section 4.1): read
// key-value pairs, then give the value that belongs to a key.
package recall

import (
	"slices"
	"strconv"

	"github.com/orchid-seq/orchid/internal/random"
)

// A Vocabulary is the words of the task: "." and "=>", and the numbers from 0
// on. Ids are the ranks of the words in lexicographic order, as in Hyena's
// generator. The first half of the sorted numbers are keys, the second half
// values; of an odd count the last number is never used.
type Vocabulary struct {
	Words  []string
	Keys   []int // ids
	Values []int // ids
	Query  int   // the id of "=>"
	Hidden int   // the id of ".", which stands for a value to predict
}

// NewVocabulary makes a vocabulary of size words, at least 4.
func NewVocabulary(size int) Vocabulary {
	v := Vocabulary{Words: []string{".", "=>"}}
	for i := range size - 2 {
		v.Words = append(v.Words, strconv.Itoa(i))
	}
	slices.Sort(v.Words)
	var numbers []int
	for id, w := range v.Words {
		switch w {
		case ".":
			v.Hidden = id
		case "=>":
			v.Query = id
		default:
			numbers = append(numbers, id)
		}
	}
	half := len(numbers) / 2
	v.Keys, v.Values = numbers[:half], numbers[half:2*half]
	return v
}

// Generate writes a sequence for length N to ids, which must hold
// 2 (N/2) + 2 words: N/2 times a random key with its value, "=>" and a key
// that occurs. It returns that key's value, the answer. Every call draws its own
// dictionary: each key has a uniform random value, with replacement.
func (v Vocabulary) Generate(s *random.Stream, ids []int) (answer int) {
	value := make([]int, len(v.Keys))
	for i := range value {
		value[i] = v.Values[s.IntN(len(v.Values))]
	}
	pairs := len(ids)/2 - 1
	at := make([]int, pairs) // which key stands at a pair
	for i := range pairs {
		k := s.IntN(len(v.Keys))
		at[i], ids[2*i], ids[2*i+1] = k, v.Keys[k], value[k]
	}
	asked := v.asked(s, at)
	ids[2*pairs], ids[2*pairs+1] = v.Query, v.Keys[asked]
	return value[asked]
}

// asked draws uniformly from the keys that occur.
func (v Vocabulary) asked(s *random.Stream, at []int) int {
	seen := make([]bool, len(v.Keys))
	var list []int
	for _, k := range at {
		if !seen[k] {
			seen[k] = true
			list = append(list, k)
		}
	}
	return list[s.IntN(len(list))]
}

// mostShared returns the value that most keys of a sequence have, the smallest
// of equals: the best answer without looking the asked key up.
func (v Vocabulary) mostShared(ids []int) int {
	value := map[int]int{}
	for i := 0; i+3 < len(ids); i += 2 {
		value[ids[i]] = ids[i+1]
	}
	count := make([]int, len(v.Words))
	best := v.Values[0]
	for _, w := range value {
		count[w]++
	}
	for _, w := range v.Values {
		if count[w] > count[best] {
			best = w
		}
	}
	return best
}
