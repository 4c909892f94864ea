package rewrite

import (
	"fmt"
	"slices"
)

// use is how a region reads a weight; all uses of one must be alike to be tied.
type use struct {
	as    string // "matrix", "transposed", "bias", "parameters"
	split string
}

// refuse looks for weights that are read outside the regions, or in two ways, and refuses the
// products and biases with them. It reports whether there were any.
func (s *scanner) refuse() bool {
	covered := make(map[[2]*expr]bool)
	kinds := make(map[*expr]map[use][]*expr)
	cover := func(w *expr, u use, path ...*expr) {
		for i := 1; i < len(path); i++ {
			covered[[2]*expr{path[i-1], path[i]}] = true
		}
		if kinds[w] == nil {
			kinds[w] = make(map[use][]*expr)
		}
		kinds[w][u] = append(kinds[w][u], path[len(path)-1])
	}
	chains := make(map[*expr][]*expr) // the nodes between a weight and its users
	for _, e := range s.a.exprs {
		if p := s.product(e); p != nil {
			if p.first != nil {
				s.coverProduct(p.first, []*expr{p.ab, e}, "", cover, chains)
				s.coverProduct(p, []*expr{p.ab, e}, "", cover, chains)
			} else {
				s.coverProduct(p, []*expr{e}, s.split(p.x), cover, chains)
			}
		}
		for x, b := range s.biases(e) {
			switch {
			case b != nil && b.rows:
				cover(b.b, use{as: b.as(), split: minus(e, x)}, b.b, e)
			case b != nil:
				u := use{as: "bias", split: minus(e, x)}
				cover(b.b, u, append(append([]*expr{b.b}, b.chain...), e)...)
				chains[b.b] = append(chains[b.b], b.chain...)
				kinds[b.b][u] = append(kinds[b.b][u], x)
			}
		}
		if s.own(e) {
			s.ownUses(e, cover)
		}
		if g := s.gain(e); g != nil {
			cover(g.by.b, use{as: "gain"}, append(append([]*expr{g.by.b}, g.by.chain...), e)...)
			chains[g.by.b] = append(chains[g.by.b], g.by.chain...)
		}
	}
	for e, d := range each[*decay](s) {
		if len(kinds[d.w][use{as: "gain"}])+len(kinds[d.w][use{as: "parameters"}]) > 0 || kinds[d.w] == nil {
			delete(s.forms, e) // not one of a rotated weight
			continue
		}
		for i := 1; i < len(d.path); i++ {
			covered[[2]*expr{d.path[i-1], d.path[i]}] = true
		}
		chains[d.w] = append(chains[d.w], d.turned...)
	}
	s.count = make(map[*expr]int)
	for w, us := range kinds {
		for u, es := range us {
			if s.count[w] += len(es); u.as == "bias" {
				s.count[w] -= len(es) / 2 // each stands with its operand
			}
		}
	}
	changed := false
	for _, w := range s.a.exprs {
		if kinds[w] == nil || w.role != weight {
			continue
		}
		why, by := "", (*expr)(nil)
		for _, n := range append([]*expr{w}, chains[w]...) {
			switch i := slices.IndexFunc(n.uses, func(u *expr) bool { return !covered[[2]*expr{n, u}] && !counts(u, nil) }); {
			case n.root:
				why = fmt.Sprintf("its weight %q is a root", w.name())
			case i >= 0:
				why = fmt.Sprintf("its weight %q also feeds %q, which is outside the region", w.name(), n.uses[i].name())
				by = n.uses[i]
			}
		}
		if why == "" && len(kinds[w]) > 1 {
			why = fmt.Sprintf("its weight %q is used in two ways (%s), which no tie of arrows expresses", w.name(), ways(kinds[w]))
			for _, es := range kinds[w] {
				for _, e := range es {
					if s.a.backward[e] {
						by = e
					}
				}
			}
		}
		if why == "" {
			continue
		}
		changed = true
		for _, es := range kinds[w] {
			for _, e := range es {
				if s.sum(e) == nil || isRows(s.biases(e), w) {
					s.refused[e] = refusal{why, w, by}
				}
			}
		}
	}
	return changed
}

// coverProduct tells how a product reads its weight, by way of the given nodes.
func (s *scanner) coverProduct(p *product, by []*expr, split string, cover func(*expr, use, ...*expr), chains map[*expr][]*expr) {
	u := use{"matrix", split}
	if p.over {
		u.as = "transposed"
	}
	if p.factor != 1 {
		u.split += fmt.Sprintf("times %g", p.factor)
	}
	cover(p.w, u, slices.Concat([]*expr{p.w}, p.through, by)...)
	chains[p.w] = append(chains[p.w], p.through...)
}

// minus tells the use of an operand that a difference takes away from other uses.
func minus(e, x *expr) string {
	if sign(e, slices.Index(e.in, x)) < 0 {
		return "times -1"
	}
	return ""
}

// isRows says whether a sum adds w as a bias for each sample.
func isRows(terms map[*expr]*bias, w *expr) bool {
	b := terms[w]
	return b != nil && b.rows
}

func ways(uses map[use][]*expr) string {
	var names []string
	for u := range uses {
		if !slices.Contains(names, u.as) {
			names = append(names, u.as)
		}
	}
	if len(names) == 1 {
		return names[0] + " of parts of different sizes or with different factors"
	}
	slices.Sort(names)
	return fmt.Sprintf("%s and %s", names[0], names[1])
}

// transparent says whether a concatenation is only multiplied by matrices: each part
// then has an arrow of its own.
func (s *scanner) transparent(e *expr) bool {
	if !s.concat(e) || e.root {
		return false
	}
	some := false
	for _, u := range e.uses {
		switch p := s.product(u); {
		case p != nil && p.x == e && p.first == nil:
			some = true
		case u.kind.is("size", s.lay[e].batch()) && !u.root: // the number of samples
		default:
			return false
		}
	}
	return some
}

// split describes the parts of a concatenation that is multiplied part by part.
func (s *scanner) split(x *expr) string {
	if !s.transparent(x) {
		return ""
	}
	text := ""
	for _, c := range x.in {
		text += fmt.Sprint(c.shape[s.lay[x].feature()], " ")
	}
	return text
}

func (s *scanner) ownUses(e *expr, cover func(*expr, use, ...*expr)) {
	i := 0
	for _, t := range e.kind.own.Terms() {
		if i++; t.W != nil {
			cover(e.in[i], use{as: "matrix"}, e.in[i], e)
			i++
		}
	}
	if e.kind.own.HasParams() {
		cover(e.in[i], use{as: "parameters"}, e.in[i], e)
	}
}
