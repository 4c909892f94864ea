package verify

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/builtin"
	"github.com/quivernet/quivernet/internal/interpreter"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
)

// lossGraph is one loss term by itself, in double precision: its output is an input.
type lossGraph struct {
	*interpreter.Evaluation[float64]
	y, t, c, value, at *gorgonia.Node
	dy                 *mat.Dense // the gradient at the reference output
}

func newLossGraph(p *model.Model, i, rows, width int) (*lossGraph, error) {
	l := p.Losses[i]
	e := model.NewExpression(p, rows, model.Dtype(false))
	g := &lossGraph{}
	in := func(name string, r, c int) (n *gorgonia.Node, err error) { return e.Input(name, r, c) }
	var err error
	if g.y, err = op.Input(e.Graph, e.Dtype, l.Output, rows, p.Vertices[p.LossAt[i]].Dim); err != nil {
		return nil, err
	}
	if g.t, err = in(fmt.Sprintf("t%d[%s]", i+1, l.Output), rows, width); err != nil {
		return nil, err
	}
	if g.c, err = in(fmt.Sprintf("c%d[%s]", i+1, l.Output), 1, 1); err != nil {
		return nil, err
	}
	if e.Unit, err = in(model.UnitName, 1, 1); err != nil {
		return nil, err
	}
	sum, err := l.Loss.Build(l.Output, g.y, g.t)
	if err != nil {
		return nil, err
	}
	if g.value, err = op.Scale(l.Output, "L", sum, g.c); err != nil {
		return nil, err
	}
	grads, err := builtin.Backprop(gorgonia.Nodes{g.value}, gorgonia.Nodes{e.Unit}, gorgonia.Nodes{g.y})
	if err != nil {
		return nil, err
	}
	wanted := gorgonia.Nodes{g.value}
	if g.at = grads[0]; g.at != nil {
		wanted = append(wanted, g.at)
	}
	if g.Evaluation, err = interpreter.Evaluate[float64](e, wanted); err != nil {
		return nil, err
	}
	g.Set(e.Unit, []float64{1})
	return g, nil
}

// eval returns the loss for outputs y and targets t, row-major.
func (g *lossGraph) eval(y, t []float64) (float64, error) {
	g.Set(g.y, y)
	g.Set(g.t, t)
	err := g.Run()
	return g.loss(), err
}

func (g *lossGraph) loss() float64 { return g.Value(g.value)[0] }

// losses compares every loss and its gradient at the outputs with their definitions, with
// differences, and where a custom loss disagrees, its operations one by one.
func (v *verifier) losses() error {
	var total float64
	room := v.rounding()
	moved := make([]float64, len(room.moved)) // the loss, each time
	for i, l := range v.Model.Losses {
		at := v.Model.LossAt[i]
		d := v.Model.Vertices[at].Dim
		y := join(v.ref.x[at])
		t, width := v.target(i)
		where := fmt.Sprintf("loss at output %q", l.Output)
		g, err := newLossGraph(v.Model, i, v.n, width)
		if err != nil {
			return err
		}
		v.loss = append(v.loss, g)
		share := l.Weight * l.Loss.Share(v.n, d)
		g.Set(g.c, []float64{share})
		value, err := g.eval(y, t)
		if err != nil {
			return err
		}
		g.dy = mat.NewDense(v.n, d, nil)
		if g.at != nil {
			g.dy = g.Matrix(g.at)
		}
		if !l.Loss.Custom {
			var want float64
			for s := range v.n {
				want += l.Loss.Value(y[s*d:(s+1)*d], t[s*d:(s+1)*d])
			}
			v.judge("loss: operation = definition", where, relative(value, share*want), 1e-10, fmt.Sprintf("the operation of %s is wrong", l.Loss.Name))
		}
		total += value
		ok, err := v.lossSlopes(i, where, g, y, t, width, share)
		if err != nil {
			return err
		}
		if !ok {
			v.lossOperations(where, g)
		}
		for k, r := range room.moved {
			value, err := g.eval(join(r.x[at]), t)
			if err != nil {
				return err
			}
			moved[k] += room.held(value)
		}
	}
	got, err := v.Loss(v.w, v.xs, v.ys)
	if err != nil {
		return err
	}
	diff := math.Abs(got - total)
	for _, m := range moved {
		diff = min(diff, max(0, math.Abs(got-total)-4*math.Abs(m-total)))
	}
	v.judge("loss: compiled = reference", "loss", relative(total+diff, total), v.tight, "the compiled loss differs from the loss of the reference outputs")
	return nil
}

