package units

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/quivernet/quivernet/internal/enclose"

	"github.com/quivernet/quivernet/internal/inputs"

	"github.com/quivernet/quivernet/internal/linalg"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize/convex/lp"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// program solves the linear program that a relaxer bounds: the least z of unit i at s, by the
// simplex method. Variables are the values of all units before s.
func program(t *testing.T, d *network, s *vertex, i int) (float64, bool) {
	at, n := map[*vertex]int{}, 0
	for _, u := range d.vertices[:s.index] {
		if u.Kind != quiver.KindBias {
			at[u] = n
			n += u.Dim
		}
	}
	row := func(u *vertex, j int) (r []float64, c float64) {
		r = make([]float64, n)
		for _, l := range u.in {
			for k, w := range l.m.Row(j) {
				if l.s.Kind == quiver.KindBias {
					c += w
				} else {
					r[at[l.s]+k] += w
				}
			}
		}
		return r, c
	}
	var g, h []float64
	less := func(r []float64, c float64) { g, h = append(g, r...), append(h, c) } // r·x ≤ c
	for _, u := range d.vertices[:s.index] {
		if u.Kind == quiver.KindBias {
			continue
		}
		for j := range u.Dim {
			e := make([]float64, n)
			e[at[u]+j] = 1
			minus := make([]float64, n)
			minus[at[u]+j] = -1
			if u.Kind == quiver.KindInput {
				less(e, u.xhi[j])
				less(minus, -u.xlo[j])
				continue
			}
			z, c := row(u, j)
			line := func(slope, cut, side float64) { // side·(x − slope·z − cut) ≥ 0
				r := make([]float64, n)
				for k := range r {
					r[k] = side * slope * z[k]
				}
				r[at[u]+j] -= side
				less(r, -side*(cut+slope*c))
			}
			lo, hi := u.zlo[j], u.zhi[j]
			bend := u.Bends(lo, hi)
			if len(bend) == 0 {
				a, b, ok := u.Line(lo, hi)
				require.True(t, ok)
				line(b, a, 1)
				line(b, a, -1)
				continue
			}
			k, y := bend[0], u.Value(bend[0])
			_, left, _ := u.Line(lo, k)
			_, right, _ := u.Line(k, hi)
			side := 1.0
			if right < left {
				side = -1
			}
			line(left, y-left*k, side)
			line(right, y-right*k, side)
			chord := (u.Value(hi) - u.Value(lo)) / (hi - lo)
			line(chord, u.Value(lo)-chord*lo, -side)
		}
	}
	c, offset := row(s, i)
	cc, a, b := lp.Convert(c, mat.NewDense(len(h), n, g), h, nil, nil)
	opt, _, err := lp.Simplex(cc, a, b, 1e-10, nil)
	return opt + offset, err == nil
}

