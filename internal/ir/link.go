package ir

import "slices"

// findBackward marks the gradients.
func (a *Graph) findBackward() {
	a.Backward = make(map[*Node]bool)
	first := int64(-1)
	for _, e := range a.Nodes {
		if e.Old != nil && len(e.Old.DerivOf()) > 0 || slices.ContainsFunc(e.In, func(c *Node) bool { return a.Backward[c] }) {
			if a.Backward[e] = true; first < 0 && e.Old != nil {
				first = e.Old.ID()
			}
		}
	}
	if first < 0 {
		return
	}
	for _, e := range slices.Backward(a.Nodes) {
		if e.Old != nil && e.Old.ID() > first && !e.Root && len(e.In) > 0 && len(e.Uses) > 0 && !slices.ContainsFunc(e.Uses, func(u *Node) bool { return !a.Backward[u] }) {
			a.Backward[e] = true
		}
	}
}

// Ends returns the nodes that are carried over also where nothing reads them: the roots, and with KeepsDead the others.
func (a *Graph) Ends() []*Node {
	es := slices.Clone(a.Roots)
	if a.KeepsDead {
		for _, e := range a.Nodes {
			if e.Same == nil && e.Old != nil && e.Reads == 0 {
				es = append(es, e)
			}
		}
	}
	return es
}

// link keeps what the roots, or the old graph where nothing counts as dead, need, and fills in
// who reads what.
func (a *Graph) link() {
	needed := make(map[*Node]bool)
	stack := a.Ends()
	for len(stack) > 0 {
		e := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if !needed[e] {
			needed[e] = true
			stack = append(stack, e.In...)
		}
	}
	for _, e := range a.Nodes {
		if e.Same != nil && !needed[e] {
			a.Applied[e.Rule]++
		}
	}
	order := make([]*Node, 0, len(needed))
	placed := make(map[*Node]bool)
	var place func(e *Node)
	place = func(e *Node) {
		if !placed[e] {
			placed[e] = true
			for _, c := range e.In {
				place(c)
			}
			order = append(order, e)
		}
	}
	for _, e := range a.Nodes {
		if needed[e] {
			place(e)
		}
	}
	a.Nodes = order
	for i, e := range a.Nodes {
		e.ID = i
		for _, c := range e.In {
			if !slices.Contains(c.Uses, e) {
				c.Uses = append(c.Uses, e)
			}
		}
	}
}

// Users returns who reads what, among the nodes that the roots need.
func (a *Graph) Users() map[*Node][]*Node {
	users := make(map[*Node][]*Node)
	seen := make(map[*Node]bool)
	stack := a.Ends()
	for len(stack) > 0 {
		e := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen[e] {
			continue
		}
		seen[e] = true
		stack = append(stack, e.In...)
		for _, c := range e.In {
			if !slices.Contains(users[c], e) {
				users[c] = append(users[c], e)
			}
		}
	}
	return users
}
