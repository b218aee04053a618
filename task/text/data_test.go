package text

import (
	"fmt"
	"strings"

	"github.com/orchid-seq/orchid/internal/random"
)

// words draws a few words; the first n letters are never among them.
func words(s *random.Stream, n int) string {
	var b strings.Builder
	for i := range 2 + s.IntN(4) {
		if i > 0 {
			b.WriteByte(' ')
		}
		for range 1 + s.IntN(4) {
			b.WriteByte(byte('a' + n + s.IntN(26-n)))
		}
	}
	return b.String()
}

// The texts of the tests: a mark among others decides the label.

func csvOfClasses(n int) string {
	var b strings.Builder
	b.WriteString("label,text\n")
	for i := range n {
		s := random.New(1, "text", i)
		fmt.Fprintf(&b, "%s,\"%s, %s %s\"\n", []string{"good", "bad", "so-so"}[i%3], words(&s, 3), []string{"aaa", "bbb", "ccc"}[i%3], words(&s, 3))
	}
	return b.String()
}

func jsonlOfSeveral(n int) string {
	var b strings.Builder
	for i := range n {
		s := random.New(2, "text", i)
		text, labels := words(&s, 3), []string{}
		for j, name := range []string{"x", "y", "z"} {
			if s.IntN(2) == 1 {
				labels = append(labels, `"`+name+`"`)
				text += " " + strings.Repeat(string(rune('a'+j)), 3)
			}
		}
		fmt.Fprintf(&b, "{\"text\": %q, \"label\": [%s]}\n", text, strings.Join(labels, ", "))
	}
	return b.String()
}

func tsvOfNumbers(n int) string {
	var b strings.Builder
	b.WriteString("text\tprice\n")
	for i := range n {
		s := random.New(3, "text", i)
		k := s.IntN(6)
		fmt.Fprintf(&b, "%s %s\t%d\n", words(&s, 3), strings.Repeat("a", k), 1000+100*k)
	}
	return b.String()
}

func csvOfPairs(n int) string {
	var b strings.Builder
	b.WriteString("text,other,label\n")
	for i := range n {
		s := random.New(4, "text", i)
		// Which of the two has the mark.
		a, b2 := words(&s, 3), words(&s, 3)
		if i%2 == 0 {
			a += " aaa"
		} else {
			b2 += " aaa"
		}
		fmt.Fprintf(&b, "%s,%s,%d\n", a, b2, i%2)
	}
	return b.String()
}