// TestRelaxIsTheLinearProgram: what the relaxer proves is never above the optimum of the linear
// program, and near it for most units; both are below the values of the network.
func TestRelaxIsTheLinearProgram(t *testing.T) {
	acts := []layers.Func{layers.ReLU, layers.LeakyReLU(0.2), layers.Abs, layers.LeakyReLU(1.7), layers.Shift(layers.ReLU, 0.3)}
	solved, near, better, units := 0, 0, 0, 0
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 3))
		act := layers.Pointwise(acts[rng.IntN(len(acts))])
		q, err := quiver.New(
			quiver.Input("x", 2), quiver.Bias("one"),
			quiver.Hidden("a", 3, act), quiver.Hidden("b", 3, act), quiver.Hidden("c", 3, act), quiver.Output("y", 1, nil),
			quiver.Connect("x", "a"), quiver.Connect("one", "a"), quiver.Connect("a", "b"), quiver.Connect("x", "b"), quiver.Connect("one", "b"),
			quiver.Connect("a", "c"), quiver.Connect("b", "c"), quiver.Connect("one", "c"), quiver.Connect("c", "y"))
		require.NoError(t, err)
		w := quiver.Random(q, nil, rng)
		for i := range w.Data() {
			w.Data()[i] += 0.3 * rng.NormFloat64()
		}
		on := inputs.Everything(q)
		on.Lo[0], on.Hi[0] = slices.Repeat([]float64{-1}, 2), slices.Repeat([]float64{1}, 2)
		d := newDraft(w, nil)
		d.look(on)
		d.enclose(on, nil)
		r := &relaxer{d: d, work: SearchWork}
		for _, s := range d.vertices {
			r.ls = append(r.ls, nil)
			if s.known {
				r.ls[s.index] = s.lay()
			}
		}
		s := d.vertices[4]
		require.Equal(t, "c", s.Name)
		low, high := clone(s.low), clone(s.high)
		f, err := w.Features(on.Points(q, 200)...)
		require.NoError(t, err)
		var z mat.Dense
		z.Mul(f["a"], w.Arrow("a->c").T())
		var zb mat.Dense
		zb.Mul(f["b"], w.Arrow("b->c").T())
		z.Add(&z, &zb)
		for i := range s.Dim {
			want, ok := program(t, d, s, i)
			if !ok {
				continue // the simplex method lost its way
			}
			solved++
			s.low[i], s.high[i] = math.Inf(1), math.Inf(-1)
			// A goal that the program just reaches: the search may stop there.
			goal := want - 1e-3*(s.zhi[i]-s.zlo[i])
			got := (&sweep{r: r}).best(s, i, 1, goal)
			units++
			require.LessOrEqual(t, got, want+1e-9*(1+math.Abs(want)), "seed %d: a bound above the optimum", seed)
			require.LessOrEqual(t, want, mat.Min(z.ColView(i).(*mat.VecDense))+w.Arrow("one->c").At(i, 0)+1e-9, "seed %d", seed)
			if got >= goal {
				near++
			}
			if got > s.zlo[i]+1e-9 {
				better++
			}
			s.low[i], s.high[i] = low[i], high[i]
		}
	}
	t.Logf("%d units, %d programs solved, %d bounds within a thousandth, %d better than intervals", units, solved, near, better)
	assert.GreaterOrEqual(t, solved, 100)
	assert.GreaterOrEqual(t, near, 9*units/10)
	assert.GreaterOrEqual(t, better, units/2)
}

// TestProvedBoundsAreBelowTheExactOnes: through linear layers the relaxation is exact, so that
// what is proved differs from the least value, computed with rational numbers, by rounding
// alone, and never exceeds it.
func TestProvedBoundsAreBelowTheExactOnes(t *testing.T) {
	rat := func(x float64) *big.Rat { return new(big.Rat).SetFloat64(x) }
	times := func(a, b linalg.Matrix, exact [][]*big.Rat) [][]*big.Rat { // a·(what b is, if exact is nil)
		out := make([][]*big.Rat, a.Rows)
		for i := range out {
			for j := range b.Cols {
				s := new(big.Rat)
				for k := range a.Cols {
					var y *big.Rat
					if exact != nil {
						y = exact[k][j]
					} else {
						y = rat(b.Data[k*b.Cols+j])
					}
					s.Add(s, new(big.Rat).Mul(rat(a.Data[i*a.Cols+k]), y))
				}
				out[i] = append(out[i], s)
			}
		}
		return out
	}
	tight, above := 0, 0
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 4))
		q, err := quiver.New(quiver.Input("x", 4), quiver.Hidden("a", 5, quiver.Identity), quiver.Hidden("b", 4, quiver.Identity),
			quiver.Hidden("c", 3, layers.Pointwise(layers.ReLU)), quiver.Output("y", 1, nil),
			quiver.Connect("x", "a"), quiver.Connect("a", "b"), quiver.Connect("b", "c"), quiver.Connect("c", "y"))
		require.NoError(t, err)
		w := quiver.Random(q, nil, rng)
		on := inputs.Everything(q)
		for j := range 4 {
			on.Lo[0][j] = rng.NormFloat64()
			on.Hi[0][j] = on.Lo[0][j] + math.Exp(20*rng.Float64()-15)
		}
		d := newDraft(w, nil)
		d.enclose(on, nil)
		r := &relaxer{d: d, work: SearchWork}
		for _, s := range d.vertices {
			r.ls = append(r.ls, nil)
			if s.known {
				r.ls[s.index] = s.lay()
			}
		}
		m := func(name string, r, c int) linalg.Matrix { return linalg.Of(w.Arrow(name), r, c) }
		ab := times(m("a->b", 4, 5), m("x->a", 5, 4), nil)
		abs := func(g linalg.Matrix) linalg.Matrix {
			g = g.Clone()
			for k, x := range g.Data {
				g.Data[k] = math.Abs(x)
			}
			return g
		}
		ends := linalg.New(4, 1)
		for j := range 4 {
			ends.Data[j] = max(math.Abs(on.Lo[0][j]), math.Abs(on.Hi[0][j]))
		}
		size := linalg.Mul(abs(m("b->c", 3, 4)), linalg.Mul(abs(m("a->b", 4, 5)), linalg.Mul(abs(m("x->a", 5, 4)), ends)))
		all := times(m("b->c", 3, 4), linalg.Matrix{Rows: 4, Cols: 4, Data: nil}, ab)
		s := d.vertices[3]
		for i := range s.Dim {
			for _, sign := range []float64{1, -1} {
				least := new(big.Rat)
				for j, x := range all[i] {
					x = new(big.Rat).Mul(x, rat(sign))
					end := on.Lo[0][j]
					if x.Sign() < 0 {
						end = on.Hi[0][j]
					}
					least.Add(least, new(big.Rat).Mul(x, rat(end)))
				}
				wide := s.zlo[i]
				if sign < 0 {
					wide = -s.zhi[i]
				}
				got := (&sweep{r: r}).run(s, i, sign, true)
				require.LessOrEqual(t, rat(got).Cmp(least), 0, "seed %d: %v is above the least value", seed, got)
				require.LessOrEqual(t, rat(wide).Cmp(least), 0, "seed %d: intervals", seed)
				exact, _ := least.Float64()
				if math.Abs(got-exact) <= 1e-13*size.Data[i] {
					tight++
				}
				if plain := (&sweep{r: r}).run(s, i, sign, false); rat(plain).Cmp(least) > 0 {
					above++
				}
			}
		}
	}
	assert.Equal(t, 60*3*2, tight)
	assert.Greater(t, above, 30, "the run that counts no errors is wrong at times")
}

