package regions

import (
	"fmt"
	"slices"

	"github.com/quivernet/quivernet/internal/ir"
)

// use is how a region reads a weight; all uses of one must be alike to be tied.
type use struct {
	as    string // "matrix", "transposed", "bias", "parameters"
	split string
}

// refuse looks for weights that are read outside the regions, or in two ways, and refuses the
// products and biases with them. It reports whether there were any.
func (s *Scanner) refuse() bool {
	covered := make(map[[2]*ir.Node]bool)
	kinds := make(map[*ir.Node]map[use][]*ir.Node)
	cover := func(w *ir.Node, u use, path ...*ir.Node) {
		for i := 1; i < len(path); i++ {
			covered[[2]*ir.Node{path[i-1], path[i]}] = true
		}
		if kinds[w] == nil {
			kinds[w] = make(map[use][]*ir.Node)
		}
		kinds[w][u] = append(kinds[w][u], path[len(path)-1])
	}
	chains := make(map[*ir.Node][]*ir.Node) // the nodes between a weight and its users
	for _, e := range s.Graph.Nodes {
		if p := s.Product(e); p != nil {
			if p.First != nil {
				s.coverProduct(p.First, []*ir.Node{p.AB, e}, "", cover, chains)
				s.coverProduct(p, []*ir.Node{p.AB, e}, "", cover, chains)
			} else {
				s.coverProduct(p, []*ir.Node{e}, s.split(p.X), cover, chains)
			}
		}
		for x, b := range s.biases(e) {
			switch {
			case b != nil && b.PerSample:
				cover(b.Weight, use{as: b.as(), split: minus(e, x)}, b.Weight, e)
			case b != nil:
				u := use{as: "bias", split: minus(e, x)}
				cover(b.Weight, u, append(append([]*ir.Node{b.Weight}, b.Chain...), e)...)
				chains[b.Weight] = append(chains[b.Weight], b.Chain...)
				kinds[b.Weight][u] = append(kinds[b.Weight][u], x)
			}
		}
		if s.IsOperation(e) {
			s.ownUses(e, cover)
		}
		if g := s.Gain(e); g != nil {
			cover(g.By.Weight, use{as: "gain"}, append(append([]*ir.Node{g.By.Weight}, g.By.Chain...), e)...)
			chains[g.By.Weight] = append(chains[g.By.Weight], g.By.Chain...)
		}
	}
	for e, d := range each[*Decay](s) {
		if len(kinds[d.Weight][use{as: "gain"}])+len(kinds[d.Weight][use{as: "parameters"}]) > 0 || kinds[d.Weight] == nil {
			delete(s.forms, e) // not one of a rotated weight
			continue
		}
		for i := 1; i < len(d.path); i++ {
			covered[[2]*ir.Node{d.path[i-1], d.path[i]}] = true
		}
		chains[d.Weight] = append(chains[d.Weight], d.turned...)
	}
	s.count = make(map[*ir.Node]int)
	for w, us := range kinds {
		for u, es := range us {
			if s.count[w] += len(es); u.as == "bias" {
				s.count[w] -= len(es) / 2 // each stands with its operand
			}
		}
	}
	changed := false
	for _, w := range s.Graph.Nodes {
		if kinds[w] == nil || w.Role != ir.Weight {
			continue
		}
		why, by := "", (*ir.Node)(nil)
		for _, n := range append([]*ir.Node{w}, chains[w]...) {
			switch i := slices.IndexFunc(n.Uses, func(u *ir.Node) bool { return !covered[[2]*ir.Node{n, u}] && !counts(u, nil) }); {
			case n.Root:
				why = fmt.Sprintf("its weight %q is a root", w.Name())
			case i >= 0:
				why = fmt.Sprintf("its weight %q also feeds %q, which is outside the region", w.Name(), n.Uses[i].Name())
				by = n.Uses[i]
			}
		}
		if why == "" && len(kinds[w]) > 1 {
			why = fmt.Sprintf("its weight %q is used in two ways (%s), which no tie of arrows expresses", w.Name(), ways(kinds[w]))
			for _, es := range kinds[w] {
				for _, e := range es {
					if s.Graph.Backward[e] {
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
				if s.Sum(e) == nil || isRows(s.biases(e), w) {
					s.refused[e] = Refusal{why, w, by}
				}
			}
		}
	}
	return changed
}

// coverProduct tells how a product reads its weight, by way of the given nodes.
func (s *Scanner) coverProduct(p *Product, by []*ir.Node, split string, cover func(*ir.Node, use, ...*ir.Node), chains map[*ir.Node][]*ir.Node) {
	u := use{"matrix", split}
	if p.Transposed {
		u.as = "transposed"
	}
	if p.Factor != 1 {
		u.split += fmt.Sprintf("times %g", p.Factor)
	}
	cover(p.Weight, u, slices.Concat([]*ir.Node{p.Weight}, p.Between, by)...)
	chains[p.Weight] = append(chains[p.Weight], p.Between...)
}

// minus tells the use of an operand that a difference takes away from other uses.
func minus(e, x *ir.Node) string {
	if Sign(e, slices.Index(e.In, x)) < 0 {
		return "times -1"
	}
	return ""
}

// isRows says whether a sum adds w as a bias for each sample.
func isRows(terms map[*ir.Node]*Bias, w *ir.Node) bool {
	b := terms[w]
	return b != nil && b.PerSample
}

func ways(uses map[use][]*ir.Node) string {
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

// IsTransparent says whether a concatenation is only multiplied by matrices: each part
// then has an arrow of its own.
func (s *Scanner) IsTransparent(e *ir.Node) bool {
	if !s.concat(e) || e.Root {
		return false
	}
	some := false
	for _, u := range e.Uses {
		switch p := s.Product(u); {
		case p != nil && p.X == e && p.First == nil:
			some = true
		case u.Kind.Is("size", s.lay[e].Batch()) && !u.Root: // the number of samples
		default:
			return false
		}
	}
	return some
}

// split describes the parts of a concatenation that is multiplied part by part.
func (s *Scanner) split(x *ir.Node) string {
	if !s.IsTransparent(x) {
		return ""
	}
	text := ""
	for _, c := range x.In {
		text += fmt.Sprint(c.Shape[s.lay[x].Feature()], " ")
	}
	return text
}

func (s *Scanner) ownUses(e *ir.Node, cover func(*ir.Node, use, ...*ir.Node)) {
	i := 0
	for _, t := range e.Kind.Own.Terms() {
		if i++; t.W != nil {
			cover(e.In[i], use{as: "matrix"}, e.In[i], e)
			i++
		}
	}
	if e.Kind.Own.HasParams() {
		cover(e.In[i], use{as: "parameters"}, e.In[i], e)
	}
}
