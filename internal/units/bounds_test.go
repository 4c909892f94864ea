package units

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/quivernet/quivernet/internal/enclose"

	"github.com/quivernet/quivernet/internal/inputs"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/trials"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestSumsEnclose: the bounds of Σ W x, with parallel arrows, hold the least and the greatest value in
// rational arithmetic, for numbers of all sizes, and are near them.
func TestSumsEnclose(t *testing.T) {
	rat := func(x float64) *big.Rat { return new(big.Rat).SetFloat64(x) }
	ends, exact, infinite := 0, 0, 0
	for seed := range uint64(trials.Count(800, 60000)) {
		rng := rand.New(rand.NewPCG(seed, 31))
		n, kind := 1+rng.IntN(4), int(seed%6)
		parts := []quiver.Part{quiver.Input("x", n), quiver.Bias("one"), quiver.Output("y", 1, nil), quiver.Connect("one", "y")}
		arrows := 1 + rng.IntN(3)
		for k := range arrows {
			parts = append(parts, quiver.Connect("x", "y", quiver.Named(fmt.Sprint(k))))
		}
		q, err := quiver.New(parts...)
		require.NoError(t, err)
		w := quiver.Zero(q)
		for i := range w.Data() {
			w.Data()[i] = trials.Odd(rng, kind)
		}
		on := inputs.Everything(q)
		for j := range n {
			a, b := trials.Odd(rng, kind), trials.Odd(rng, kind)
			on.Lo[0][j], on.Hi[0][j] = min(a, b), max(a, b)
		}
		if kind == 5 && rng.IntN(2) == 0 { // the bias undoes the rest up to rounding
			sum := 0.0
			for k := range arrows {
				for j := range n {
					sum += w.Arrow(fmt.Sprint(k)).At(0, j) * on.Hi[0][j]
				}
			}
			w.Arrow("one->y").Set(0, 0, -sum)
		}
		d := newDraft(w, nil)
		d.enclose(on, nil)
		var y *vertex
		for _, s := range d.vertices {
			if s.Name == "y" {
				y = s
			}
		}
		least, most, size := rat(w.Arrow("one->y").At(0, 0)), rat(w.Arrow("one->y").At(0, 0)), new(big.Rat)
		for j := range n {
			sum, mass := new(big.Rat), new(big.Rat)
			for k := range arrows {
				x := rat(w.Arrow(fmt.Sprint(k)).At(0, j))
				sum.Add(sum, x)
				mass.Add(mass, new(big.Rat).Abs(x))
			}
			lo, hi := on.Lo[0][j], on.Hi[0][j]
			if sum.Sign() < 0 {
				lo, hi = hi, lo
			}
			least.Add(least, new(big.Rat).Mul(sum, rat(lo)))
			most.Add(most, new(big.Rat).Mul(sum, rat(hi)))
			size.Add(size, new(big.Rat).Mul(mass, rat(max(math.Abs(lo), math.Abs(hi)))))
		}
		room, _ := size.Add(size, new(big.Rat).Abs(rat(w.Arrow("one->y").At(0, 0)))).Float64()
		for _, end := range []struct {
			got  float64
			want *big.Rat
			side int
		}{{y.zlo[0], least, -1}, {y.zhi[0], most, 1}} {
			ends++
			if math.IsInf(end.got, end.side) {
				infinite++
				most := enclose.Length(w.Data()) // a weight and its rounding overflow, or the sum does
				require.Greater(t, max(room, most), 1e300, "seed %d: %v, %v, %v", seed, w.Data(), on.Lo, on.Hi)
				continue
			}
			diff := new(big.Rat).Sub(rat(end.got), end.want)
			require.GreaterOrEqual(t, diff.Sign()*end.side, 0, "seed %d: %v is inside of %s", seed, end.got, end.want.FloatString(30))
			if diff.Sign() == 0 {
				exact++
			}
			off, _ := diff.Float64()
			require.LessOrEqual(t, math.Abs(off), 64*0x1p-52*room+1e-322, "seed %d: far outside", seed)
		}
	}
	t.Logf("%d ends, %d of them exact, %d infinite", ends, exact, infinite)
	assert.Greater(t, exact, ends/50)
	assert.Less(t, infinite, ends/5)
}

// TestEnclosuresHoldTheNetwork: through several vertices, with the relaxation on boxes, no value of
// the network in exact arithmetic lies outside its bounds, for inputs in the box, corners included.
func TestEnclosuresHoldTheNetwork(t *testing.T) {
	values, bent := 0, 0
	hs := []layers.Func{layers.ReLU, layers.LeakyReLU(0.25), layers.Abs, layers.LeakyReLU(-1.5)}
	for seed := range uint64(trials.Count(120, 8000)) {
		rng := rand.New(rand.NewPCG(seed, 32))
		h := hs[seed%4]
		size := math.Ldexp(1, []int{0, 0, -500, 300, -20}[seed%5])
		rows := func(r, c int) (m [][]float64) {
			for range r {
				row := make([]float64, c)
				for j := range row {
					row[j] = rng.NormFloat64()
				}
				m = append(m, row)
			}
			return m
		}
		w := chain(t, h, map[string][][]float64{"x->h": rows(3, 1), "more": rows(3, 1), "one->h": rows(3, 1), "h->g": rows(3, 3), "again": rows(3, 3), "one->g": rows(3, 1), "g->y": rows(1, 3)})
		for _, name := range []string{"x->h", "more", "one->h"} {
			for i := range 3 {
				w.Arrow(name).Set(i, 0, size*w.Arrow(name).At(i, 0))
			}
		}
		on := inputs.Everything(w.Quiver())
		on.Lo[0][0] = rng.NormFloat64()
		on.Hi[0][0] = on.Lo[0][0] + 2*rng.Float64()
		d := newDraft(w, nil)
		d.look(on)
		r := &relaxer{d: d, work: SearchWork, spare: 1e6, ls: make([]*enclose.Lines, len(d.vertices))}
		d.enclose(on, r.refine)
		k := d.snapshot()
		for n := range 6 {
			x := on.Lo[0][0] + (on.Hi[0][0]-on.Lo[0][0])*float64(n)/5
			x = min(x, on.Hi[0][0])
			all := k.exactly(h, x)
			for v, s := range d.vertices {
				for i := range s.xlo {
					if s.Kind == quiver.KindInput || s.Kind == quiver.KindBias {
						continue
					}
					values++
					lo, hi := new(big.Float).SetFloat64(s.xlo[i]), new(big.Float).SetFloat64(s.xhi[i])
					require.True(t, lo.Cmp(all[v][i]) <= 0 && all[v][i].Cmp(hi) <= 0, "seed %d: %s %d is %s, outside [%g, %g]", seed, s.Name, i, all[v][i].Text('g', 25), s.xlo[i], s.xhi[i])
					if len(s.Bends(s.zlo[i], s.zhi[i])) > 0 {
						bent++
					}
				}
			}
		}
	}
	t.Logf("%d values, %d at units that bend within their bounds", values, bent)
	assert.Greater(t, bent, values/20)
}
