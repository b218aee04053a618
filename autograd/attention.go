package autograd

import (
	"math"

	"github.com/orchid-seq/orchid/internal/gemm"
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/internal/vec"
	"github.com/orchid-seq/orchid/tensor"
)

// attentionBlock is the side of the square of scores in work at a time: 64 KB
// of scores stay in L2, and memory grows with L, not with its square.
const attentionBlock = 128

// attentionAttr are the attributes of Attention.
type attentionAttr struct{ heads, D, head int }

// part returns rows of q (part 0), k (1) or v (2) of a head.
func (a attentionAttr) part(data []float32, row, rows, part, h int) gemm.Matrix {
	return gemm.Of(data[row*3*a.D+part*a.D+h*a.head:], rows, a.head, 3*a.D)
}

// Attention is exact multi-head softmax attention within each sequence,
// every position seeing every other. It works on blocks of scores and keeps one
// number a row and head for the backward pass.
//
//	qkv [T, 3 D], queries, keys, values
//	y [T, D] = softmax(q k^T / sqrt(D/heads)) v, head by head
func (t *Tape) Attention(qkv *Node, seq tensor.Offsets, heads int) *Node {
	const op = "attention"
	wantSeq(op, qkv, seq)
	want(heads > 0 && qkv.Cols()%(3*heads) == 0, op, "qkv [T, 3 D], D a multiple of heads", qkv)
	D := qkv.Cols() / 3
	a := attentionAttr{heads, D, D / heads}
	y := t.op(op, []int{qkv.Rows(), D}, attentionBack, qkv)
	y.Attr, y.seq = a, seq
	lse := t.keep(y, qkv.Rows()*heads)
	var blocks []piece // blocks of queries
	for i := range seq.Count() {
		for from := 0; from < seq.Len(i); from += attentionBlock {
			blocks = append(blocks, piece{i, from, min(from+attentionBlock, seq.Len(i)), seq[i]})
		}
	}
	scale := float32(1 / math.Sqrt(float64(a.head)))
	par.For(len(blocks)*heads, 1, func(lo, hi int) {
		scores, rescale := t.pool.Get(attentionBlock*attentionBlock), t.pool.Get(attentionBlock)
		sums := make([]float64, attentionBlock)
		for u := lo; u < hi; u++ {
			p, h := blocks[u/heads], u%heads
			n, L := p.to-p.from, seq.Len(p.seq)
			q := a.part(qkv.Data, p.start+p.from, n, 0, h)
			out := gemm.Of(y.Data[(p.start+p.from)*D+h*a.head:], n, a.head, D)
			most := lse[(p.start+p.from)*heads+h:] // running maximum of a row, every heads floats
			for from := 0; from < L; from += attentionBlock {
				m := min(attentionBlock, L-from)
				s := gemm.Of(scores, n, m, m)
				gemm.Mul(s, q, a.part(qkv.Data, p.start+from, m, 1, h).T(), gemm.Epilogue{Scale: scale})
				for r := range n {
					row := scores[r*m : (r+1)*m]
					top := vec.Max(row)
					rescale[r] = 0
					if from > 0 {
						top = max(top, most[r*heads])
						rescale[r] = float32(math.Exp(float64(most[r*heads] - top)))
					}
					most[r*heads] = top
					sums[r] = sums[r]*float64(rescale[r]) + vec.ExpSub(row, row, top)
				}
				if from > 0 {
					for r := range n {
						o := out.Data[r*D : r*D+a.head]
						vec.Scale(o, o, rescale[r])
					}
				}
				gemm.Mul(out, s, a.part(qkv.Data, p.start+from, m, 2, h), gemm.Epilogue{Accumulate: from > 0})
			}
			for r := range n {
				o := out.Data[r*D : r*D+a.head]
				vec.Scale(o, o, float32(1/sums[r]))
				most[r*heads] += float32(math.Log(sums[r]))
				sums[r] = 0
			}
		}
		t.pool.Put(scores)
		t.pool.Put(rescale)
	})
	return t.done(y)
}

// attentionBack computes the probabilities P again, block by block:
// dv += P^T dy, dP = dy v^T, dS = P (dP - sum(dy y)) / sqrt(head), dq += dS k,
// dk += dS^T q. One head of one sequence is one worker's, in order.
func attentionBack(t *Tape, y *Node) {
	qkv, lse := y.In[0], y.saved[0]
	a, seq, g := y.Attr.(attentionAttr), y.seq, t.grad(y.In[0])
	scale := float32(1 / math.Sqrt(float64(a.head)))
	par.For(seq.Count()*a.heads, 1, func(lo, hi int) {
		probs, dp := t.pool.Get(attentionBlock*attentionBlock), t.pool.Get(attentionBlock*attentionBlock)
		for u := lo; u < hi; u++ {
			i, h := u/a.heads, u%a.heads
			start, L := seq[i], seq.Len(i)
			for from := 0; from < L; from += attentionBlock {
				n := min(attentionBlock, L-from)
				at := start + from
				q, dq := a.part(qkv.Data, at, n, 0, h), a.part(g, at, n, 0, h)
				dy := gemm.Of(y.Grad[at*a.D+h*a.head:], n, a.head, a.D)
				var delta [attentionBlock]float32
				for r := range n {
					o := (at+r)*a.D + h*a.head
					delta[r] = float32(vec.Dot(y.Grad[o:o+a.head], y.Data[o:o+a.head]))
				}
				for kfrom := 0; kfrom < L; kfrom += attentionBlock {
					m := min(attentionBlock, L-kfrom)
					k, v := a.part(qkv.Data, start+kfrom, m, 1, h), a.part(qkv.Data, start+kfrom, m, 2, h)
					P, dP := gemm.Of(probs, n, m, m), gemm.Of(dp, n, m, m)
					gemm.Mul(P, q, k.T(), gemm.Epilogue{Scale: scale})
					gemm.Mul(dP, dy, v.T(), gemm.Epilogue{})
					for r := range n {
						row, drow := probs[r*m:(r+1)*m], dp[r*m:(r+1)*m]
						vec.ExpSub(row, row, lse[(at+r)*a.heads+h])
						for c, d := range drow {
							drow[c] = row[c] * (d - delta[r]) * scale
						}
					}
					gemm.Mul(a.part(g, start+kfrom, m, 2, h), P.T(), dy, gemm.Epilogue{Accumulate: true})
					gemm.Mul(dq, dP, k, gemm.Epilogue{Accumulate: true})
					gemm.Mul(a.part(g, start+kfrom, m, 1, h), dP.T(), q, gemm.Epilogue{Accumulate: true})
				}
			}
		}
		t.pool.Put(probs)
		t.pool.Put(dp)
	})
}
