package symmetry_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/golden"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// catalogue returns every activation of the catalogue that has no constants, and
// some that have.
func catalogue() []quiver.Activation {
	as := []quiver.Activation{
		quiver.Identity, layers.RMSNorm(4, 1e-3), layers.RMSNorm(4, 0), layers.DeadZone(sigmoid, 1e-9),
		layers.Rescaling("onenorm", layers.OneNorm{}), layers.Blocks(layers.Tanh, 2, 1, 1), layers.Blocks(layers.Shift(layers.ReLU, 0.5), 2, 2),
		layers.Trainable(layers.Tanh, 0.2, 1.5),
	}
	fs := append(layers.Catalogue(), layers.LeakyReLU(0.1), layers.LeakyReLU(-0.5), layers.LeakyReLU(1), layers.LeakyReLU(-1),
		layers.Power(0), layers.Power(1), layers.Power(3), layers.Power(0.5), layers.Shift(layers.ReLU, 0.5), layers.Shift(layers.Power(1), 0.5),
		layers.Shift(layers.Unit, 0.5), layers.Shift(layers.Tanh, 0.5))
	for _, f := range fs {
		as = append(as, layers.Pointwise(f), layers.Radial(f))
	}
	return append(as, softmax{}, layerNorm{})
}

// softmax and layerNorm are activations of a user's that declare their group.
type softmax struct{}

func (softmax) String() string { return "softmax" }
func (softmax) Apply(dst, z []float64) {
	sum := 0.0
	for _, x := range z {
		sum += math.Exp(x)
	}
	for i, x := range z {
		dst[i] = math.Exp(x) / sum
	}
}
func (softmax) VJP(dst, z, g []float64)                       { panic("not used") }
func (softmax) Restrict(*mat.Dense) (quiver.Activation, bool) { return nil, false }
func (softmax) Group(int) symmetry.Group                      { return symmetry.SoftmaxGroup }

type layerNorm struct{}

func (layerNorm) String() string { return "layernorm" }
func (layerNorm) Apply(dst, z []float64) {
	mean, size := 0.0, 0.0
	for _, x := range z {
		mean += x / float64(len(z))
	}
	for _, x := range z {
		size += (x - mean) * (x - mean) / float64(len(z))
	}
	for i, x := range z {
		dst[i] = (x - mean) / math.Sqrt(size)
	}
}
func (layerNorm) VJP(dst, z, g []float64)                       { panic("not used") }
func (layerNorm) Restrict(*mat.Dense) (quiver.Activation, bool) { return nil, false }
func (layerNorm) Group(int) symmetry.Group                      { return symmetry.LayerNormGroup }

// intertwines returns max|σ(Ax) − Bσ(x)| / max|σ(Ax)| over random points. Points of a
// power with a fractional exponent are positive, where it has values.
func intertwines(act quiver.Activation, a, b mat.Matrix, points int) float64 {
	n, _ := a.Dims()
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	var diff, size float64
	for range points {
		x := make([]float64, n)
		for i := range x {
			x[i] = rng.NormFloat64()
			if act.String() == "pointwise(power(0.5))" {
				x[i] = math.Abs(x[i])
			}
		}
		var ax, bx mat.VecDense
		ax.MulVec(a, mat.NewVecDense(n, x))
		left, right := ax.RawVector().Data, make([]float64, n)
		act.Apply(left, left)
		act.Apply(right, x)
		bx.MulVec(b, mat.NewVecDense(n, right))
		for i, y := range left {
			diff = math.Max(diff, math.Abs(y-bx.AtVec(i)))
			size = math.Max(size, math.Abs(y))
		}
	}
	if diff == 0 {
		return 0
	}
	return diff / size
}

