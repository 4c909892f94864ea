package graph

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/batch"
	"github.com/quivernet/quivernet/internal/interpreter"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/quiver"
)

// A custom loss that is not marked as Coupled is cut into chunks, so its sum over a batch must be that over any two parts of
// the batch, in any order. That is tried: on random outputs of several sizes when a program is compiled, and on outputs and targets of the first
// batch.

// sums evaluates the sum of a custom loss over batches of any size, with one graph for each.
type sums[T op.Float] struct {
	p     *model.Model
	i     int // which loss
	width int // of the targets
	of    map[int]*sumGraph[T]
}

type sumGraph[T op.Float] struct {
	*interpreter.Evaluation[T]
	y, t, sum *gorgonia.Node
}

// graph returns the graph for n samples, nil where the loss does not serve that size.
func (s *sums[T]) graph(n int) *sumGraph[T] {
	if g, ok := s.of[n]; ok {
		return g
	}
	s.of[n] = nil
	l := s.p.Losses[s.i]
	e := model.NewExpression(s.p, n, s.p.Dtype)
	g := &sumGraph[T]{}
	var err error
	if g.y, err = op.Input(e.Graph, e.Dtype, l.Output, n, s.p.Vertices[s.p.LossAt[s.i]].Dim); err != nil {
		return nil
	}
	if g.t, err = e.Input(fmt.Sprintf("t%d[%s]", s.i+1, l.Output), n, s.width); err != nil {
		return nil
	}
	if g.sum, err = l.Loss.Build(l.Output, g.y, g.t); err != nil {
		return nil
	}
	if g.Evaluation, err = interpreter.Evaluate[T](e, gorgonia.Nodes{g.sum}); err != nil {
		return nil
	}
	s.of[n] = g
	return g
}

// at returns the sum over some rows of y and t, NaN where it cannot be computed.
func (s *sums[T]) at(y, t *mat.Dense, rows []int) float64 {
	g := s.graph(len(rows))
	if g == nil {
		return math.NaN()
	}
	var ys, ts []float64
	for _, r := range rows {
		ys, ts = append(ys, y.RawRowView(r)...), append(ts, t.RawRowView(r)...)
	}
	g.Set(g.y, ys)
	g.Set(g.t, ts)
	if err := g.Run(); err != nil {
		return math.NaN()
	}
	return float64(g.Value(g.sum)[0])
}

// couples compares the sum over all rows with the sums over parts, and with that over the rows in another order.
func (s *sums[T]) couples(y, t *mat.Dense, rng *rand.Rand) error {
	n, _ := y.Dims()
	order := rng.Perm(n)
	tol := 1e-9
	if s.p.Dtype == model.Dtype(true) {
		tol = 1e-4
	}
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	whole := s.at(y, t, all)
	size := math.Abs(whole)
	var single float64
	for i := range min(n, 6) {
		if v := math.Abs(s.at(y, t, all[i:i+1])); v == v {
			single += v
		}
	}
	size = max(size, single, 1e-6*mat.Max(y), -1e-6*mat.Min(y)) // what rounding of the outputs may do is no coupling
	if again := s.at(y, t, all); math.Abs(again-whole) > tol*size {
		return fmt.Errorf("it gives %v and then %v for the same outputs and targets; a loss is a function of them", whole, again)
	}
	if shuffled := s.at(y, t, order); math.Abs(shuffled-whole) > tol*size {
		return fmt.Errorf("its sum over %d samples is %v, and %v when they come in another order", n, whole, shuffled)
	}
	for _, cut := range []int{n / 2, 1, n / 3} {
		if cut < 1 || cut >= n {
			continue
		}
		a, b := s.at(y, t, order[:cut]), s.at(y, t, order[cut:])
		if math.Abs(a+b-whole) > tol*max(size, math.Abs(a)+math.Abs(b)) {
			return fmt.Errorf("its sum over %d samples is %v, and %v over %d of them and the other %d apart", n, whole, a+b, cut, n-cut)
		}
	}
	return nil
}

func coupledError(p *model.Model, i int, why error) error {
	return &LossError{Output: p.Losses[i].Output, Reason: fmt.Sprintf("the custom loss of a sample depends on the others of its batch: %v; say so with graph.Coupled(graph.Custom(f)), so that the batch is not cut", why)}
}

// findCoupling tries every custom loss that is not marked on random outputs and targets.
func (p *Program) findCoupling() error {
	if p.model.Dtype == model.Dtype(true) {
		return findCoupling[float32](p.model)
	}
	return findCoupling[float64](p.model)
}

func findCoupling[T op.Float](p *model.Model) error {
	const samples = 6
	for i, l := range p.Losses {
		if !l.Loss.Custom || l.Loss.Coupled {
			continue
		}
		d := p.Vertices[p.LossAt[i]].Dim
		width := p.TargetWidths(nil)[i]
		s := &sums[T]{p: p, i: i, width: width, of: make(map[int]*sumGraph[T])}
		rng := rand.New(rand.NewPCG(uint64(i), 0xc0771e))
		for k, scale := range []float64{1, 0.1, 10, 1, 100, 1, 3, 0.01} {
			y, t := mat.NewDense(samples, d, nil), mat.NewDense(samples, width, nil)
			y.Apply(func(int, int, float64) float64 { return scale * (rng.NormFloat64() + float64(k%3-1)) }, y)
			t.Apply(func(_, _ int, _ float64) float64 {
				switch k % 4 {
				case 0:
					return rng.NormFloat64()
				case 1:
					return rng.Float64()
				case 2:
					return scale * rng.NormFloat64()
				}
				return float64(rng.IntN(2))
			}, t)
			if k%4 == 1 { // a loss of logarithms
				y.Apply(func(_, _ int, v float64) float64 { return math.Abs(v) }, y)
			}
			if err := s.couples(y, t, rng); err != nil {
				return coupledError(p, i, err)
			}
		}
	}
	return nil
}

// coupledRows is how many samples of a first batch are looked at.
const coupledRows = 64

// findCouplingIn tries every custom loss that is not marked on the outputs and targets of a batch.
func (p *Program) findCouplingIn(w *quiver.Rep, xs, ys []*mat.Dense, n int) error {
	rows := make([]int, min(n, coupledRows))
	for k := range rows {
		rows[k] = k * n / len(rows)
	}
	some := batch.Pick(xs, rows)
	outs, err := p.Forward(w, some...)
	if err != nil {
		return nil // the call itself will say so
	}
	if p.model.Dtype == model.Dtype(true) {
		return findCouplingIn[float32](p.model, outs, batch.Pick(ys, rows))
	}
	return findCouplingIn[float64](p.model, outs, batch.Pick(ys, rows))
}

func findCouplingIn[T op.Float](p *model.Model, outs, ys []*mat.Dense) error {
	for i, l := range p.Losses {
		if !l.Loss.Custom || l.Loss.Coupled {
			continue
		}
		_, width := ys[i].Dims()
		s := &sums[T]{p: p, i: i, width: width, of: make(map[int]*sumGraph[T])}
		for k, v := range p.Outputs {
			if v != p.LossAt[i] {
				continue
			}
			if err := s.couples(outs[k], ys[i], rand.New(rand.NewPCG(uint64(i), 0xda7a))); err != nil {
				return coupledError(p, i, err)
			}
		}
	}
	return nil
}
