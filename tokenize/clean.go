package tokenize

import (
	"slices"
	"sync"
	"unicode/utf8"
)

// cleaner turns text that is not plain ASCII into clean words, rune by rune,
// and remembers for each byte where it came from. It does what Hugging Face's
// BertNormalizer and BertPreTokenizer do, in one pass.
type cleaner struct {
	w     *wordPiece
	class []class
	dst   []Token

	word       []byte // of at most MaxWord runes
	from, to   []int  // for each of its bytes, the bytes of the text
	runes      int
	begin, end int // of the whole word

	held    []mark  // runes that may yet change places
	sources []place // of those
	last    place
	parts   []rune
}

// mark is a rune with a combining class; first says that it is the first rune
// that its source decomposed to.
type mark struct {
	r     rune
	order uint8
	first bool
}

// place is where a rune of the text stands.
type place struct{ from, to int }

var cleaners = sync.Pool{New: func() any { return new(cleaner) }}

// clean appends the words of text from a place on, up to the next white space
// of ASCII, and returns where it stopped.
func (w *wordPiece) clean(dst []Token, text string, i, at int) ([]Token, int) {
	c := cleaners.Get().(*cleaner)
	c.w, c.class, c.dst = w, classes(), dst
	for i < len(text) && w.kinds[text[i]] != space {
		r, n := utf8.DecodeRuneInString(text[i:])
		c.read(r, place{at + i, at + i + n})
		i += n
	}
	c.settle()
	c.flush()
	dst, c.dst = c.dst, nil
	cleaners.Put(c)
	return dst, i
}

// read takes the next rune of the text.
func (c *cleaner) read(r rune, p place) {
	class := c.class[r]
	if !c.w.KeepControls {
		if class&isDropped != 0 {
			return
		}
		if class&isSpace != 0 {
			r, class = ' ', isSpace
		}
	}
	if class&isChinese != 0 && !c.w.KeepChinese {
		c.settle()
		c.flush()
		c.decompose(r, class, p)
		c.settle()
		c.flush()
		return
	}
	c.decompose(r, class, p)
}

// decompose takes apart what has accents, and keeps back the marks: their
// order is that of their combining classes, not that of the text.
func (c *cleaner) decompose(r rune, class class, p place) {
	if c.w.KeepAccents || class&isNormal == 0 {
		c.settle()
		c.last = p
		c.emit(r, p)
		return
	}
	c.parts = decompose(c.parts[:0], r)
	for i, r := range c.parts {
		var o uint8
		if c.class[r]&isNormal != 0 {
			o = order(r)
		}
		if o == 0 {
			c.settle()
			c.last = p
			c.emit(r, p)
			continue
		}
		c.held = append(c.held, mark{r, o, i == 0})
		if i == 0 {
			c.sources = append(c.sources, p)
		}
	}
}

// settle emits the marks that were held back. As in Hugging Face's library the
// places keep the order of the text while the runes change theirs.
func (c *cleaner) settle() {
	if len(c.held) == 0 {
		return
	}
	slices.SortStableFunc(c.held, func(a, b mark) int { return int(a.order) - int(b.order) })
	next := 0
	for _, m := range c.held {
		if m.first {
			c.last = c.sources[next]
			next++
		}
		c.emit(m.r, c.last)
	}
	c.held, c.sources = c.held[:0], c.sources[:0]
}

// emit takes a rune of the decomposed text.
func (c *cleaner) emit(r rune, p place) {
	class := c.class[r]
	if class&isMark != 0 && !c.w.KeepAccents {
		return
	}
	if class&isCased != 0 && !c.w.KeepCase {
		if r == dottedI {
			c.put('i', p)
			c.put(dotAbove, p)
			return
		}
		r = lower(r)
		class = c.class[r]
	}
	switch {
	case class&isSpace != 0:
		c.flush()
	case class&isPunctuation != 0:
		c.flush()
		c.put(r, p)
		c.flush()
	default:
		c.put(r, p)
	}
}

// put appends a rune to the word.
func (c *cleaner) put(r rune, p place) {
	if c.runes++; c.runes == 1 {
		c.begin = p.from
	}
	c.end = p.to
	if c.runes > c.w.MaxWord {
		return
	}
	c.word = utf8.AppendRune(c.word, r)
	for len(c.from) < len(c.word) {
		c.from, c.to = append(c.from, p.from), append(c.to, p.to)
	}
}

// flush ends the word.
func (c *cleaner) flush() {
	if c.runes == 0 {
		return
	}
	if c.runes > c.w.MaxWord {
		c.dst = append(c.dst, Token{c.w.unknown, c.begin, c.end})
	} else {
		before := len(c.dst)
		c.dst = appendPieces(c.dst, c.w, c.word, c.runes, 0)
		for i, t := range c.dst[before:] {
			c.dst[before+i] = Token{t.ID, c.from[t.Start], c.to[t.End-1]}
		}
	}
	c.word, c.from, c.to, c.runes = c.word[:0], c.from[:0], c.to[:0], 0
}
