package plan

import "github.com/orchid-seq/orchid/tensor"

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

// resident returns the share of the tape's buffers that is used: their ends are not, and
// so are not resident, unless batches differ.
func (c curve) resident(batches [][]int) float64 {
	if len(batches) > 1 {
		return 1
	}
	return float64(rows(batches[0])*c.work.width) / c.rounded(batches[0])
}

// alone returns the bytes of a single sequence of so many rows, which has buffers of its
// own that are garbage afterwards: all grow with it, some of them in steps.
func (c curve) alone(L int) int64 {
	bytes := c.top.bytes * float64(L) / float64(rows(c.top.largest()))
	return int64(bytes) + slack(int64(bytes))
}

// grown returns the plane of a batch that has number and length times as much.
func (b bytesPlane) grown(number, length float64) bytesPlane {
	n, l := 1+b.number*(number-1), 1+b.length*(length-1)
	return bytesPlane{b.whole * n * l, b.number * number / n, b.length * length / l}
}

// share returns which part of y grows with x, where less is what is left of y at a part
// of x.
func share(y, less, part float64) float64 { return within(0.05, (1-less/y)/(1-part), 1) }

// seconds tells the time of a batch from that of the timed one, had it the machine to
// itself: it grows straight with the number of sequences and with the work on one. What
// does not grow, such as the work on the weights, is at most half of what was timed.
func (c curve) seconds(lengths []int) float64 {
	own := c.work.of(c.top.timed())
	share := func(less probe) float64 { // of the time, that grows
		if less.batches == nil {
			return 1
		}
		return within(0.5, (1-less.seconds/c.top.seconds)/(1-c.work.of(less.timed())/own), 1)
	}
	number := float64(len(lengths)) / float64(len(c.top.timed()))
	longer := c.work.of(lengths) / own / number
	return c.top.seconds * (1 + share(c.fewer)*(number-1)) * (1 + share(c.shorter)*(longer-1))
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
	ratio := c.top.seconds / c.shorter.seconds / half // of the time of a row
	if ratio < 2 {
		c.work.scores = within(0, (ratio-1)/(L*(1-ratio/2)), c.work.scores)
	}
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
