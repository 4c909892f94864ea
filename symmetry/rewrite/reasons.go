package rewrite

import (
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/ir"
	"github.com/quivernet/quivernet/internal/regions"
	"github.com/quivernet/quivernet/internal/shrink"
	"github.com/quivernet/quivernet/quiver"
)

// changes lists the vertices that shrank.
func changes(r *shrink.Reduction) []Change {
	var cs []Change
	if r.Compression == nil {
		return nil
	}
	why := make(map[string]string)
	for _, w := range r.Compression.Widths {
		why[w.Vertex] = w.Reason
	}
	if r.Units != nil {
		for _, w := range r.Units.Widths {
			if w.From != w.To {
				why[w.Vertex] = w.Reason
			}
		}
	}
	for _, v := range r.Regions.Vertices {
		if r.IsSmaller(v) {
			cs = append(cs, Change{v.Node.Name(), v.Dim, r.Dim[v], why[v.Name]})
		}
	}
	return cs
}

// left lists what might have shrunk and did not. It is not empty where nothing shrank.
func left(r *shrink.Reduction, p *plan) []Left {
	keep := p.keep
	var ls []Left
	add := func(e *ir.Node, format string, args ...any) {
		ls = append(ls, Left{e.Name(), fmt.Sprintf("node %q ", e.Name()) + fmt.Sprintf(format, args...) + "."})
	}
	backward := r.Regions.Graph.Backward
	told := make(map[*ir.Node]bool)   // weights that a line names
	chains := make(map[*ir.Node]bool) // products of two weights that are a chain of two arrows
	for _, p := range regions.Each[*regions.Product](r.Regions) {
		chains[p.AB] = p.AB != nil
	}
	l, graded := rootGradients(r)
	if graded { // then what is read outside is read by them, or for them
		ls = append(ls, l)
	}
	for _, e := range r.Regions.Graph.Nodes {
		if backward[e] {
			continue
		}
		if f := r.Regions.Refusal(e); f.Why != "" {
			if told[f.Weight] = true; !backward[f.By] {
				add(e, "is left alone: %s", f.Why)
			}
			continue
		}
		if leak := r.Regions.Leak(e); leak != nil && !r.Regions.IsInner(e) && !graded {
			add(e, "would be an activation, but its inner value %q is used elsewhere", leak.Name())
		}
		if r.Regions.Product(e) == nil && !chains[e] {
			why, weights := ambiguous(e)
			if why != "" {
				add(e, "is left alone: %s", why)
			}
			for _, w := range weights {
				told[w] = told[w] || why != ""
			}
		}
	}
	if p.none != "" {
		add(r.Regions.Graph.Roots[0], "%s", p.none)
	}
	feeds := make(map[*regions.Vertex]bool)
	for _, v := range r.Regions.Vertices {
		for _, t := range v.Arrows {
			feeds[t.Source] = true
		}
	}
	for _, v := range r.Regions.Vertices {
		switch why := r.Why[v.Name]; {
		case v.Kind == quiver.KindInput || r.IsSmaller(v) || backward[v.Node]:
		case v.Kind == quiver.KindOutput:
			if v.Because == "a root" && feeds[v] {
				add(v.Node, "keeps its coordinates: it is a root")
			} else if v.Because != "a root" && v.Because != "" && (feeds[v] || v.Spelled != nil) && !graded {
				add(v.Node, "keeps its coordinates: it is %s, which is outside the region", v.Because)
			}
		case keep[v.Name] != "":
			add(v.Node, "keeps its width %d: %s", v.Dim, keep[v.Name])
		case why != "":
			if strings.HasPrefix(why, "full: rotated") { // it is not: see compress
				why = "full: as many directions reach it as it has"
			}
			add(v.Node, "keeps its width %d: %s%s", v.Dim, strings.TrimPrefix(why, "kept: "), narrower(v))
		}
	}
	ls = append(ls, unread(r, told)...)
	if len(ls) == 0 && !slices.ContainsFunc(r.Regions.Vertices, r.IsSmaller) {
		ls = append(ls, nothing(r))
	}
	return ls
}

// nothing says why a graph has nothing that could shrink.
func nothing(r *shrink.Reduction) Left {
	e := r.Regions.Graph.Roots[0]
	var hidden, products int
	for _, v := range r.Regions.Vertices {
		if v.Kind == quiver.KindHidden {
			hidden++
		}
	}
	for _, x := range r.Regions.Graph.Nodes {
		if r.Regions.Product(x) != nil || r.Regions.IsOperation(x) {
			products++
		}
	}
	why := "every value behind a weight is a root: no hidden layer is left that could shrink"
	for _, v := range r.Regions.Vertices {
		if v.Kind == quiver.KindOutput && v.Reader != nil {
			why = fmt.Sprintf("no hidden layer is left that could shrink, since what is behind a weight is read outside the regions, as %q by %q", v.Node.Name(), v.Reader.Name())
			break
		}
	}
	switch {
	case hidden > 0:
		why = "none of its hidden layers has more width than reaches it"
	case products == 0:
		why = "no product of features with a weight is below it"
	}
	return Left{e.Name(), fmt.Sprintf("root %q is left alone: %s.", e.Name(), why)}
}

