package autograd

import (
	"slices"
	"strings"
)

// A scope is a part of the model. A tape keeps those it has seen, so that to
// enter one again allocates nothing.
type scope struct {
	name, path string // such as "mixer" and "blocks.0.mixer"
	leave      func()
	inner      []*scope
}

// place returns the part of the model that is being recorded.
func (t *Tape) place() *scope {
	if t.scope == nil {
		return &t.root
	}
	return t.scope
}

// Enter names the part of the model that the next operations belong to; the
// returned function leaves it.
func (t *Tape) Enter(name string) (leave func()) {
	outer := t.place()
	i := slices.IndexFunc(outer.inner, func(s *scope) bool { return s.name == name })
	if i < 0 {
		i = len(outer.inner)
		outer.inner = append(outer.inner, &scope{
			name: name, path: strings.TrimPrefix(outer.path+"."+name, "."),
			leave: func() { t.scope = outer },
		})
	}
	t.scope = outer.inner[i]
	return t.scope.leave
}
