package regions

import (
	"maps"
	"slices"

	"github.com/quivernet/quivernet/internal/composed"
	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/ir"
)

// RecogniseRadial takes v∘s or v÷s, where s is a function of the norm of v, one number per
// sample: |v|, RMS(v), tanh|v|/|v| and whatever else elementwise operations make of them.
func RecogniseRadial(s *Scanner, e *ir.Node) Form {
	if e.Kind.Name != "⊙" && e.Kind.Name != "÷" {
		return nil
	}
	m := &normed{nodes: make(map[*ir.Node]bool), lay: s.layout, seen: make(map[*ir.Node]bool)}
	base := m.find(e, 0)
	if base == nil || s.lay[base] == None {
		return nil
	}
	m.base, m.lay0 = base, s.lay[base]
	f := m.scaled(e)
	if f == nil || f.Op == "const" {
		return nil
	}
	return s.spelled(e, base, composed.Radial{Lambda: f}, slices.Collect(maps.Keys(m.nodes))...)
}

// normed reads functions of the norm of one vector.
type normed struct {
	nodes map[*ir.Node]bool // that were read as parts of the function
	lay   func(*ir.Node) Layout
	base  *ir.Node
	lay0  Layout
	seen  map[*ir.Node]bool // by find
}

// add takes nodes as parts of the function.
func (m *normed) add(es ...*ir.Node) {
	for _, e := range es {
		m.nodes[e] = true
	}
}

// find returns the vector whose squares are summed somewhere below e.
func (m *normed) find(e *ir.Node, depth int) *ir.Node {
	if depth > 32 || m.seen[e] {
		return nil
	}
	m.seen[e] = true
	if e.Kind.Name == "sum" {
		if v := squared(e.In[0]); v != nil && m.lay(v) != None {
			return v
		}
	}
	if e.Kind.Name == "size" || m.lay(e) != None && depth > 0 {
		return nil
	}
	for _, c := range slices.Backward(e.In) {
		if v := m.find(c, depth+1); v != nil {
			return v
		}
	}
	return nil
}

// squared returns v of v∘v, square(v) and v^2.
func squared(e *ir.Node) *ir.Node {
	switch {
	case e.Kind.Name == "square":
		return e.In[0]
	case e.Kind.Name == "⊙" && e.In[0] == e.In[1]:
		return e.In[0]
	case e.Kind.Name == "^":
		if two, ok := e.In[1].Number(); ok && two == 2 && e.In[1].Role == ir.Fixed {
			return e.In[0]
		}
	}
	return nil
}

// scaled reads λ(|v|²)·v and returns λ.
func (m *normed) scaled(e *ir.Node) *composed.Formula {
	if e == m.base {
		return composed.Constant(1)
	}
	switch e.Kind.Name {
	case "neg":
		f := m.scaled(e.In[0])
		if f == nil {
			return nil
		}
		m.add(e)
		return &composed.Formula{Op: "neg", A: f}
	case "⊙", "÷":
		f, s := m.scaled(e.In[0]), m.spread(e.In[1])
		if f == nil && e.Kind.Name == "⊙" {
			f, s = m.scaled(e.In[1]), m.spread(e.In[0])
		}
		if f == nil || s == nil {
			return nil
		}
		m.add(e)
		if f.Op == "const" && f.C == 1 && e.Kind.Name == "⊙" {
			return s
		}
		return &composed.Formula{Op: e.Kind.Name, A: f, B: s}
	}
	return nil
}

// spread reads one number per sample, repeated over the features, or a constant.
func (m *normed) spread(e *ir.Node) *composed.Formula {
	if m.lay0 == Vector || e.IsScalar() {
		if !e.IsScalar() {
			return nil
		}
		return m.number(e)
	}
	if !e.Kind.Is("repeat", m.lay0.Feature()) || !m.width(e.In[1]) {
		return nil
	}
	f := m.number(e.In[0])
	if f != nil {
		m.add(e, e.In[1])
	}
	return f
}

// width says whether e is the number of features of the base.
func (m *normed) width(e *ir.Node) bool {
	return e.Kind.Is("size", m.lay0.Feature()) && ir.SameType(e.In[0], m.base) && (e.In[0] == m.base || m.nodes[e.In[0]] || m.inside(e.In[0]))
}

// inside says whether e is a function of the base of its own shape, so that its size is the
// base's.
func (m *normed) inside(e *ir.Node) bool {
	for range 32 {
		switch {
		case e == m.base:
			return true
		case len(e.In) == 0:
			return false
		}
		e = e.In[0]
	}
	return false
}

// number reads a function of |v|², one number per sample.
func (m *normed) number(e *ir.Node) *composed.Formula {
	if c, ok := e.Number(); ok && (e.Role == ir.Fixed || e.Role == ir.Weight) && inspect.IsFinite(c) {
		return composed.Constant(c)
	}
	switch e.Kind.Name {
	case "sum":
		if squared(e.In[0]) == m.base && slices.Equal(e.Kind.Axes, []int{m.lay0.Feature()}) {
			m.add(e, e.In[0])
			return composed.Variable
		}
		return nil
	case "size":
		if m.width(e) {
			m.add(e)
			return composed.Constant(float64(m.base.Shape[m.lay0.Feature()]))
		}
		return nil
	case "reshape":
		if perSample(e, m.base.Shape[max(m.lay0.Batch(), 0)]) && perSample(e.In[0], m.base.Shape[max(m.lay0.Batch(), 0)]) {
			if f := m.number(e.In[0]); f != nil {
				m.add(e)
				return f
			}
		}
		return nil
	}
	if _, ok := composed.Functions[e.Kind.Name]; ok {
		if f := m.number(e.In[0]); f != nil {
			m.add(e)
			return &composed.Formula{Op: e.Kind.Name, A: f}
		}
		return nil
	}
	if len(e.In) != 2 || !slices.Contains([]string{"+", "-", "⊙", "÷", "^", "<", ">", "<=", ">=", "==", "!="}, e.Kind.Name) {
		return nil
	}
	f := m.number(e.In[0])
	if f == nil {
		return nil
	}
	g := m.number(e.In[1])
	if g == nil || e.Kind.Name == "^" && g.Op != "const" {
		return nil
	}
	m.add(e)
	return &composed.Formula{Op: e.Kind.Name, A: f, B: g}
}

// perSample says whether a value holds n numbers along one axis.
func perSample(e *ir.Node, n int) bool {
	return e.Shape.TotalSize() == n && len(e.Shape) <= 2
}
