package report

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// marker is a line that begins or ends what a report may replace.
var marker = regexp.MustCompile(`(?m)^[ \t]*<!-- report:(begin|end) (.+?) -->[ \t]*\r?$`)

// Markdown returns a text with the tables of the report between their markers,
// lines <!-- report:begin NAME --> and <!-- report:end NAME -->. An empty text
// becomes one with every table. Notes say which tables have no marker, and which
// markers no table: what stands there stays. Text without a marker is not ours to
// replace: that is an error, as are a marker without its other half and a row that
// would be lost because its runs are not in the report.
func (r *Report) Markdown(old []byte) (text []byte, notes []string, err error) {
	grids := r.Grids()
	if len(bytes.TrimSpace(old)) == 0 {
		var b bytes.Buffer
		b.WriteString("# Results\n\nWritten by `orchid report`: what stands between two markers will be replaced, what stands around them stays.\n")
		for _, g := range grids {
			fmt.Fprintf(&b, "\n## %s\n\n<!-- report:begin %s -->\n%s<!-- report:end %s -->\n", cell(g.Caption), g.Name, g.markdown(), g.Name)
		}
		return b.Bytes(), nil, nil
	}
	marks := marker.FindAllSubmatchIndex(old, -1)
	if marks == nil {
		return nil, nil, fmt.Errorf("holds text but no marker: add lines <!-- report:begin NAME --> and <!-- report:end NAME --> where the tables should stand, NAME being one of: %s", strings.Join(names(grids), ", "))
	}
	used := map[string]bool{}
	var b bytes.Buffer
	at := 0
	for i := 0; i < len(marks); i += 2 {
		m := marks[i]
		name := string(old[m[4]:m[5]])
		line := 1 + bytes.Count(old[:m[0]], []byte("\n"))
		if string(old[m[2]:m[3]]) != "begin" || i+1 == len(marks) || !ends(old, marks[i+1], name) {
			return nil, nil, fmt.Errorf("line %d: want begin and then end of %q, and no other marker between them", line, name)
		}
		b.Write(old[at:m[1]])
		at = marks[i+1][0]
		g := slices.IndexFunc(grids, func(g Grid) bool { return g.Name == name })
		if g < 0 {
			notes = append(notes, fmt.Sprintf("line %d: no runs of the table %q; what stands there stays", line, name))
			b.Write(old[m[1]:at])
			continue
		}
		used[name] = true
		if gone := grids[g].lacks(old[m[1]:at]); gone != nil {
			return nil, nil, fmt.Errorf("line %d: these rows of %q would be lost: %s; report their runs too (or their records), or take the rows out first", line, name, strings.Join(gone, "; "))
		}
		b.WriteString("\n" + grids[g].markdown())
	}
	b.Write(old[at:])
	for _, name := range names(grids) {
		if !used[name] {
			notes = append(notes, fmt.Sprintf("the table %q has no marker", name))
		}
	}
	return b.Bytes(), notes, nil
}

// ends reports whether a marker is the end of a name.
func ends(text []byte, m []int, name string) bool {
	return string(text[m[2]:m[3]]) == "end" && string(text[m[4]:m[5]]) == name
}

func names(grids []Grid) (list []string) {
	for _, g := range grids {
		list = append(list, g.Name)
	}
	return list
}

// lacks returns the names of the rows of a written table that the grid has not. A row
// whose name has become longer or shorter, as when what tells rows apart is added to
// them, is still there, but no row stands for two.
func (g Grid) lacks(written []byte) (gone []string) {
	var names []string
	for _, row := range g.Rows {
		cells := make([]string, g.keys())
		for i := range cells {
			cells[i] = cell(row[i])
		}
		names = append(names, strings.Join(cells, separator))
	}
	take := func(is func(name string) bool) bool {
		i := slices.IndexFunc(names, is)
		if i >= 0 {
			names = slices.Delete(names, i, i+1)
		}
		return i >= 0
	}
	for _, old := range g.written(written) {
		if !take(func(name string) bool { return name == old }) {
			gone = append(gone, old)
		}
	}
	return slices.DeleteFunc(gone, func(old string) bool {
		return take(func(name string) bool {
			return strings.HasPrefix(name, old+separator) || strings.HasPrefix(old, name+separator)
		})
	})
}

// separator stands between what tells rows apart.
const separator = ", "

func (g Grid) keys() int { return max(g.Keys, 1) }

// edges are the strokes of a table's line, but for those within a cell.
var edges = regexp.MustCompile(`\\.|\|`)

// written returns the names of the rows of a table in Markdown, however it is spaced.
func (g Grid) written(table []byte) (names []string) {
	for line := range strings.Lines(string(table)) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			continue
		}
		if strings.Trim(line, "|-: ") == "" { // below the head
			names = names[:max(0, len(names)-1)]
			continue
		}
		cells := strings.Split(edges.ReplaceAllStringFunc(line, func(s string) string {
			if s == "|" {
				return "\n"
			}
			return s
		}), "\n")[1:]
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		names = append(names, strings.Join(cells[:min(g.keys(), len(cells))], separator))
	}
	return names
}

// markdown writes the table; columns of figures stand to the right.
func (g Grid) markdown() string {
	var b strings.Builder
	line := func(cells []string) {
		b.WriteString("|")
		for _, c := range cells {
			fmt.Fprintf(&b, " %s |", cell(c))
		}
		b.WriteString("\n")
	}
	line(g.Head)
	b.WriteString("|---|" + strings.Repeat("---|", len(g.Head)-1) + "\n")
	for _, row := range g.Rows {
		line(row)
	}
	return b.String()
}

// plain keeps a text from being taken for markup.
var plain = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "\n", " ", "\r", " ")

// cell writes a text so that Markdown takes it as it is.
func cell(text string) string {
	return plain.Replace(text)
}
