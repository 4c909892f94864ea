package symmetry_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/quivertest"
)

// pointActs are the pointwise activations of the planted networks, with a factor that each lets
// through.
var pointActs = map[string]struct {
	act    quiver.Activation
	factor func(*rand.Rand) (c, phi float64)
}{
	"relu":   {layers.Pointwise(layers.ReLU), positive(1)},
	"leaky":  {layers.Pointwise(layers.LeakyReLU(0.1)), positive(1)},
	"tanh":   {layers.Pointwise(layers.Tanh), sign(-1)},
	"abs":    {layers.Pointwise(layers.Abs), func(r *rand.Rand) (float64, float64) { c, _ := positive(1)(r); return -c, c }},
	"gelu":   {layers.Pointwise(layers.GELU), func(*rand.Rand) (float64, float64) { return 1, 1 }},
	"squash": {layers.Pointwise(layers.Squash), sign(1)},
}

func positive(degree float64) func(*rand.Rand) (c, phi float64) {
	return func(r *rand.Rand) (float64, float64) {
		c := math.Exp(r.NormFloat64())
		return c, math.Pow(c, degree)
	}
}

func sign(phi float64) func(*rand.Rand) (float64, float64) {
	return func(r *rand.Rand) (float64, float64) {
		if r.IntN(2) == 0 {
			return 1, 1
		}
		return -1, phi
	}
}

func acts(names ...string) []quivertest.Act {
	var out []quivertest.Act
	for _, n := range names {
		out = append(out, quivertest.Act{Activation: pointActs[n].act, Size: 1.2})
	}
	return out
}

// planted is a network with redundant units put into a base network with the same function.
type planted struct {
	base, wide *quiver.Rep
	units      int // planted
	merging    int // of them: twins whose rows are equal only after their sources were merged
}

type pair struct {
	a, b int // b is a twin of a
	phi  float64
}

// plant puts redundant units into the pointwise hidden vertices of w that no fixed or tied
// arrow touches.
func plant(t testing.TB, w *quiver.Rep, rng *rand.Rand) planted {
	q := w.Quiver()
	vs, as := q.Vertices(), q.Arrows()
	free := make([]bool, len(vs))
	factor := make([]func(*rand.Rand) (float64, float64), len(vs))
	extra := map[string]int{}
	for v, vertex := range vs {
		if vertex.Kind != quiver.KindHidden || vertex.Dim == 0 || len(q.In(v)) == 0 {
			continue
		}
		for _, a := range pointActs {
			if a.act.String() == vertex.Act.String() {
				free[v], factor[v] = true, a.factor
			}
		}
		for _, i := range append(append([]int(nil), q.In(v)...), q.Out(v)...) {
			if as[i].Fixed || as[i].TiedTo != "" || tiedTo(as, as[i].Name) {
				free[v] = false
			}
		}
		if free[v] {
			extra[vertex.Name] = 1 + rng.IntN(5)
		}
	}
	p := planted{base: w}
	wide, err := q.Derive(func(v quiver.Vertex) quiver.Vertex { v.Dim += extra[v.Name]; return v }, nil)
	require.NoError(t, err)
	p.wide = quiver.Zero(wide)
	for i, a := range as {
		if !a.Fixed && a.TiedTo == "" && a.Rows*a.Cols > 0 {
			p.wide.Matrix(i).(*mat.Dense).Slice(0, a.Rows, 0, a.Cols).(*mat.Dense).Copy(w.Matrix(i))
		}
	}
	for v := range vs {
		copy(p.wide.ParamsAt(v), w.ParamsAt(v))
	}
	twins := make([][]pair, len(vs))
	at := func(i int) *mat.Dense { return p.wide.Matrix(i).(*mat.Dense) }
	for v, vertex := range vs {
		if !free[v] {
			continue
		}
		for j := vertex.Dim; j < vertex.Dim+extra[vertex.Name]; j++ {
			p.units++
			kind := rng.IntN(5)
			column := func(f func(arrow, row int) float64) {
				for _, o := range q.Out(v) {
					for r := range as[o].Rows {
						at(o).Set(r, j, f(o, r))
					}
				}
			}
			switch kind {
			case 0: // nobody looks
				for _, i := range q.In(v) {
					for k := range wide.Arrows()[i].Cols {
						at(i).Set(j, k, rng.NormFloat64())
					}
				}
			case 1, 2: // a constant
				z := 0.0
				for _, i := range q.In(v) {
					if kind == 1 && vs[as[i].Source].Kind == quiver.KindBias {
						at(i).Set(j, 0, rng.NormFloat64())
						z += at(i).At(j, 0)
					}
				}
				c := []float64{z}
				vertex.Act.Apply(c, c)
				column(func(o, r int) float64 {
					x := 0.1 * rng.NormFloat64()
					for _, b := range q.In(as[o].Target) {
						if vs[as[b].Source].Kind == quiver.KindBias && !as[b].Fixed && as[b].TiedTo == "" && !tiedTo(as, as[b].Name) {
							at(b).Set(r, 0, at(b).At(r, 0)-x*c[0])
							return x
						}
					}
					if vs[as[o].Target].Kind == quiver.KindHidden && !free[as[o].Target] {
						return 0 // a bias would add to the directions that reach a radial vertex
					}
					return 0.1 * x
				})
			default: // a twin of any unit before it that is not planted, or is a twin
				i, phi := rng.IntN(vertex.Dim), 1.0
				c, f := factor[v](rng)
				root := i
				if n := len(twins[v]); n > 0 && kind == 4 {
					o := twins[v][rng.IntN(n)]
					i, root, phi = o.b, o.a, o.phi
				}
				for _, n := range q.In(v) {
					for k := range wide.Arrows()[n].Cols {
						at(n).Set(j, k, c*at(n).At(i, k))
					}
				}
				f *= phi
				twins[v] = append(twins[v], pair{root, j, f})
				p.merging += redistribute(q, v, j, twins, at, rng)
				column(func(o, r int) float64 {
					x := rng.NormFloat64()
					at(o).Set(r, root, at(o).At(r, root)-f*x)
					return x
				})
			}
		}
	}
	return p
}

