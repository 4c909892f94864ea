package recovery

import (
	"github.com/quivernet/quivernet/internal/exact"
	"github.com/quivernet/quivernet/internal/pieces"
)

// What sampling finds in floating point is proved here in rational arithmetic: the points
// before and after a kink are rational numbers.

// crossing returns the exact point on the segment from before to after at which the unit of
// a kink is 0, with the network's state there; false if it has no two signs at the ends,
// or if some unit of the layers before it does not keep one sign.
func (p *lineCheck) crossing(k kink) (*pieces.ExactState[exact.Rational], bool) {
	l, rat := p.l, p.rat
	ends := [2][]exact.Rational{exact.Floats(k.before), exact.Floats(k.after)}
	var z [2]exact.Rational
	states := [2]*pieces.ExactState[exact.Rational]{rat.NewState(), rat.NewState()}
	above := func(_, _ int, z exact.Rational) bool { return z.Sign() > 0 }
	for e, x := range ends {
		rat.Forward(states[e], x, above)
		z[e] = states[e].Z[l.at[k.layer]][k.unit]
		for j := range x {
			if !p.box.IsWhole() && (k.before[j] <= p.box.Lo[j] || k.before[j] >= p.box.Hi[j] || k.after[j] <= p.box.Lo[j] || k.after[j] >= p.box.Hi[j]) {
				return nil, false
			}
		}
	}
	if z[0].Sign()*z[1].Sign() >= 0 {
		return nil, false
	}
	for j := 1; j < k.layer; j++ {
		for i := range l.width(j) {
			if states[0].Z[l.at[j]][i].Sign()*states[1].Z[l.at[j]][i].Sign() <= 0 {
				return nil, false
			}
		}
	}
	// z is affine between the ends
	t := z[0].Quo(z[0].Sub(z[1]))
	x := make([]exact.Rational, len(ends[0]))
	for j := range x {
		x[j] = ends[0][j].Add(t.Mul(ends[1][j].Sub(ends[0][j])))
	}
	s := rat.NewState()
	rat.Forward(s, x, above)
	return s, s.Z[l.at[k.layer]][k.unit].IsZero()
}

// provenInside proves that the values of the layer before a given one are, at a kink, in the
// interior of their set: at the crossing all units of that layer are on, and its derivative
// by the input has full row rank, modulo a prime and so over the rationals.
func (p *lineCheck) provenInside(k kink, layer int) bool {
	s, ok := p.crossing(k)
	if !ok {
		return false
	}
	l := p.l
	for i := 0; layer > 1 && i < l.width(layer-1); i++ {
		if s.Z[l.at[layer-1]][i].Sign() <= 0 {
			return false
		}
	}
	var d [][]exact.Residue // ∂h_j/∂x
	for j := 1; j < layer; j++ {
		next := make([][]exact.Residue, l.width(j))
		for i, row := range next {
			if !s.Side[l.at[j]][i] {
				row = make([]exact.Residue, l.net.InDim)
				next[i] = row
				continue
			}
			w := make([]exact.Residue, l.width(j-1))
			for c, x := range l.row(j, i) {
				w[c] = exact.ResidueOfFloat(x, 0)
			}
			if j == 1 {
				next[i] = w
				continue
			}
			row = make([]exact.Residue, l.net.InDim)
			for c, f := range w {
				for t, y := range d[c] {
					row[t] = row[t].Add(f.Mul(y))
				}
			}
			next[i] = row
		}
		d = next
	}
	m := exact.NewElimination(exact.Primes[0])
	for _, row := range d {
		r := make([]uint64, len(row))
		for t, x := range row {
			r[t] = x.Value()
		}
		m.Add(r)
	}
	return m.Rank() == len(d)
}

// provenInvisible proves that no output depends on a unit where it switches: its column of
// V(D) is exactly 0 for the cell D that has the crossing in its interior.
func (p *lineCheck) provenInvisible(k kink) bool {
	s, ok := p.crossing(k)
	if !ok {
		return false
	}
	l := p.l
	g := exact.Floats(l.column(k.layer, k.unit))
	for layer := k.layer + 1; layer < l.depth(); layer++ {
		for i := range g {
			switch s.Z[l.at[layer]][i].Sign() {
			case -1:
				g[i] = exact.Int(0)
			case 0:
				return false // between cells
			}
		}
		next := make([]exact.Rational, l.width(layer+1))
		for r := range next {
			next[r] = exact.Dot(exact.Floats(l.row(layer+1, r)), g)
		}
		g = next
	}
	return exact.AllZero(g)
}