// TestTable: each row of the table on 1,000 points, with a random matrix as a control.
func TestTable(t *testing.T) {
	const n = 4
	for _, act := range catalogue() {
		g := symmetry.GroupOf(act, n)
		t.Run(act.String(), func(t *testing.T) {
			require.NotEqual(t, symmetry.Pinned, g.Kind)
			a, c := g.Random(n, rand.NewPCG(1, 2)), g.Random(n, rand.NewPCG(3, 4))
			require.NoError(t, g.Contains(a))
			b, d := must(g.Phi(a))(t), must(g.Phi(c))(t)
			assert.LessOrEqual(t, intertwines(act, a, b, 1000), 5e-12)
			// φ is a homomorphism.
			var ac, bd mat.Dense
			ac.Mul(a, c)
			bd.Mul(b, d)
			assert.LessOrEqual(t, relative(&bd, must(g.Phi(&ac))(t)), 1e-13*float64(1+len(g.String())))
			// A general matrix is in no other group, and is no symmetry.
			m := symmetry.Group{Kind: symmetry.GeneralLinear}.Random(n, rand.NewPCG(5, 6))
			if g.Kind == symmetry.GeneralLinear || g.Kind == symmetry.Anything {
				return
			}
			var bad *symmetry.MembershipError
			require.ErrorAs(t, g.Contains(m), &bad)
			if act.String() == "pointwise(power(0.5))" { // it has no values below 0
				m.Apply(func(_, _ int, x float64) float64 { return math.Abs(x) }, m)
			}
			assert.Greater(t, intertwines(act, m, m, 100), 1e-3)
		})
	}
}

// TestNextLarger: what the table leaves out is not in the group.
func TestNextLarger(t *testing.T) {
	const n = 3
	diag := func(x float64) *mat.Dense {
		m := eye(n)
		m.Set(1, 1, x)
		return m
	}
	for _, f := range append(layers.Catalogue(), layers.LeakyReLU(0.1), layers.Power(3), layers.Shift(layers.Abs, 0.5)) {
		act := layers.Pointwise(f)
		g := symmetry.GroupOf(act, n)
		for _, x := range []float64{-1, 2, -2, 0.5} {
			err := g.Contains(diag(x))
			best := math.Inf(1) // over all b: the ratio of the values decides
			for _, b := range candidates(f, x) {
				best = math.Min(best, intertwines(act, diag(x), diag(b), 200))
			}
			if err == nil {
				b := must(g.Phi(diag(x)))(t)
				assert.LessOrEqual(t, intertwines(act, diag(x), b, 200), 1e-13, "%s %v", f, x)
			} else {
				assert.Greater(t, best, 1e-3, "%s %v", f, x)
			}
		}
	}
}

// candidates returns h(xt)/h(t) at some points: b(x) is one of them, if it exists.
func candidates(f layers.Func, x float64) (bs []float64) {
	for _, t := range []float64{-1.3, -0.7, 0.4, 0.9, 1.7} {
		if b := f.Value(x*t) / f.Value(t); b != 0 && !math.IsNaN(b) && !math.IsInf(b, 0) {
			bs = append(bs, b)
		}
	}
	return bs
}

// TestTableText holds the table as a person reads it.
func TestTableText(t *testing.T) {
	var b []byte
	for _, act := range catalogue() {
		b = fmt.Appendf(b, "%-28s %s\n", act, symmetry.GroupOf(act, 4))
	}
	golden.Check(t, "groups.txt", string(b))
}

