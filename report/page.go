package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/orchid-seq/orchid/internal/numeral"
	"github.com/orchid-seq/orchid/internal/plot"
)

var (
	//go:embed page.html
	pageText string
	//go:embed page.css
	pageStyle string

	// Style is the looks of a page and of the figures on it.
	Style = pageStyle + plot.Style

	pageForm = template.Must(template.New("page").Funcs(template.FuncMap{"verdict": verdict, "brief": brief}).Parse(pageText))
)

// A page is what page.html shows.
type page struct {
	Title, Summary string
	Style          template.CSS
	Overview       overview
	Sections       []section
	Notes          []string
}

// An overview is the rows of all tables under one head.
type overview struct {
	Head   []string
	Groups []overviewGroup
}

// Columns returns how many there are.
func (o overview) Columns() int { return len(o.Head) }

type overviewGroup struct {
	ID, Name string
	Rows     [][]string
}

type section struct {
	ID, Title  string
	Text       []string
	Blocks     []block
	Confusions []confusionView
	Details    []Grid // behind a line to open
}

// A block is a figure or a table.
type block struct {
	Figure *figureView
	Grid   *Grid
}

type figureView struct {
	Title  string
	Panels []template.HTML
	Legend []plot.Line
}

// HTML returns one page that needs no other file and no network.
func (r *Report) HTML() ([]byte, error) {
	p := page{Title: "Orchid: what was measured", Style: template.CSS(Style), Notes: r.Notes, Overview: r.overview()}
	p.Summary = r.summary()
	taken := map[string]bool{"main": true, "overview": true, "notes": true}
	for i, t := range r.Tables {
		p.Sections = append(p.Sections, t.section(fmt.Sprintf("table-%d", i+1)))
	}
	if len(r.Lengths) > 0 {
		s := section{Title: "Run time against length", Text: []string{"Both axes are logarithmic. The ratio says how many times faster Orchid is than attention."}}
		s.show("", "run-time", RunTimes(r.Lengths))
		s.list(runTimeGrid(r.Lengths))
		p.Sections = append(p.Sections, s)
	}
	if r.Kernels != nil {
		p.Sections = append(p.Sections, r.Kernels.section())
	}
	for i := range p.Sections {
		s := &p.Sections[i]
		if s.ID == "" {
			s.ID = slug(s.Title)
		}
		for n, id := 2, s.ID; taken[s.ID]; n++ {
			s.ID = fmt.Sprintf("%s-%d", id, n)
		}
		taken[s.ID] = true
		if i < len(p.Overview.Groups) {
			p.Overview.Groups[i].ID = s.ID
		}
	}
	var b bytes.Buffer
	err := pageForm.Execute(&b, p)
	return b.Bytes(), err
}

// summary counts what the page is about.
func (r *Report) summary() string {
	unfinished := 0
	for _, run := range r.runs {
		if !run.Finished {
			unfinished++
		}
	}
	text := numeral.Plural(len(r.runs), "run") + " in " + numeral.Plural(len(r.Tables), "table")
	if unfinished > 0 {
		text += fmt.Sprintf("; %d unfinished", unfinished)
	}
	return text + ". Every number stands in the files of the runs."
}

// overview joins the results of all tables.
func (r *Report) overview() (o overview) {
	all := Grid{}
	for _, t := range r.Tables {
		g := t.grid()
		all.Head = g.Head
		all.Rows = append(all.Rows, g.Rows...)
	}
	if len(r.Tables) == 0 {
		return o
	}
	for i, row := range r.rows() {
		if v := all.Rows[i][1]; v != none {
			all.Rows[i][1] = Words(row.Metric) + " " + v
		}
	}
	all.dropEmpty()
	o.Head = all.Head
	at := 0
	for _, t := range r.Tables {
		o.Groups = append(o.Groups, overviewGroup{Name: t.Name, Rows: all.Rows[at : at+len(t.Rows)]})
		at += len(t.Rows)
	}
	return o
}

// rows lists those of all tables.
func (r *Report) rows() (list []*Row) {
	for _, t := range r.Tables {
		list = append(list, t.Rows...)
	}
	return list
}

// section is a table with its figures, the names of whose parts id begins.
func (t *Table) section(id string) section {
	s := section{Title: t.Name, Details: []Grid{t.runs()}}
	confusions, mistakes := t.confusions()
	s.Confusions = confusions
	if g, f, ok := t.byLength(); ok {
		s.show(t.Name, id+"-by-length", f)
		s.list(g)
	}
	if g, ok := t.others(); ok {
		s.list(g)
	}
	s.show(t.Name, id+"-curve", t.curves()...)
	for _, g := range mistakes {
		s.list(g)
	}
	return s
}

// section tells whose kernels are shown.
func (k *Kernels) section() section {
	s := section{Title: "Kernels of the first layer"}
	s.show("", "kernel", k.Figures...)
	s.Text = []string{
		fmt.Sprintf("Of %s (%s), for the first sequence of its self-test, %s. The long convolution adds the static kernel, which training has fixed, to one that the sequence itself asks for.", k.Run.Dir, k.Run.Experiment.Model(), numeral.Plural(k.Length, "row")),
		"Where static kernels are damped, the first channel's decays most slowly and the last one's fastest.",
	}
	if k.circular {
		s.Text = append(s.Text, "The convolution is circular: a lag below 0 looks ahead.")
	}
	return s
}

// show adds figures, whose titles need not repeat the table's name; id begins the
// names of their parts.
func (s *section) show(table, id string, figures ...plot.Figure) {
	for n, f := range figures {
		v := &figureView{Title: capital(strings.TrimPrefix(f.Title, table+": ")), Legend: f.Legend()}
		for i := range f.Panels {
			v.Panels = append(v.Panels, template.HTML(f.Inline(i, fmt.Sprintf("%s-%d-%d", id, n+1, i+1)))) // plot escapes
		}
		s.Blocks = append(s.Blocks, block{Figure: v})
	}
}

// capital begins a text, which may be in any script, with a capital letter.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// list adds a table.
func (s *section) list(g Grid) { s.Blocks = append(s.Blocks, block{Grid: &g}) }

// brief reports whether a name has room on one line.
func brief(name string) bool { return utf8.RuneCountInString(name) <= 28 }

// verdict is the class of a cell that says whether a value is as expected.
func verdict(cell string) string {
	for _, v := range []string{"within", "outside"} {
		if strings.HasSuffix(cell, ": "+v) {
			return v
		}
	}
	return ""
}
