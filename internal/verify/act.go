package verify

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"

	"github.com/quivernet/quivernet/internal/batch"
	"github.com/quivernet/quivernet/internal/fault"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/quiver"
)

// leaveOut drops the samples at which the value or the derivative of some activation, or the
// derivative of a loss, moves when its argument moves by rounding: there nothing needs to agree.
func (v *verifier) leaveOut() error {
	r, err := newReference(v.w, v.xs, v.n)
	if err != nil {
		return &fault.RepError{Reason: "the reference evaluator refuses", Err: err}
	}
	eps := 1e-12
	if v.Model.Dtype == model.Dtype(true) {
		eps = 1e-5
	}
	rng := rand.New(rand.NewPCG(1, 0x1eaf))
	out := make([]bool, v.n)
	for i := range r.vs {
		if !r.active(i) {
			continue
		}
		if len(r.z[i]) > 0 && r.moody(i, r.z[i][0]) {
			v.add(Check{Law: "one argument, one value", Where: vertexName(r.vs[i].Name), Status: Failed, Gap: math.Inf(1),
				Note: fmt.Sprintf("%s gives another value at each call; an activation is a function of z and its parameters", r.vs[i].Act)})
		}
		var scale float64
		for _, z := range r.z[i] {
			scale = max(scale, floats.Norm(z, 2))
		}
		for s, z := range r.z[i] {
			out[s] = out[s] || r.abrupt(i, z, eps*max(scale, 1e-3), rng)
		}
	}
	if err := v.lossKinks(r, out, eps, rng); err != nil {
		return err
	}
	var keep []int
	for s, o := range out {
		if !o {
			keep = append(keep, s)
		}
	}
	if v.Left = v.n - len(keep); v.Left > 0 {
		v.xs, v.ys = batch.Pick(v.xs, keep), batch.Pick(v.ys, keep)
		v.n = len(keep)
	}
	if v.n == 0 {
		return nil
	}
	v.ref, err = newReference(v.w, v.xs, v.n)
	return err
}

// moody says whether the activation gives two values for one argument.
func (r *reference) moody(v int, z []float64) bool {
	a, b := make([]float64, len(z)), make([]float64, len(z))
	r.act(v, a, z)
	r.act(v, b, z)
	return !floats.Same(a, b)
}

// abrupt says whether ρ or Dρᵀg changes by much more than z does, in four directions.
func (r *reference) abrupt(v int, z []float64, step float64, rng *rand.Rand) bool {
	n := len(z)
	at := func(z, g []float64) []float64 {
		both := make([]float64, 2*n)
		r.act(v, both[:n], z)
		r.vjp(v, both[n:], make([]float64, len(r.w.ParamsAt(v))), z, g)
		return both
	}
	g := make([]float64, n)
	for i := range g {
		g[i] = rng.NormFloat64()
	}
	base := at(z, g)
	for k := range 4 {
		move := make([]float64, n)
		for i := range move {
			move[i] = rng.NormFloat64()
			if k < 2 {
				move[i] = z[i]
			}
		}
		if size := floats.Norm(move, 2); size > 0 {
			floats.Scale(step/size*float64(1-k%2*2), move)
		}
		floats.Add(move, z)
		moved := at(move, g)
		if floats.Distance(base, moved, math.Inf(1)) > 1e5*step*(1+floats.Norm(base, math.Inf(1))) {
			return true
		}
	}
	return false
}

// chosen returns up to verifySamples samples, spread evenly.
func (v *verifier) chosen() []int {
	k := min(v.n, verifySamples)
	s := make([]int, k)
	for i := range s {
		s[i] = i * v.n / k
	}
	return s
}

// activations compares each activation with differences of itself and with its claims.
func (v *verifier) activations() error {
	for i, vertex := range v.ref.vs {
		if !v.ref.active(i) || vertex.Act == quiver.Identity {
			continue
		}
		a := &actCheck{v, v.ref, i, vertex.Act, vertexName(vertex.Name), rand.New(rand.NewPCG(uint64(i), 0xac7)), nil}
		for _, s := range v.chosen() {
			a.z = append(a.z, v.ref.z[i][s])
		}
		a.all()
	}
	return nil
}

