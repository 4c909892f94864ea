package layers

import (
	"hash/fnv"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// allFuncs is the catalogue, with constants.
func allFuncs() []Func {
	return append(Catalogue(), Shift(ReLU, 0.5), Shift(ReLU, -0.5), Shift(Sigmoid, 1.5), Shift(Tanh, -0.25), Shift(GELU, 0.3), Shift(Sin, 1), Shift(StepReLU, -0.4),
		LeakyReLU(0.1), LeakyReLU(-3), Power(1), Power(3), Power(0.5), Power(2.5), Power(-1), Power(0), Shift(Power(3), -1))
}

// radials are radial activations of every kind.
func radials() []quiver.Activation {
	var as []quiver.Activation
	for _, h := range allFuncs() {
		as = append(as, Radial(h))
	}
	return append(as, RMSNorm(8, 1e-5), RMSNorm(64, 0), RMSNorm(3, 0.5), DeadZone(Radial(Sigmoid), 0.2), DeadZone(Radial(Tanh), 0), DeadZone(quiver.Identity, 0.1),
		Trainable(Tanh, 0, 1), Trainable(Sigmoid, 0.3, -1.5), Trainable(Squash, -0.2, 2))
}

// everything is every kind of activation that acts on dimension n ≥ 2.
func everything(n int) []quiver.Activation {
	as := append(radials(), quiver.Identity, Blocks(Tanh, 1, n-1), Blocks(Sigmoid, n), Gain(Radial(Tanh), false), Gain(RMSNorm(n, 1e-3), true),
		Rescaling("onenorm", OneNorm{}), quadratic3(n), Quadratic(Sigmoid, nil, ramp(n), 0.3))
	for _, h := range allFuncs() {
		as = append(as, Pointwise(h))
	}
	return as
}

func quadratic3(n int) quiver.Activation {
	m := mat.NewDense(n, n, nil)
	m.Apply(func(i, j int, _ float64) float64 { return math.Sin(float64(1 + i + 2*j)) }, m)
	return Quadratic(Tanh, m, ramp(n), -0.2)
}

func ramp(n int) []float64 {
	a := make([]float64, n)
	for i := range a {
		a[i] = 0.5 - 0.3*float64(i)
	}
	return a
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 17)) }

// randOf is a random stream for one case of a test.
func randOf(name string, i int) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name))
	return rand.New(rand.NewPCG(h.Sum64(), uint64(i)))
}

func gaussian(rng *rand.Rand, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = rng.NormFloat64()
	}
	return v
}

// ofNorm returns a random vector of norm r.
func ofNorm(rng *rand.Rand, n int, r float64) []float64 {
	v := gaussian(rng, n)
	s := r / norm(v)
	for i := range v {
		v[i] *= s
	}
	return v
}

// frame returns n×k random orthonormal columns.
func frame(rng *rand.Rand, n, k int) *mat.Dense {
	var qr mat.QR
	qr.Factorize(mat.NewDense(n, n, gaussian(rng, n*n)))
	var q mat.Dense
	qr.QTo(&q)
	return mat.DenseCopyOf(q.Slice(0, n, 0, k))
}

func times2(m mat.Matrix, v []float64) []float64 {
	r, _ := m.Dims()
	out := mat.NewVecDense(r, nil)
	out.MulVec(m, mat.NewVecDense(len(v), v))
	return out.RawVector().Data
}

func apply(a quiver.Activation, z []float64) []float64 {
	y := make([]float64, len(z))
	for i := range y {
		y[i] = math.NaN() // every entry must be written
	}
	a.Apply(y, z)
	return y
}

func vjp(a quiver.Activation, z, g []float64) []float64 {
	y := make([]float64, len(z))
	for i := range y {
		y[i] = math.NaN()
	}
	a.VJP(y, z, g)
	return y
}

// relative is max|a−b|/max|a|, 0/0 = 0.
func relative(a, b []float64) float64 {
	var d, m float64
	for i := range a {
		if x := math.Abs(a[i] - b[i]); x > d || math.IsNaN(x) {
			d = x
		}
		m = max(m, math.Abs(a[i]))
	}
	if d == 0 {
		return 0
	}
	return d / m
}

// breaks lists the radii at which a is not smooth.
func breaks(a quiver.Activation) []float64 {
	switch a := a.(type) {
	case *radial:
		at, jump := a.h.Extrema()
		return append(at, jump...)
	case *deadZone:
		return append(breaks(a.in), a.tau)
	case *trainable:
		at, jump := Shift(a.start.h, -a.start.beta).Extrema()
		return append(at, jump...)
	}
	return nil
}

func nearBreak(a quiver.Activation, r float64) bool {
	for _, b := range breaks(a) {
		if b > 0 && math.Abs(r-b) < 1e-3 {
			return true
		}
	}
	return false
}