// TestDetect holds b(2) and b(−1) of the usual functions.
func TestDetect(t *testing.T) {
	hardtanh := func(x float64) float64 { return math.Max(-1, math.Min(1, x)) }
	for _, tc := range []struct {
		name   string
		f      func(float64) float64
		kind   symmetry.Kind
		degree float64
		parity int
	}{
		{"relu", layers.ReLU.Value, symmetry.PositiveMonomial, 1, 0},
		{"leaky", layers.LeakyReLU(0.1).Value, symmetry.PositiveMonomial, 1, 0},
		{"square", layers.Square.Value, symmetry.FullMonomial, 2, 1},
		{"squared relu", func(x float64) float64 { return math.Pow(math.Max(x, 0), 2) }, symmetry.PositiveMonomial, 2, 0},
		{"cube", func(x float64) float64 { return x * x * x }, symmetry.FullMonomial, 3, -1},
		{"sign", func(x float64) float64 { return math.Copysign(1, x) }, symmetry.FullMonomial, 0, -1},
		{"abs", math.Abs, symmetry.FullMonomial, 1, 1},
		{"root of abs", func(x float64) float64 { return math.Sqrt(math.Abs(x)) }, symmetry.FullMonomial, 0.5, 1},
		{"sigmoid", layers.Sigmoid.Value, symmetry.Permutations, 0, 0},
		{"gelu", layers.GELU.Value, symmetry.Permutations, 0, 0},
		{"silu", layers.SiLU.Value, symmetry.Permutations, 0, 0},
		{"elu", layers.ELU.Value, symmetry.Permutations, 0, 0},
		{"softplus", layers.Softplus.Value, symmetry.Permutations, 0, 0},
		{"exp", math.Exp, symmetry.Permutations, 0, 0},
		{"tanh", math.Tanh, symmetry.SignedPermutations, 0, -1},
		{"tanh by exp", func(x float64) float64 {
			if x > 20 || x < -20 {
				return math.Copysign(1, x)
			}
			return 2/(1+math.Exp(-2*x)) - 1
		}, symmetry.SignedPermutations, 0, -1},
		{"sin", math.Sin, symmetry.SignedPermutations, 0, -1},
		{"softsign", func(x float64) float64 { return x / (1 + math.Abs(x)) }, symmetry.SignedPermutations, 0, -1},
		{"hardtanh", hardtanh, symmetry.SignedPermutations, 0, -1},
		{"hardtanh of 100", func(x float64) float64 { return 100 * hardtanh(x/100) }, symmetry.SignedPermutations, 0, -1},
		{"erf", math.Erf, symmetry.SignedPermutations, 0, -1},
		{"cos", math.Cos, symmetry.SignedPermutations, 0, 1},
		{"rbf", func(x float64) float64 { return math.Exp(-x * x / 2) }, symmetry.SignedPermutations, 0, 1},
		{"identity", func(x float64) float64 { return x }, symmetry.GeneralLinear, 0, 0},
		{"triple", func(x float64) float64 { return -3 * x }, symmetry.GeneralLinear, 0, 0},
		{"affine", func(x float64) float64 { return 0.3*x - 2 }, symmetry.UnitRowSum, 0, 0},
		{"constant", func(x float64) float64 { return -2 }, symmetry.Anything, 0, 0},
		{"zero", func(x float64) float64 { return 0 }, symmetry.Anything, 0, 0},
		{"log of abs", func(x float64) float64 { return math.Log(math.Abs(x)) }, symmetry.SignedPermutations, 0, 1},
		{"reciprocal", func(x float64) float64 { return 1 / x }, symmetry.FullMonomial, -1, -1},
		{"tan", math.Tan, symmetry.SignedPermutations, 0, -1},
		{"relu with a step far out", func(x float64) float64 {
			if x > 1e5 {
				return 2 * x
			}
			return math.Max(x, 0)
		}, symmetry.Permutations, 0, 0},
		{"tiny relu", func(x float64) float64 { return 1e-200 * math.Max(x, 0) }, symmetry.PositiveMonomial, 1, 0},
	} {
		g := must(symmetry.DetectGroup(tc.f, 0))(t)
		assert.InDelta(t, tc.degree, g.Degree, 1e-12, tc.name)
		g.Degree = tc.degree
		assert.Equal(t, symmetry.Group{Kind: tc.kind, Degree: tc.degree, Parity: tc.parity, Origin: symmetry.Detected}, g, tc.name)
	}
	// Detection agrees with the table.
	for _, f := range layers.Catalogue() {
		want := symmetry.GroupOf(layers.Pointwise(f), 3)
		require.Equal(t, symmetry.Table, want.Origin)
		want.Origin = symmetry.Detected
		assert.Equal(t, want, must(symmetry.DetectGroup(f.Value, 0))(t), f.String())
	}
	// A user's pointwise activation is sampled; one that has no value somewhere is pinned.
	assert.Equal(t, symmetry.Detected, symmetry.GroupOf(custom{layers.Pointwise(layers.Abs)}, 3).Origin)
	assert.Equal(t, symmetry.FullMonomial, symmetry.GroupOf(custom{layers.Pointwise(layers.Abs)}, 3).Kind)
	assert.Equal(t, symmetry.Pinned, symmetry.GroupOf(custom{layers.Pointwise(layers.Power(0.5))}, 3).Kind)
	assert.Equal(t, symmetry.Pinned, symmetry.GroupOf(layers.Gain(tanh, false), 3).Kind)
}