// lossKinks marks the samples at which the derivative of a custom loss moves when the output
// moves by rounding; those of the library are smooth.
func (v *verifier) lossKinks(r *reference, out []bool, eps float64, rng *rand.Rand) error {
	for i, l := range v.Model.Losses {
		if !l.Loss.Custom {
			continue
		}
		at := v.Model.LossAt[i]
		y := join(r.x[at])
		t, width := v.target(i)
		g, err := newLossGraph(v.Model, i, v.n, width)
		if err != nil {
			return err
		}
		if g.at == nil {
			continue
		}
		g.Set(g.c, []float64{1})
		gradient := func(y []float64) (*mat.Dense, error) {
			_, err := g.eval(y, t)
			return g.Matrix(g.at), err
		}
		base, err := gradient(y)
		if err != nil {
			return err
		}
		step := eps * max(floats.Norm(y, math.Inf(1)), 1e-3)
		for range 4 {
			moved := append([]float64(nil), y...)
			for k := range moved {
				moved[k] += step * rng.NormFloat64()
			}
			d, err := gradient(moved)
			if err != nil {
				return err
			}
			for s := range out {
				row := base.RawRowView(s)
				out[s] = out[s] || floats.Distance(row, d.RawRowView(s), math.Inf(1)) > 1e5*step*(1+floats.Norm(row, math.Inf(1)))
			}
		}
	}
	return nil
}

func relative(a, b float64) float64 {
	if a == b {
		return 0
	}
	return math.Abs(a-b) / math.Abs(b)
}

func join(rows [][]float64) []float64 {
	var out []float64
	for _, r := range rows {
		out = append(out, r...)
	}
	return out
}

// target returns the targets of loss i, classes as distributions, and their width.
func (v *verifier) target(i int) (t []float64, width int) {
	d := v.Model.Vertices[v.Model.LossAt[i]].Dim
	_, width = v.ys[i].Dims()
	if v.Model.Losses[i].Loss.Labels && (width != d || d == 1) {
		t = make([]float64, v.n*d)
		interpreter.OneHot(t, v.ys[i], 0, v.n, d)
		return t, d
	}
	for s := range v.n {
		t = append(t, v.ys[i].RawRowView(s)...)
	}
	return t, width
}

// lossSlopes compares the gradient at the outputs with differences: of each sample's loss, or
// of the loss of the batch where it is coupled.
func (v *verifier) lossSlopes(i int, where string, g *lossGraph, y, t []float64, width int, share float64) (ok bool, err error) {
	l, d := v.Model.Losses[i].Loss, v.Model.Vertices[v.Model.LossAt[i]].Dim
	rng := rand.New(rand.NewPCG(uint64(i), 0x1055))
	u := make([]float64, len(y))
	for k := range u {
		u[k] = rng.NormFloat64()
	}
	size := floats.Norm(y, 2) / math.Sqrt(float64(len(y)))
	if size > 0 {
		floats.Scale(size, u)
	}
	rows, one := v.chosen(), g
	if l.Custom && !l.Coupled {
		if one, err = newLossGraph(v.Model, i, 1, width); err != nil {
			return false, err
		}
		one.Set(one.c, []float64{share})
	}
	var want []float64
	if l.Coupled {
		rows = rows[:1]
		want = []float64{floats.Dot(u, g.dy.RawMatrix().Data)}
	} else {
		for _, s := range rows {
			want = append(want, floats.Dot(u[s*d:(s+1)*d], g.dy.RawRowView(s)))
		}
	}
	floor, err := lossRounding(l, one, rows, y, t, d, width, share)
	if err != nil {
		return false, err
	}
	diff := differentiateAbove(floor, false, func(h float64) []float64 {
		out := make([]float64, len(rows))
		moved := append([]float64(nil), y...)
		floats.AddScaled(moved, h, u)
		for k, s := range rows {
			switch my := moved[s*d : (s+1)*d]; {
			case l.Coupled:
				out[k], err = g.eval(moved, t)
			case l.Custom:
				out[k], err = one.eval(my, t[s*width:(s+1)*width])
			default:
				out[k] = share * l.Value(my, t[s*d:(s+1)*d])
			}
		}
		return out
	})
	if err != nil {
		return false, err
	}
	before := len(v.Checks)
	v.settle("loss: gradient = differences", where, "the derivative of the loss is wrong", diff, want)
	if l.Coupled {
		_, err = g.eval(y, t)
	}
	return v.Checks[before].Status != Failed, err
}