// TestCases: on a box of two dimensions case distinctions decide nearly all units that many
// samples show on one side, more than intervals and the linear program alone, and no verdict
// contradicts a sample.
func TestCases(t *testing.T) {
	intervals, program, cases, open := 0, 0, 0, 0
	for seed := range uint64(25) {
		rng := rand.New(rand.NewPCG(seed, 3))
		q, err := layers.MLP(layers.Pointwise([]layers.Func{layers.ReLU, layers.LeakyReLU(0.2), layers.Abs}[seed%3]), 2, 6, 6, 6, 1)
		require.NoError(t, err)
		w := quiver.Random(q, nil, rng)
		for i := range w.Data() {
			w.Data()[i] += 0.2 * rng.NormFloat64()
		}
		on := inputs.Everything(q)
		on.Lo[0], on.Hi[0] = slices.Repeat([]float64{-1}, 2), slices.Repeat([]float64{1}, 2)
		decided := func(spare float64, refine bool) (d *network, n int) {
			d = newDraft(w, nil)
			d.look(on)
			r := &relaxer{d: d, work: SearchWork, spare: spare, ls: make([]*enclose.Lines, len(d.vertices))}
			if refine {
				d.enclose(on, r.refine)
			} else {
				d.enclose(on, nil)
			}
			for _, s := range d.vertices {
				for i := range s.zlo {
					if s.Kind == quiver.KindHidden && (s.zlo[i] >= 0 || s.zhi[i] <= 0) {
						n++
					}
				}
			}
			return d, n
		}
		_, n := decided(0, false)
		intervals += n
		_, n = decided(0, true)
		program += n
		d, n := decided(CaseWork, true)
		cases += n
		xs := on.Points(q, 3000)
		for r := range 3000 {
			d.visit(len(d.vertices), func(*vertex) []float64 { return xs[0].RawRowView(r) })
		}
		for _, s := range d.vertices {
			for i := range s.zlo {
				require.GreaterOrEqual(t, s.low[i], s.zlo[i]-1e-12*(1+math.Abs(s.zlo[i])), "seed %d: %s %d", seed, s.Name, i)
				require.LessOrEqual(t, s.high[i], s.zhi[i]+1e-12*(1+math.Abs(s.zhi[i])), "seed %d: %s %d", seed, s.Name, i)
				if s.Kind == quiver.KindHidden && s.zlo[i] < 0 && s.zhi[i] > 0 && (s.low[i] >= 0 || s.high[i] <= 0) {
					open++
				}
			}
		}
	}
	t.Logf("decided by intervals %d, by the linear program %d, case by case %d; %d more look decided", intervals, program, cases, open)
	assert.Greater(t, program, intervals)
	assert.Greater(t, cases, program)
	assert.LessOrEqual(t, open, cases/50)
}
