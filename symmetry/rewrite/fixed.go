package rewrite

import "gorgonia.org/gorgonia"

func fixedProduct(a *arena, e *expr) *expr {
	constants := isFloat(e.dt) && len(e.in) > 0
	for _, c := range e.in {
		constants = constants && c.role == fixed && c.value != nil && len(c.shape) > 0
	}
	switch {
	case constants && (e.kind.name == "matmul" || e.kind.name == "transpose" && !ordered(e.kind.axes)):
		v, err := do(e.op, e.in)
		if err != nil {
			return nil
		}
		return a.add(&expr{shape: e.shape, dt: e.dt, role: fixed, value: v, kind: kind{name: "input"}, label: e.old})
	case e.kind.name != "matmul" || e.kind.transA || e.kind.transB || e.in[1].role != fixed:
		return nil
	}
	p := e.in[0]
	if p.kind.name != "matmul" || p.kind.transA || p.kind.transB || p.in[1].role != fixed || p.read != 1 {
		return nil
	}
	f, g := p.in[1], e.in[1]
	n, i, j, k := p.shape[0], f.shape[0], f.shape[1], g.shape[1]
	if n*i*k > n*j*(i+k) {
		return nil
	}
	v, err := do(e.op, []*expr{f, g})
	if err != nil {
		return nil
	}
	fg := a.add(&expr{shape: []int{i, k}, dt: e.dt, role: fixed, value: v, kind: kind{name: "input"}, label: e.old})
	return a.add(&expr{op: e.op, kind: e.kind, in: []*expr{p.in[0], fg}, shape: e.shape, dt: e.dt, label: e.old, read: e.read})
}

func (a *arena) put(e *expr) *expr {
	a.add(e)
	return e
}

// do runs an operation on copies of its inputs' values.
func do(o gorgonia.Op, in []*expr) (gorgonia.Value, error) {
	var vs []gorgonia.Value
	for _, c := range in {
		v, err := copied(c.value)
		if err != nil {
			return nil, err
		}
		vs = append(vs, v)
	}
	return run(o, vs)
}
