package recovery

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/exact"
	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/rank"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
)

// lineCheck looks at condition P above two input dimensions, along random lines.
type lineCheck struct {
	l     *layered
	box   quiver.Box
	rng   *rand.Rand
	draw  identify.Sampler
	lines int
	lo    [][]float64 // interval bounds of z by layer, nil on an unbounded box
	hi    [][]float64
	rat   *pieces.Exact[exact.Rational]
}

// kink is a point of a line where one unit switches, between two affine pieces.
type kink struct {
	layer, unit   int
	x             []float64
	before, after []float64       // points of the two pieces
	span          *pieces.Segment // the piece before it
}

func newLineCheck(l *layered, box quiver.Box, o POptions) *lineCheck {
	p := &lineCheck{l: l, box: box, lines: o.Lines, draw: o.Sampler, rat: pieces.OverRationals(l.net)}
	if p.lines <= 0 {
		p.lines = 400
	}
	src := o.Source
	if src == nil {
		src = rand.NewPCG(7, 8)
	}
	p.rng = rand.New(src)
	if p.draw == nil {
		p.draw = identify.Uniform(box)
		if box.IsWhole() {
			p.draw = identify.Gaussian(10)
		}
	}
	if !box.IsWhole() {
		p.intervals()
	}
	return p
}

// intervals propagates the box through the network by interval arithmetic, widened by
// 1e-9 of the terms' size against rounding.
func (p *lineCheck) intervals() {
	l := p.l
	lo, hi := p.box.Lo, p.box.Hi
	p.lo, p.hi = make([][]float64, l.depth()), make([][]float64, l.depth())
	for k := 1; k < l.depth(); k++ {
		n := l.width(k)
		zl, zh := make([]float64, n), make([]float64, n)
		xl, xh := make([]float64, n), make([]float64, n)
		for i := range n {
			b := l.bias[k].W[i]
			a, c, size := b, b, math.Abs(b)
			for j, w := range l.row(k, i) {
				u, v := w*lo[j], w*hi[j]
				a, c, size = a+min(u, v), c+max(u, v), size+max(math.Abs(u), math.Abs(v))
			}
			zl[i], zh[i] = a-1e-9*size, c+1e-9*size
			xl[i], xh[i] = max(zl[i], 0), max(zh[i], 0)
		}
		p.lo[k], p.hi[k] = zl, zh
		lo, hi = xl, xh
	}
}

// stable reports whether interval bounds prove that a unit never switches on the box.
func (p *lineCheck) stable(layer, unit int) (on, stable bool) {
	if p.lo == nil {
		return false, false
	}
	return p.lo[layer][unit] > 0, p.lo[layer][unit] > 0 || p.hi[layer][unit] < 0
}

// run fills in P.b, P.c and P.d.
func (p *lineCheck) run(r *PReport) {
	l := p.l
	found := make([]map[int][]float64, l.depth()) // where P.b holds, by layer and unit
	for k := range found {
		found[k] = make(map[int][]float64)
	}
	var deep []kink
	kinks := 0
	for range p.lines {
		for _, k := range p.kinks() {
			kinks++
			if _, ok := found[k.layer][k.unit]; !ok && p.inside(k) && p.provenInside(k, k.layer) {
				found[k.layer][k.unit] = k.x
			}
			if c := &r.Layers[k.layer-1].Conditions[2]; c.Status != Refuted && p.gradient(k) && p.provenInvisible(k) {
				why := "no output depends on it there"
				if allZeroFloat(l.column(k.layer, k.unit)) {
					why = "its outgoing weights are 0"
				}
				c.refute(k.unit, fmt.Sprintf("%s[%d] switches at %.4g, and %s", l.name(k.layer), k.unit, k.x, why))
			}
			if k.layer > 1 && len(deep) < 400 {
				deep = append(deep, k)
			}
		}
	}
	for k := 1; k < l.depth(); k++ {
		c := &r.Layers[k-1].Conditions
		p.conclude(k, found[k], kinks, c)
		p.sections(k, deep, &c[3])
	}
}

