package plan

import (
	"github.com/orchid-seq/orchid/internal/par"
	"github.com/orchid-seq/orchid/tensor"
)

// A curve is three probes from which memory and time of other batches follow: one, one
// with half as many sequences, and one with sequences half as long.
type curve struct {
	top, fewer, shorter probe // fewer and shorter have no batches where there can be none
	share               float64
	work                work
}

// A bytesPlane is memory by the number of sequences and by their length, as shares of
// those of a batch: it grows straight with both.
type bytesPlane struct {
	whole  float64 // of the batch
	number float64 // of that, what grows with the number
	length float64 // and with the length
}

// bytes tells the memory of batches of which this is the largest.
func (c curve) bytes(largest []int) bytesPlane {
	top, b := c.top.largest(), bytesPlane{c.top.bytes, 1, 1}
	if c.fewer.batches != nil {
		b.number = share(b.whole, c.fewer.bytes, c.rounded(c.fewer.largest())/c.rounded(top))
	}
	if c.shorter.batches != nil {
		b.length = share(b.whole, c.shorter.bytes, c.rounded(c.shorter.largest())/c.rounded(top))
	}
	number := float64(len(largest)) / float64(len(top))
	length := c.rounded(largest) / c.rounded(top) / number
	return b.grown(number, length)
}

// rounded returns the size of the values of a batch as the tape's buffers have it, which
// are larger by up to an eighth.
func (c curve) rounded(lengths []int) float64 {
	return float64(tensor.Rounded(rows(lengths) * c.work.width))
}

// grown returns the plane of a batch that has number and length times as much.
func (b bytesPlane) grown(number, length float64) bytesPlane {
	n, l := 1+b.number*(number-1), 1+b.length*(length-1)
	return bytesPlane{b.whole * n * l, b.number * number / n, b.length * length / l}
}

// share returns which part of y grows with x, where less is what is left of y at a part
// of x.
func share(y, less, part float64) float64 { return within(0.05, (1-less/y)/(1-part), 1) }

// seconds tells the time of a batch from that of the timed one, on a machine that does
// nothing else: longer sequences take as much more as the work on them, more sequences
// what one more took.
func (c curve) seconds(lengths []int) float64 {
	timed := c.top.timed()
	n, own := float64(len(timed)), c.work.of(timed)
	share := 1.0 // of the time, that grows with the number
	if c.fewer.batches != nil {
		less := 1 - c.work.of(c.fewer.timed())/own
		share = within(0.7, (1-c.quiet(c.fewer)/c.quiet(c.top))/less, 1)
	}
	longer := c.work.of(lengths) / float64(len(lengths)) / (own / n)
	return c.quiet(c.top) * longer * (1 + share*(float64(len(lengths))/n-1))
}

// quiet is the time of a pass had the cores had nothing else to do: what was measured at
// best or, where other work got in its way each time, the time of the cores divided by
// as many as worked in the best pass of all.
func (c curve) quiet(p probe) float64 {
	busy := min(float64(par.Threads()), max(c.top.busy, c.fewer.busy, c.shorter.busy))
	if p.cpu == 0 || busy == 0 {
		return p.seconds
	}
	return min(p.seconds, p.cpu/busy)
}

// fit corrects the work of attention by how much longer a pass over sequences took than
// over those half as long, within reason: what stands beside it, such as the scores of
// many words, makes it matter less.
func (c *curve) fit() {
	if !c.work.attention || c.shorter.batches == nil {
		return
	}
	L := float64(longest(c.top.timed()))
	half := float64(rows(c.top.timed())) / float64(rows(c.shorter.timed()))
	ratio := c.quiet(c.top) / c.quiet(c.shorter) / half // of the time of a row
	if c.top.cpu > 0 {
		ratio = c.top.cpu / c.shorter.cpu / half
	}
	if ratio < 2 {
		c.work.scores = within(0, (ratio-1)/(L*(1-ratio/2)), c.work.scores)
	}
}

// cpu tells the time of all cores together, as seconds does.
func (c curve) cpu(lengths []int) float64 {
	return c.seconds(lengths) * c.top.cpu / c.quiet(c.top)
}

// garbage returns what one pass over a batch leaves, in bytes: some for each operation,
// some for each row.
func (c curve) garbage(lengths []int) float64 {
	part := c.fewer
	if part.batches == nil {
		part = c.shorter
	}
	if part.batches == nil {
		return c.top.garbage
	}
	R := float64(rows(c.top.timed()))
	byRow := max(0, (c.top.garbage-part.garbage)/(R-float64(rows(part.timed()))))
	return c.top.garbage + byRow*(float64(rows(lengths))-R)
}

// within is x, at least least and at most most.
func within(least, x, most float64) float64 { return max(least, min(x, most)) }
