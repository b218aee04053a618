package plot

import "slices"

// colours are the classes of Style that colour a line, those of mixers first.
var colours = []string{"orchid", "attention", "hyena", "m2", "fifth", "sixth", "seventh", "eighth"}

// dashes tell lines of one colour apart.
var dashes = []string{"", " dashed", " dotted", " broken", " thin", " thin dashed", " thin dotted", " thin broken"}

// Looks returns a class for each of several lines, given what mixes along the
// sequence there: the first line of a mixer has its colour, others the colours
// that are left, then the same dashed.
func Looks(mixers []string) []string {
	classes := make([]string, len(mixers))
	taken := map[string]bool{}
	for i, m := range mixers {
		if slices.Contains(colours, m) && !taken[m] {
			classes[i], taken[m] = m, true
		}
	}
	next := 0
	for i := range classes {
		for classes[i] == "" {
			c := colours[next%len(colours)] + dashes[next/len(colours)%len(dashes)]
			round := next / (len(colours) * len(dashes))
			if next++; !taken[c] || round > 0 {
				classes[i], taken[c] = c, true
			}
		}
	}
	return classes
}