// conclude sets P.b and P.c of a layer.
func (p *lineCheck) conclude(layer int, found map[int][]float64, kinks int, c *[4]Condition) {
	l := p.l
	missing := -1
	for i := range l.width(layer) {
		if on, ok := p.stable(layer, i); ok {
			state := "off"
			if on {
				state = "on"
			}
			c[1].refute(i, fmt.Sprintf("%s[%d] is %s on the whole box, by interval bounds", l.name(layer), i, state))
		} else if _, ok := found[i]; !ok && missing < 0 {
			missing = i
		}
	}
	switch {
	case c[1].Status == Refuted:
	case missing < 0:
		c[1].Status, c[1].Witness = Certified, "a point for each unit"
	default:
		c[1].Witness = fmt.Sprintf("no switch of %s[%d] found at an inner point on %d lines (%d switches in all)", l.name(layer), missing, p.lines, kinks)
	}
	if c[2].Status == Refuted {
		return
	}
	if layer == l.depth()-1 {
		visible := true
		for i := range l.width(layer) {
			visible = visible && !allZeroFloat(l.column(layer, i))
		}
		if visible {
			c[2].Status = Certified
			return
		}
	}
	c[2].Witness = fmt.Sprintf("no invisible switch among %d", kinks)
}

// kinks returns the switches along a random line in the box.
func (p *lineCheck) kinks() []kink {
	net := p.l.net
	a, b := make([]float64, net.InDim), make([]float64, net.InDim)
	p.draw(a, p.rng)
	p.draw(b, p.rng)
	for i := range b {
		b[i] -= a[i]
	}
	spans := net.AlongLine(a, b, 0, 1)
	var ks []kink
	for i := 1; i < len(spans); i++ {
		s, t := spans[i-1], spans[i]
		u, v := (s.Lo+s.Hi)/2, (t.Lo+t.Hi)/2
		var at []kink
		for k := 1; k < p.l.depth(); k++ {
			pos := p.l.at[k]
			for j := range p.l.width(k) {
				if (s.Z[pos][j]+u*s.DZ[pos][j] > 0) != (t.Z[pos][j]+v*t.DZ[pos][j] > 0) {
					point := func(t float64) []float64 {
						x := make([]float64, len(a))
						for d := range x {
							x[d] = a[d] + t*b[d]
						}
						return x
					}
					at = append(at, kink{k, j, point(s.Hi), point(u), point(v), s})
				}
			}
		}
		if len(at) == 1 { // others coincide, or are rounding
			ks = append(ks, at[0])
		}
	}
	return ks
}

// inside reports whether the values of the layer before a kink are an inner point of
// their set: all units on, and the derivative of the layer by the input of full rank.
func (p *lineCheck) inside(k kink) bool { return p.innerLayer(k.layer-1, k.span) }

func (p *lineCheck) innerLayer(layer int, s *pieces.Segment) bool {
	if layer == 0 {
		return true
	}
	for i := range p.l.width(layer) {
		if !s.On(p.l.at[layer], i) {
			return false
		}
	}
	d := p.derivative(layer, s)
	r := rank.Of(d)
	return r.Rank == p.l.width(layer) && !r.Ambiguous
}

// derivative returns ∂h_layer/∂x on a piece.
func (p *lineCheck) derivative(layer int, s *pieces.Segment) *mat.Dense {
	l := p.l
	var d *mat.Dense
	for k := 1; k <= layer; k++ {
		w := mat.DenseCopyOf(mat.NewDense(l.width(k), l.width(k-1), l.weight[k].W))
		for i := range l.width(k) {
			if !s.On(l.at[k], i) {
				w.SetRow(i, make([]float64, l.width(k-1)))
			}
		}
		if d == nil {
			d = w
			continue
		}
		var next mat.Dense
		next.Mul(w, d)
		d = &next
	}
	return d
}

// gradient reports whether no output depends on the unit at a kink: all the products of
// the weights behind it are exactly 0.
func (p *lineCheck) gradient(k kink) bool {
	l := p.l
	g := l.column(k.layer, k.unit)
	for layer := k.layer + 1; layer < l.depth(); layer++ {
		for i := range g {
			if !k.span.On(l.at[layer], i) {
				g[i] = 0
			}
		}
		next := make([]float64, l.width(layer+1))
		e := l.weight[layer+1]
		for r := range next {
			next[r] = pieces.Dot(e.W[r*e.Cols:(r+1)*e.Cols], g)
		}
		g = next
	}
	return allZeroFloat(g)
}

func allZeroFloat(x []float64) bool {
	for _, v := range x {
		if v != 0 {
			return false
		}
	}
	return true
}
