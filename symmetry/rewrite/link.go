package rewrite

import "slices"

// findBackward marks the gradients.
func (a *arena) findBackward() {
	a.backward = make(map[*expr]bool)
	first := int64(-1)
	for _, e := range a.exprs {
		if e.old != nil && len(e.old.DerivOf()) > 0 || slices.ContainsFunc(e.in, func(c *expr) bool { return a.backward[c] }) {
			if a.backward[e] = true; first < 0 && e.old != nil {
				first = e.old.ID()
			}
		}
	}
	if first < 0 {
		return
	}
	for _, e := range slices.Backward(a.exprs) {
		if e.old != nil && e.old.ID() > first && !e.root && len(e.in) > 0 && len(e.uses) > 0 && !slices.ContainsFunc(e.uses, func(u *expr) bool { return !a.backward[u] }) {
			a.backward[e] = true
		}
	}
}

// ends returns the expressions that nothing needs to read to be carried over.
func (a *arena) ends() []*expr {
	es := slices.Clone(a.roots)
	if a.all {
		for _, e := range a.exprs {
			if e.same == nil && e.old != nil && e.read == 0 {
				es = append(es, e)
			}
		}
	}
	return es
}

// link keeps what the roots, or the old graph where nothing counts as dead, need, and fills in
// who reads what.
func (a *arena) link() {
	needed := make(map[*expr]bool)
	stack := a.ends()
	for len(stack) > 0 {
		e := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if !needed[e] {
			needed[e] = true
			stack = append(stack, e.in...)
		}
	}
	for _, e := range a.exprs {
		if e.same != nil && !needed[e] {
			a.applied[e.rule]++
		}
	}
	order := make([]*expr, 0, len(needed))
	placed := make(map[*expr]bool)
	var place func(e *expr)
	place = func(e *expr) {
		if !placed[e] {
			placed[e] = true
			for _, c := range e.in {
				place(c)
			}
			order = append(order, e)
		}
	}
	for _, e := range a.exprs {
		if needed[e] {
			place(e)
		}
	}
	a.exprs = order
	for i, e := range a.exprs {
		e.id = i
		for _, c := range e.in {
			if !slices.Contains(c.uses, e) {
				c.uses = append(c.uses, e)
			}
		}
	}
}

// users returns who reads what, among the expressions that the roots need.
func (a *arena) users() map[*expr][]*expr {
	users := make(map[*expr][]*expr)
	seen := make(map[*expr]bool)
	stack := a.ends()
	for len(stack) > 0 {
		e := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen[e] {
			continue
		}
		seen[e] = true
		stack = append(stack, e.in...)
		for _, c := range e.in {
			if !slices.Contains(users[c], e) {
				users[c] = append(users[c], e)
			}
		}
	}
	return users
}
