package optim_test

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// after changes the weights by a method and projects them, but not its memory.
type after struct {
	m optim.Method
	p optim.Projector
}

func (a after) Step(w, grad *quiver.Rep) error {
	if err := a.m.Step(w, grad); err != nil {
		return err
	}
	return a.p.Project(w)
}

// masked is Projected without its checks.
type masked struct {
	m optim.Method
	p optim.Projector
}

func (a masked) Step(w, grad *quiver.Rep) error {
	g := grad.Clone()
	if err := a.p.Project(g); err != nil {
		return err
	}
	return a.m.Step(w, g)
}

// clipFirst shortens the gradient before it is masked.
type clipFirst struct {
	m     optim.Method
	limit float64
}

func (a clipFirst) Step(w, grad *quiver.Rep) error {
	g := grad.Clone()
	if n := g.Norm(); n > a.limit {
		g.Scale(a.limit / n)
	}
	return a.m.Step(w, g)
}

// one is (F(½) − 1)² on a single sample.
type one struct{}

func (one) LossGrad(grad, w *quiver.Rep) (float64, error) {
	x := mat.NewDense(1, 1, []float64{0.5})
	f, err := w.Eval(x)
	if err != nil {
		return 0, err
	}
	d := f[0].At(0, 0) - 1
	g, _, err := w.VJP([]*mat.Dense{x}, []*mat.Dense{mat.NewDense(1, 1, []float64{2 * d})})
	if err != nil {
		return 0, err
	}
	grad.CopyFrom(g)
	return d * d, nil
}

// lars divides by the length of each gradient and multiplies by that of the weights.
type lars struct{}

func (lars) Step(w, grad *quiver.Rep) error {
	for name, m := range w.All() {
		g := grad.Arrow(name)
		if n := mat.Norm(g, 2); n > 0 {
			g.Scale(-0.01*mat.Norm(m, 2)/n, g)
			m.Add(m, g)
		}
	}
	return nil
}

func (lars) Traits() optim.Traits {
	return optim.Traits{Rotates: true, Pads: true, Global: true, Weights: true}
}

// polar steps along the orthogonal factor of each gradient, which it computes in turned
// coordinates: where the gradient has not full rank, the factor depends on such things.
type polar struct{}

func (polar) Step(w, grad *quiver.Rep) error {
	for name, m := range w.All() {
		r, c := m.Dims()
		left, right := turn(r), turn(c)
		var svd mat.SVD
		var g, u, v, o mat.Dense
		g.Product(left, grad.Arrow(name), right)
		svd.Factorize(&g, mat.SVDThin)
		svd.UTo(&u)
		svd.VTo(&v)
		o.Product(left.T(), &u, v.T(), right.T())
		o.Scale(-0.02, &o)
		m.Add(m, &o)
	}
	return nil
}

// turn is an orthogonal n×n matrix.
func turn(n int) *mat.Dense {
	m := mat.NewDense(n, n, nil)
	m.Apply(func(i, j int, _ float64) float64 { return math.Sin(float64(1 + i + 3*j + i*j*j)) }, m)
	var qr mat.QR
	qr.Factorize(m)
	var q mat.Dense
	qr.QTo(&q)
	return &q
}

func (polar) Traits() optim.Traits { return optim.Traits{Rotates: true, Global: true} }

// turned projects in the original frame: rotate, mask, rotate back.
type turned struct {
	p    optim.Projector
	g, h symmetry.Element
}

func (o turned) Project(g *quiver.Rep) error {
	r, err := symmetry.Act(o.h, g)
	if err != nil {
		return err
	}
	if err := o.p.Project(r); err != nil {
		return err
	}
	back, err := symmetry.Act(o.g, r)
	if err != nil {
		return err
	}
	g.CopyFrom(back)
	return nil
}
