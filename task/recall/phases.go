package recall

import (
	"fmt"
	"strconv"
	"strings"
)

// A phase is a part of the training with sequences of one length.
type phase struct {
	length, batches, batch int
	first, example         int // numbers of its first batch and of its first sequence
}

// phases reads Lengths; without any, there is one phase of Length.
func (c Config) phases() (list []phase, err error) {
	if len(c.Lengths) == 0 {
		return []phase{{length: c.Length, batch: c.Batch}}, nil
	}
	next := phase{}
	for _, text := range c.Lengths {
		p := phase{batch: c.Batch, first: next.first, example: next.example}
		length, rest, ok := strings.Cut(text, ":")
		batches, batch, sized := strings.Cut(rest, "x")
		for _, part := range []struct {
			text string
			want bool
			to   *int
			most int
		}{{length, true, &p.length, 1 << 25}, {batches, ok, &p.batches, 1 << 30}, {batch, sized, &p.batch, 1 << 20}} {
			if !part.want {
				continue
			}
			if *part.to, err = strconv.Atoi(part.text); err != nil || *part.to < 1 || *part.to > part.most {
				return nil, fmt.Errorf("lengths: %q: want LENGTH:BATCHES or LENGTH:BATCHESxSEQUENCES, as in 128:2000,512:500x8", text)
			}
		}
		if !ok {
			return nil, fmt.Errorf("lengths: %q says nothing of how many batches: write it as %s:1000", text, length)
		}
		list = append(list, p)
		next = phase{first: p.first + p.batches, example: p.example + p.batches*p.batch}
	}
	return list, nil
}

// Batches returns how many batches Lengths ask for, 0 without any.
func (c Config) Batches() int {
	if len(c.Lengths) == 0 {
		return 0
	}
	n := 0
	for _, p := range must(c.phases()) {
		n += p.batches
	}
	return n
}

// phaseOf returns the phase that a batch belongs to; what comes after the last
// one belongs to it.
func phaseOf(phases []phase, n int) phase {
	for i, p := range phases {
		if i == len(phases)-1 || n < p.first+p.batches {
			return p
		}
	}
	panic("recall: no phases")
}
