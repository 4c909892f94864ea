package rewrite

import (
	"slices"

	"gonum.org/v1/gonum/mat"
)

// matchCentre reads v − mean(v), the mean over the features of each sample, which is the product with
// the fixed matrix I − 11ᵀ/d: the first half of a layer normalisation. nodes are all between
// v and e, e included.
func matchCentre(e *expr, lay func(*expr) layout) (v *expr, nodes map[*expr]bool) {
	if e.kind.name != "-" {
		return nil, nil
	}
	v = e.in[0]
	l := lay(v)
	if l == none || !sameType(v, e) {
		return nil, nil
	}
	nodes = map[*expr]bool{e: true}
	m := e.in[1]
	if l != vector {
		if !m.kind.is("repeat", l.feature()) || !m.in[1].kind.is("size", l.feature()) || m.in[1].in[0] != v {
			return nil, nil
		}
		nodes[m], nodes[m.in[1]] = true, true
		if m = m.in[0]; m.kind.name == "reshape" {
			nodes[m] = true
			m = m.in[0]
		}
	}
	if m.kind.name != "÷" || !m.in[0].kind.is("sum", l.feature()) || m.in[0].in[0] != v {
		return nil, nil
	}
	d := m.in[1]
	n, ok := d.number()
	if !(ok && d.role == fixed && n == float64(v.shape[l.feature()])) && !(d.kind.is("size", l.feature()) && d.in[0] == v) {
		return nil, nil
	}
	nodes[m], nodes[m.in[0]] = true, true
	if d.kind.name == "size" {
		nodes[d] = true
	}
	for n := range nodes {
		if n == e || n.kind.name == "size" && !n.root {
			continue
		}
		if n.root || slices.ContainsFunc(n.uses, func(u *expr) bool { return !nodes[u] && !counts(u, nodes) }) {
			return nil, nil
		}
	}
	return v, nodes
}

// centring returns I − 11ᵀ/d.
func centring(d int) *mat.Dense {
	m := mat.NewDense(d, d, nil)
	for i := range d {
		for j := range d {
			m.Set(i, j, -1/float64(d))
		}
		m.Set(i, i, 1-1/float64(d))
	}
	return m
}