// rootGradients says in one line what gradients among the roots mean.
func rootGradients(r *shrink.Reduction) (l Left, ok bool) {
	var names []string
	for _, e := range r.Regions.Graph.Roots {
		if r.Regions.Graph.Backward[e] {
			names = append(names, fmt.Sprintf("%q", e.Name()))
		}
	}
	if len(names) == 0 {
		return l, false
	}
	l.Node = strings.Trim(names[0], "\"")
	text := "root " + names[0] + " is a gradient"
	if k := len(names) - 1; k == 1 {
		text = fmt.Sprintf("roots %s and %s are gradients", names[0], names[1])
	} else if k > 1 {
		text = fmt.Sprintf("root %s and %d other roots are gradients", names[0], k)
	}
	l.Reason = text + ": the weights and values that it reads stay as they are. Leave gradients out of the roots and differentiate the new graph."
	return l, true
}

// unread lists the weights that no region reads, but for those of which the list tells already.
func unread(r *shrink.Reduction, told map[*ir.Node]bool) (more []Left) {
	read := make(map[*ir.Node]bool)
	inside := func(n *ir.Node) { // trained numbers of an activation, or of the way from a weight to its product
		for _, c := range n.In {
			read[c] = read[c] || c.IsScalar()
		}
	}
	for _, v := range r.Regions.Vertices {
		read[v.Params] = true
		for _, t := range v.Arrows {
			read[t.Weight] = true
		}
		if v.Spelled != nil {
			for n := range v.Spelled.Nodes {
				inside(n)
			}
		}
	}
	for _, p := range regions.Each[*regions.Product](r.Regions) {
		for _, n := range p.Between {
			inside(n)
		}
		if p.First != nil {
			for _, n := range p.First.Between {
				inside(n)
			}
		}
	}
	backward := r.Regions.Graph.Backward
	for _, e := range r.Regions.Graph.Nodes {
		if e.Role != ir.Weight || read[e] || told[e] || slices.ContainsFunc(e.Uses, func(u *ir.Node) bool { return backward[u] }) {
			continue
		}
		why := "only the roots need it"
		if len(e.Uses) > 0 {
			why = fmt.Sprintf("%q, which reads it, is outside the regions", e.Uses[0].Name())
		}
		more = append(more, Left{e.Name(), fmt.Sprintf("weight %q is left alone: %s.", e.Name(), why)})
	}
	return more
}

// ambiguous returns why a product with an input of two axes is no arrow, or "", and the weights that it
// reads.
func ambiguous(e *ir.Node) (why string, weights []*ir.Node) {
	if e.Kind.Name != "matmul" && e.Kind.Name != "matvec" {
		return "", nil
	}
	input := func(e *ir.Node) *ir.Node {
		if m := regions.MatrixOf(e); m != nil {
			return m.Weight
		}
		return nil
	}
	l, m := input(e.In[0]), input(e.In[1])
	for _, w := range []*ir.Node{l, m} {
		if w != nil && w.Role == ir.Weight {
			weights = append(weights, w)
		}
	}
	if l != nil && m != nil && l.Role == m.Role {
		if l.Role == ir.Weight && len(e.Uses) > 0 && (e.Uses[0].Kind.Name == "matmul" || e.Uses[0].Kind.Name == "matvec") {
			return fmt.Sprintf("it multiplies the weights %q and %q, which is a chain of two arrows only where one product of features with it is all that reads it; if one of them is data, name it in Data", l.Name(), m.Name()), weights
		}
		return fmt.Sprintf("both %q and %q may be weights; name the weights in Weights or the data in Data", l.Name(), m.Name()), weights
	}
	for _, w := range []*ir.Node{l, m} {
		if w != nil && !ir.IsUsable(w) {
			return fmt.Sprintf("weight %q does not hold finite floating-point numbers of its shape", w.Name()), weights
		}
	}
	for i, c := range e.In {
		if len(c.In) > 0 && ir.IsMadeOfWeights(c) && !ir.IsMadeOfWeights(e.In[1-i]) {
			from := sources(c)
			return fmt.Sprintf("its matrix %q is computed from %s, entry by entry or in parts, which other coordinates would not leave as it is", c.Name(), quoted(from)), from
		}
	}
	if l == nil && m == nil {
		for _, x := range e.In {
			if x.Role == ir.Data && x.Value == nil && e.Kind.Name == "matmul" {
				for _, y := range e.In {
					if y != x && y.Role == ir.Data {
						return fmt.Sprintf("neither %q nor %q is a weight that holds a value", e.In[0].Name(), e.In[1].Name()), weights
					}
				}
			}
		}
	}
	return "", weights
}

// sources returns the weights that a value is made of.
func sources(e *ir.Node) (ws []*ir.Node) {
	seen := make(map[*ir.Node]bool)
	var visit func(e *ir.Node)
	visit = func(e *ir.Node) {
		if seen[e] {
			return
		}
		if seen[e] = true; len(e.In) == 0 && e.Role == ir.Weight {
			ws = append(ws, e)
		}
		for _, c := range e.In {
			visit(c)
		}
	}
	visit(e)
	return ws
}

func quoted(es []*ir.Node) string {
	var names []string
	for _, e := range es {
		names = append(names, fmt.Sprintf("%q", e.Name()))
	}
	return strings.Join(names, ", ")
}

// narrower tells of a bias with a row for each sample whose rows span less than there are of them.
func narrower(v *regions.Vertex) string {
	for _, t := range v.Arrows {
		if !t.PerSample {
			continue
		}
		m, err := t.Matrix(v, t.Numbers())
		var svd mat.SVD
		if err != nil || !svd.Factorize(m, mat.SVDNone) {
			continue
		}
		values := svd.Values(nil)
		rank := 0
		for _, s := range values {
			if s > 1e-12*values[0] {
				rank++
			}
		}
		if rank < len(values) {
			return fmt.Sprintf("; the %d samples of %q span %d of %d directions, which symmetry.Rank(0) counts", t.Hi, t.Weight.Name(), rank, len(values))
		}
	}
	return ""
}
