package matching

import (
	"context"

	"github.com/quivernet/quivernet/internal/linalg"
	"github.com/quivernet/quivernet/internal/ties"

	"github.com/quivernet/quivernet/symmetry/group"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Role says what a class of tied vertices may do.
type Role uint8

const (
	pinned    Role = iota // nothing, or what is not looked for
	turning               // rotations
	Monomials             // monomial matrices, of groups[k]
)

// Plan holds what strands of one quiver share.
type Plan struct {
	q      *quiver.Quiver
	vs     []quiver.Vertex
	as     []quiver.Arrow
	cl     ties.Classes
	groups []group.Group
	roles  []Role      // by class
	label  [][]int     // by class: the first unit that a unit is a twin of; nil where all differ
	turn   [][]float64 // by class, where label is: the sign of its row beside that one's
	dead   [][]bool
	done   []bool          // by class: its basis is settled
	ctx    context.Context // ends the searches; nil never does
	act    Actor
}

// Actor lets factors, one for each vertex and nil for the identity, act on a network.
type Actor func(factors []linalg.Factor, w *quiver.Rep) (*quiver.Rep, error)

// Stopped says whether the caller has asked the searches to end.
func (p *Plan) Stopped() bool { return p.ctx != nil && p.ctx.Err() != nil }

// New returns the plan of a quiver. Act is how factors act on networks.
func New(ctx context.Context, q *quiver.Quiver, act Actor) *Plan {
	p := planOf(q, ties.Of(q))
	p.ctx, p.act = ctx, act
	return p
}

func planOf(q *quiver.Quiver, cl ties.Classes) *Plan {
	p := &Plan{q: q, vs: q.Vertices(), as: q.Arrows(), cl: cl}
	p.groups = ties.Groups(q, p.cl)
	n := len(p.groups)
	p.roles, p.label, p.turn, p.dead, p.done = make([]Role, n), make([][]int, n), make([][]float64, n), make([][]bool, n), make([]bool, n)
	for k, g := range p.groups {
		switch {
		case p.dim(k) == 0:
		case g.HasRotations():
			p.roles[k] = turning
		case g.IsMonomial():
			p.roles[k] = Monomials
		}
	}
	return p
}

// Rigid returns the plan of the elements that leave the fixed matrices of w as they are: an
// identity skip gives its ends one factor, which is its own φ; the ends of other fixed arrows
// stay.
func Rigid(ctx context.Context, w *quiver.Rep, act Actor) *Plan {
	q := w.Quiver()
	var skips, others []quiver.Arrow
	for i, a := range q.Arrows() {
		switch {
		case !a.Fixed || a.Rows*a.Cols == 0:
		case isIdentity(w.Fixed(i)):
			skips = append(skips, a)
		default:
			others = append(others, a)
		}
	}
	p := planOf(q, ties.United(q, skips))
	p.ctx, p.act = ctx, act
	for _, a := range skips {
		g := &p.groups[p.cl.Of[a.Source]]
		signs, scales := g.HasSigns() && g.Parity < 0, g.HasScales() && g.Degree == 1
		if !g.IsMonomial() {
			continue
		}
		switch g.Kind = group.Permutations; {
		case signs && scales:
			g.Kind = group.FullMonomial
		case signs:
			g.Kind = group.SignedPermutations
		case scales:
			g.Kind = group.PositiveMonomial
		}
	}
	for _, a := range others {
		for _, k := range []int{p.cl.Of[a.Source], p.cl.Of[a.Target]} {
			p.roles[k], p.groups[k] = pinned, group.Group{}
		}
	}
	return p
}

func isIdentity(m mat.Matrix) bool {
	r, c := m.Dims()
	if in, ok := m.(quiver.Inclusion); ok {
		return r == c && in == quiver.Eye(r)
	}
	for i := range r {
		for j := range c {
			if x := m.At(i, j); x != 0 && x != 1 || (x == 1) != (i == j) {
				return false
			}
		}
	}
	return r == c
}

func (p *Plan) dim(k int) int { return p.vs[p.cl.Members[k][0]].Dim }

// Has says whether some class has the role.
func (p *Plan) Has(r Role) bool {
	for _, s := range p.roles {
		if s == r {
			return true
		}
	}
	return false
}

// Open says whether the group of a class has elements for which no bound is known: scales, or
// a kind that is not looked for.
func (p *Plan) Open(k int) bool {
	return p.groups[k].HasScales() || p.roles[k] == pinned && p.groups[k].Kind != group.Pinned
}

// Complete says whether the whole group of each hidden vertex is looked for.
func (p *Plan) Complete() bool {
	for k, members := range p.cl.Members {
		for _, v := range members {
			if p.roles[k] == pinned && p.vs[v].Kind == quiver.KindHidden && p.vs[v].Dim > 0 {
				return false
			}
		}
	}
	return true
}

// invisible says whether a unit of class k is 0 for every input and its column moves with a
// scale or a sign that nothing fixes.
func (p *Plan) invisible(k, unit int) bool {
	g := p.groups[k]
	return p.dead[k] != nil && p.dead[k][unit] && (g.HasScales() && g.Degree != 0 || g.HasSigns() && g.Parity < 0)
}

// outSign returns the sign of what goes out of a unit of class k whose row has the sign.
func (p *Plan) outSign(k int, sign float64) float64 {
	if p.groups[k].Parity < 0 {
		return sign
	}
	return 1
}