// custom hides that an activation is of the catalogue.
type custom struct{ in quiver.Activation }

func (c custom) String() string                                  { return "custom" }
func (c custom) Apply(dst, z []float64)                          { c.in.Apply(dst, z) }
func (c custom) VJP(dst, z, g []float64)                         { c.in.VJP(dst, z, g) }
func (c custom) Restrict(b *mat.Dense) (quiver.Activation, bool) { return c.in.Restrict(b) }
func (c custom) PointJet(k int, x float64) float64               { return c.in.(quiver.PointJet).PointJet(k, x) }

// TestPhiByIdentity: where σ(I) is invertible, φ from the table is σ(A)σ(I)⁻¹.
func TestPhiByIdentity(t *testing.T) {
	checked, refused := 0, 0
	for _, f := range append(layers.Catalogue(), layers.LeakyReLU(0.1), layers.Power(3)) {
		g := symmetry.GroupOf(layers.Pointwise(f), 4)
		a := g.Random(4, rand.NewPCG(7, 8))
		b, err := symmetry.PhiByIdentity(f.Value, a)
		if err != nil {
			var s *symmetry.SingularError
			require.ErrorAs(t, err, &s, f.String())
			assert.Equal(t, layers.Unit, f, "σ(I) of it is all ones, and of no other")
			refused++
			continue
		}
		checked++
		assert.LessOrEqual(t, relative(must(g.Phi(a))(t), b), 5e-12, f.String())
		assert.Greater(t, relative(must(g.Phi(g.Random(4, rand.NewPCG(9, 8))))(t), b), 1e-3, f.String())
	}
	assert.Equal(t, 1, refused)
	assert.Equal(t, len(layers.Catalogue())+1, checked)
}

// TestMonomial: products, inverses and the action agree with dense matrices.
func TestMonomial(t *testing.T) {
	g := symmetry.GroupOf(layers.Pointwise(layers.Abs), 5)
	a, b := g.RandomMonomial(5, rand.NewPCG(1, 1)), g.RandomMonomial(5, rand.NewPCG(2, 1))
	var p mat.Dense
	p.Mul(a.Dense(), b.Dense())
	assert.True(t, mat.Equal(&p, a.Mul(b).Dense()))
	p.Mul(a.Dense(), a.Inverse().Dense())
	assert.LessOrEqual(t, relative(eye(5), &p), 1e-15)
	h := inputs(mlp(t, tanh, 5, 1), 7, 1)[0]
	p.Reset()
	p.Mul(h, a.Dense().T())
	assert.True(t, mat.Equal(&p, must(a.Features(h))(t)))
	back := must(symmetry.MonomialOf(a.Dense()))(t)
	assert.Equal(t, a, back)
	var k mat.Dense
	k.Kronecker(a.Dense(), eye(3))
	assert.True(t, mat.Equal(&k, a.Spread(3).Dense()))
	phi := must(g.PhiMonomial(a))(t)
	assert.True(t, mat.Equal(must(g.Phi(a.Dense()))(t), phi.Dense()))
	assert.True(t, symmetry.Monomial{}.Dense().IsEmpty())
}

// TestDetectNothing: a nil function is an error like any other bad one.
func TestDetectNothing(t *testing.T) {
	_, err := symmetry.DetectGroup(nil, 0)
	var de *symmetry.DetectionError
	assert.ErrorAs(t, err, &de)
	assert.NotContains(t, err.Error(), "NaN")
}
