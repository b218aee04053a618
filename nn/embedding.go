package nn

import "github.com/orchid-seq/orchid/autograd"

// Embedding is a table of one vector a word.
type Embedding struct{ Table *autograd.Param } // [V, D]

// NewEmbedding makes a table of V vectors of D channels, drawn from N(0, 0.02).
func NewEmbedding(name string, V, D int) Embedding {
	e := Embedding{autograd.NewParam(name+".weight", V, D)}
	e.Table.Init = autograd.Init{Rule: autograd.InitNormal, Value: 0.02}
	return e
}

// Forward maps ids to [len(ids), D].
func (e Embedding) Forward(t *autograd.Tape, ids []int) *autograd.Node {
	return t.Embedding(t.Param(e.Table), ids)
}

// Logits scores x [T, D] against every word [T, V]: the tied output head.
func (e Embedding) Logits(t *autograd.Tape, x *autograd.Node) *autograd.Node {
	return t.Linear(x, t.Param(e.Table), nil)
}

// Params lists the parameters.
func (e Embedding) Params() []*autograd.Param { return []*autograd.Param{e.Table} }
