package corpus

import "github.com/orchid-seq/orchid/internal/random"

// A Part is the documents on one side of a division by a column: a document is
// held out if the SHA-256 of its field, read as a fraction of its largest value,
// is below Share. So a document stays on its side when others come or go, and all
// documents with the same field stand together.
type Part struct {
	Column string // "" for all documents
	Share  float64
	Held   bool // those that are held out, or else the others
}

// has says whether a document with that field belongs to the part.
func (p Part) has(field string) bool {
	return (random.Fraction(field) < p.Share) == p.Held
}
