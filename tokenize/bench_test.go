package tokenize

import (
	"os"
	"strings"
	"testing"

	"github.com/orchid-seq/orchid/internal/numtest"
)

func BenchmarkOpen(b *testing.B) {
	path := numtest.Shared(b, "data", "bert-base-uncased", "vocab.txt")
	for b.Loop() {
		if _, err := Open(path); err != nil {
			b.Fatal(err)
		}
	}
}

// The text is tinyshakespeare, or the file that the environment variable
// ORCHID_TEXT names; bench.py times Hugging Face's library on the same file.
func BenchmarkAppend(b *testing.B) {
	path := os.Getenv("ORCHID_TEXT")
	if path == "" {
		path = numtest.Shared(b, "data", "tinyshakespeare", "input.txt")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	t, err := Open(numtest.Shared(b, "data", "bert-base-uncased", "vocab.txt"))
	if err != nil {
		b.Fatal(err)
	}
	benchmark(b, t, string(text))
}

// Text of other scripts takes the slow way, rune by rune.
func BenchmarkScripts(b *testing.B) {
	t := small(b, Options{})
	for name, s := range map[string]string{
		"ascii":    "it was said that they had walked, and talked (in time). ",
		"accents":  "élève naïve à l'été, Žluťoučký kůň úpěl. ",
		"cyrillic": "Съешь же ещё этих мягких французских булок. ",
		"chinese":  "中文字符測試，简体中文。我爱北京天安门",
		"hangul":   "안녕하세요 세계! 한국어 ",
		"bad":      "\xff\xfe \xc3a ",
	} {
		b.Run(name, func(b *testing.B) { benchmark(b, t, strings.Repeat(s, 1<<18/len(s))) })
	}
}

func benchmark(b *testing.B, t *Tokenizer, text string) {
	dst := t.Append(nil, text)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		dst = t.Append(dst[:0], text)
	}
}
