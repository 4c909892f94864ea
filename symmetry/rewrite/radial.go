package rewrite

import "slices"

// matchRadial reads v∘s or v÷s, where s is a function of the norm of v, one number per
// sample: |v|, RMS(v), tanh|v|/|v| and whatever else elementwise operations make of them.
func matchRadial(e *expr, p *activation, lay func(*expr) layout) bool {
	if e.kind.name != "⊙" && e.kind.name != "÷" {
		return false
	}
	m := &normed{p: p, lay: lay, seen: make(map[*expr]bool)}
	base := m.find(e, 0)
	if base == nil || lay(base) == none {
		return false
	}
	m.base, m.lay0 = base, lay(base)
	f := m.scaled(e)
	if f == nil || f.op == "const" {
		return false
	}
	p.base, p.act = base, composed{f}
	return true
}

// normed reads functions of the norm of one vector.
type normed struct {
	p    *activation
	lay  func(*expr) layout
	base *expr
	lay0 layout
	seen map[*expr]bool // by find
}

// find returns the vector whose squares are summed somewhere below e.
func (m *normed) find(e *expr, depth int) *expr {
	if depth > 32 || m.seen[e] {
		return nil
	}
	m.seen[e] = true
	if e.kind.name == "sum" {
		if v := squared(e.in[0]); v != nil && m.lay(v) != none {
			return v
		}
	}
	if e.kind.name == "size" || m.lay(e) != none && depth > 0 {
		return nil
	}
	for _, c := range slices.Backward(e.in) {
		if v := m.find(c, depth+1); v != nil {
			return v
		}
	}
	return nil
}

// squared returns v of v∘v, square(v) and v^2.
func squared(e *expr) *expr {
	switch {
	case e.kind.name == "square":
		return e.in[0]
	case e.kind.name == "⊙" && e.in[0] == e.in[1]:
		return e.in[0]
	case e.kind.name == "^":
		if two, ok := e.in[1].number(); ok && two == 2 && e.in[1].role == fixed {
			return e.in[0]
		}
	}
	return nil
}

// scaled reads λ(|v|²)·v and returns λ.
func (m *normed) scaled(e *expr) *formula {
	if e == m.base {
		return constant(1)
	}
	switch e.kind.name {
	case "neg":
		f := m.scaled(e.in[0])
		if f == nil {
			return nil
		}
		m.p.add(e)
		return &formula{op: "neg", a: f}
	case "⊙", "÷":
		f, s := m.scaled(e.in[0]), m.spread(e.in[1])
		if f == nil && e.kind.name == "⊙" {
			f, s = m.scaled(e.in[1]), m.spread(e.in[0])
		}
		if f == nil || s == nil {
			return nil
		}
		m.p.add(e)
		if f.op == "const" && f.c == 1 && e.kind.name == "⊙" {
			return s
		}
		return &formula{op: e.kind.name, a: f, b: s}
	}
	return nil
}

// spread reads one number per sample, repeated over the features, or a constant.
func (m *normed) spread(e *expr) *formula {
	if m.lay0 == vector || e.scalar() {
		if !e.scalar() {
			return nil
		}
		return m.number(e)
	}
	if !e.kind.is("repeat", m.lay0.feature()) || !m.width(e.in[1]) {
		return nil
	}
	f := m.number(e.in[0])
	if f != nil {
		m.p.add(e, e.in[1])
	}
	return f
}

// width says whether e is the number of features of the base.
func (m *normed) width(e *expr) bool {
	return e.kind.is("size", m.lay0.feature()) && sameType(e.in[0], m.base) && (e.in[0] == m.base || m.p.nodes[e.in[0]] || m.inside(e.in[0]))
}

// inside says whether e is a function of the base of its own shape, so that its size is the
// base's.
func (m *normed) inside(e *expr) bool {
	for range 32 {
		switch {
		case e == m.base:
			return true
		case len(e.in) == 0:
			return false
		}
		e = e.in[0]
	}
	return false
}

// number reads a function of |v|², one number per sample.
func (m *normed) number(e *expr) *formula {
	if c, ok := e.number(); ok && (e.role == fixed || e.role == weight) && finite(c) {
		return constant(c)
	}
	switch e.kind.name {
	case "sum":
		if squared(e.in[0]) == m.base && slices.Equal(e.kind.axes, []int{m.lay0.feature()}) {
			m.p.add(e, e.in[0])
			return variable
		}
		return nil
	case "size":
		if m.width(e) {
			m.p.add(e)
			return constant(float64(m.base.shape[m.lay0.feature()]))
		}
		return nil
	case "reshape":
		if perSample(e, m.base.shape[max(m.lay0.batch(), 0)]) && perSample(e.in[0], m.base.shape[max(m.lay0.batch(), 0)]) {
			if f := m.number(e.in[0]); f != nil {
				m.p.add(e)
				return f
			}
		}
		return nil
	}
	if _, ok := unary[e.kind.name]; ok {
		if f := m.number(e.in[0]); f != nil {
			m.p.add(e)
			return &formula{op: e.kind.name, a: f}
		}
		return nil
	}
	if len(e.in) != 2 || !slices.Contains([]string{"+", "-", "⊙", "÷", "^", "<", ">", "<=", ">=", "==", "!="}, e.kind.name) {
		return nil
	}
	f := m.number(e.in[0])
	if f == nil {
		return nil
	}
	g := m.number(e.in[1])
	if g == nil || e.kind.name == "^" && g.op != "const" {
		return nil
	}
	m.p.add(e)
	return &formula{op: e.kind.name, a: f, b: g}
}

// perSample says whether a value holds n numbers along one axis.
func perSample(e *expr, n int) bool {
	return e.shape.TotalSize() == n && len(e.shape) <= 2
}
