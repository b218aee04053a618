package tokenize_test

import (
	"fmt"

	"github.com/orchid-seq/orchid/tokenize"
)

func ExampleWordPiece() {
	t, err := tokenize.WordPiece([]string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "dog", "walk", "##ing", "is", "."}, tokenize.Options{})
	if err != nil {
		panic(err)
	}
	text := "The dog is walking the [MASK]."
	for _, token := range t.Append(nil, text) {
		fmt.Printf("%-6s from %q\n", t.Word(token.ID), text[token.Start:token.End])
	}
	e, err := t.Encode(tokenize.Layout{MaxLength: 8, Truncate: true}, text)
	if err != nil {
		panic(err)
	}
	fmt.Println(t.Decode(e.IDs), e.Cut)
	// Output:
	// the    from "The"
	// dog    from "dog"
	// is     from "is"
	// walk   from "walk"
	// ##ing  from "ing"
	// the    from "the"
	// [MASK] from "[MASK]"
	// .      from "."
	// [CLS] the dog is walking the [SEP] 2
}