// actCheck looks at the activation of one vertex at the pre-activations that occur there.
type actCheck struct {
	*verifier
	r     *reference
	v     int
	act   quiver.Activation
	where string
	rng   *rand.Rand
	z     [][]float64
}

// all makes every check that applies; a panic of the activation is a failed one.
func (a *actCheck) all() {
	defer func() {
		if p := recover(); p != nil {
			a.add(Check{Law: "activation", Where: a.where, Status: Failed, Gap: math.Inf(1), Note: fmt.Sprintf("%s panics: %v", a.act, p)})
		}
	}()
	a.vjp()
	a.params()
	a.radial()
	a.pointwise()
	a.second()
	a.lipschitz()
}

func (a *actCheck) random(n int) []float64 {
	u := make([]float64, n)
	for i := range u {
		u[i] = a.rng.NormFloat64()
	}
	return u
}

// along compares exact derivatives, one per sample, with differences of f, which
// gets the sample's number and z + t·|z|·u for a random direction u.
func (a *actCheck) along(law, note string, exact func(s int, z, u []float64) float64, f func(s int, z []float64) float64) {
	n := len(a.z)
	us := make([][]float64, n)
	want := make([]float64, n)
	for s, z := range a.z {
		us[s] = a.random(len(z))
		if size := floats.Norm(z, 2); size > 0 {
			floats.Scale(size/floats.Norm(us[s], 2), us[s])
		}
		want[s] = exact(s, z, us[s])
	}
	d := differentiate(func(t float64) []float64 {
		out := make([]float64, n)
		for s, z := range a.z {
			moved := append([]float64(nil), z...)
			floats.AddScaled(moved, t, us[s])
			out[s] = f(s, moved)
		}
		return out
	})
	a.settle(law, note, d, want)
}

// settle judges a comparison with differences, or says that too little could be decided.
func (a *actCheck) settle(law, note string, d differences, want []float64) {
	a.verifier.settle(law, a.where, note, d, want)
}

func (v *verifier) settle(law, where, note string, d differences, want []float64) {
	gap, decided := d.compare(want)
	if 2*decided < len(want) && !(gap > 1e-5) {
		v.undecided(law, where, fmt.Sprintf("only %d of %d samples are smooth enough for differences", decided, len(want)))
		return
	}
	v.judge(law, where, gap, 1e-5, note)
}

// vjp: ⟨g, Dρ(z)u⟩ is the derivative of ⟨g, ρ(z+tu)⟩.
func (a *actCheck) vjp() {
	gs := make([][]float64, len(a.z))
	for s, z := range a.z {
		gs[s] = a.random(len(z))
	}
	a.along("VJP = differences of Apply", fmt.Sprintf("VJP of %s is not the transposed derivative of its Apply", a.act),
		func(s int, z, u []float64) float64 {
			d := append([]float64(nil), gs[s]...)
			a.r.vjp(a.v, d, make([]float64, len(a.w.ParamsAt(a.v))), z, d)
			return floats.Dot(d, u)
		},
		func(s int, z []float64) float64 {
			x := make([]float64, len(z))
			a.r.act(a.v, x, z)
			return floats.Dot(gs[s], x)
		})
}

// params: the same in the parameters.
func (a *actCheck) params() {
	par, ok := a.act.(quiver.Parametric)
	p := a.w.ParamsAt(a.v)
	if !ok || len(p) == 0 {
		return
	}
	dir := a.random(len(p))
	var want []float64
	var gs [][]float64
	for s, z := range a.z {
		gs = append(gs, a.random(len(z)))
		dp := make([]float64, len(p))
		par.VJPP(make([]float64, len(z)), dp, z, gs[s], p)
		want = append(want, floats.Dot(dp, dir))
	}
	d := differentiate(func(t float64) []float64 {
		q := append([]float64(nil), p...)
		floats.AddScaled(q, t, dir)
		var out []float64
		for s, z := range a.z {
			x := make([]float64, len(z))
			par.ApplyP(x, z, q)
			out = append(out, floats.Dot(gs[s], x))
		}
		return out
	})
	a.settle("VJPP = differences of ApplyP", fmt.Sprintf("the gradient that %s gives for its parameters is wrong", a.act), d, want)
}