// redistribute moves weight between the twins that reach unit j of v, so that its row is what
// it was only when they are merged.
func redistribute(q *quiver.Quiver, v, j int, twins [][]pair, at func(int) *mat.Dense, rng *rand.Rand) int {
	moved := 0
	for _, n := range q.In(v) {
		for _, p := range twins[q.Arrows()[n].Source] {
			x := rng.NormFloat64()
			at(n).Set(j, p.b, at(n).At(j, p.b)-x)
			at(n).Set(j, p.a, at(n).At(j, p.a)+p.phi*x)
			moved = 1
		}
	}
	return moved
}

func tiedTo(as []quiver.Arrow, name string) bool {
	for _, a := range as {
		if a.TiedTo == name {
			return true
		}
	}
	return false
}

// lively says why a network may have redundant units, or returns "": each unit is seen on both
// sides of 0, is on a way to an output, and is not proportional to another one of its vertex.
func lively(in quivertest.Instance) string {
	q := in.Rep.Quiver()
	f, err := in.Rep.Features(in.Inputs...)
	if err != nil {
		return err.Error()
	}
	for v, vertex := range q.Vertices() {
		if vertex.Kind != quiver.KindHidden || vertex.Dim == 0 {
			continue
		}
		if len(q.In(v)) == 0 || len(q.Out(v)) == 0 {
			return vertex.Name + " is not on a way"
		}
		z := mat.NewDense(quivertest.Rows, vertex.Dim, nil)
		for _, i := range q.In(v) {
			if a := q.Arrows()[i]; a.Rows*a.Cols > 0 {
				var p mat.Dense
				p.Mul(f[a.From], in.Rep.Matrix(i).T())
				z.Add(z, &p)
			}
		}
		for j := range vertex.Dim {
			col := mat.Col(nil, j, z)
			var low, high float64
			for _, x := range col {
				low, high = min(low, x), max(high, x)
			}
			if low == 0 || high == 0 {
				return fmt.Sprintf("unit %d of %s is on one side", j, vertex.Name)
			}
			for i := range j {
				a, b := f[vertex.Name].ColView(i), f[vertex.Name].ColView(j)
				if mat.Dot(a, b)*mat.Dot(a, b) > (1-1e-9)*mat.Dot(a, a)*mat.Dot(b, b) {
					return fmt.Sprintf("units %d and %d of %s are proportional", i, j, vertex.Name)
				}
			}
		}
	}
	return ""
}
