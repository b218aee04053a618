package language

// MadeUp returns sequences of such lengths, of words spread over a vocabulary.
func MadeUp(lengths []int, vocabulary int) (b Batch) {
	at := 0
	for _, n := range lengths {
		words := make([]int, n)
		for i := range words {
			words[i] = at * 7919 % vocabulary
			at++
		}
		b.Add(words, 0)
	}
	return b
}
