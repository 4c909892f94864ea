package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/data"
	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/internal/example"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// imageRow is a line of the second table.
type imageRow struct {
	Name         string  `json:"name"`
	Activation   string  `json:"activation"`
	Widths       string  `json:"widths"`
	Reduced      string  `json:"reduced"`
	Numbers      int     `json:"numbers"`
	NumbersRed   int     `json:"numbers_reduced"`
	OutputGap    float64 `json:"output_gap_all_images"`
	Epochs       int     `json:"epochs"`
	AccLarge     float64 `json:"test_accuracy_large"`
	AccProjected float64 `json:"test_accuracy_projected"`
	AccReduced   float64 `json:"test_accuracy_reduced"`
	LossGap      float64 `json:"loss_gap"`
	Disagree     int     `json:"test_images_projected_and_reduced_disagree_on"`
}

func (r imageRow) print(out interface{ Write([]byte) (int, error) }) {
	fmt.Fprintf(out, "%-12s %-36s %6d → %-6d  %-11.1e  %2d epochs  %13.1f%%  %8.1f%%  %6.1f%%   %-8.1e  %d\n",
		r.Name, r.Widths+" → "+r.Reduced, r.Numbers, r.NumbersRed, r.OutputGap, r.Epochs, 100*r.AccLarge, 100*r.AccProjected, 100*r.AccReduced, r.LossGap, r.Disagree)
}

type imageStudy struct {
	name   string
	act    string
	make   func() (*quiver.Quiver, error)
	epochs int
}

// imageStudies returns a radial multilayer perceptron and a residual network for the
// given images.
func imageStudies(s *data.Split, quick bool) []imageStudy {
	_, in := s.Train.X.Dims()
	out := s.Train.Classes
	act := layers.Radial(layers.Tanh)
	epochs, wide, block := 30, 4*in, 2*in
	if in > 100 { // images of MNIST's size
		epochs, wide, block = 3, in+in/3, in+in/4
	}
	if quick {
		epochs = 3
	}
	return []imageStudy{
		{"perceptron", act.String(), func() (*quiver.Quiver, error) { return layers.MLP(act, in, wide, out) }, epochs},
		{"residual", act.String(), func() (*quiver.Quiver, error) { return layers.Residual(act, in, block, block, 1, out) }, epochs},
	}
}

// run compresses the network, then trains the original, the rotated one under projection and
// the reduced one on the same batches.
func (s imageStudy) run(images *data.Split) (imageRow, error) {
	row := imageRow{Name: s.name, Activation: s.act, Epochs: s.epochs}
	q, err := s.make()
	if err != nil {
		return row, err
	}
	w := quiver.Random(q, nil, rand.NewPCG(7, 0))
	c, err := symmetry.Compress(w, symmetry.MeasureOn(images.Train.X))
	if err != nil {
		return row, err
	}
	onTest, err := symmetry.Equivalent(w, c.Reduced, images.Test.X)
	if err != nil {
		return row, err
	}
	row.OutputGap = max(c.Certificate.Gap, onTest)
	row.Widths, row.Reduced = widths(q), widths(c.Reduced.Quiver())
	row.Numbers, row.NumbersRed = q.NumParams(), c.Reduced.Quiver().NumParams()

	rotated, err := c.Rotated()
	if err != nil {
		return row, err
	}
	sub, err := c.Subspace()
	if err != nil {
		return row, err
	}
	steps := s.epochs * ((images.Train.Len() + example.BatchSize - 1) / example.BatchSize)
	method := func() optim.Method { return &optim.Momentum{Rate: 0.03, Schedule: optim.Cosine(steps, 0)} }
	var runs []*learner
	for _, r := range []struct {
		w *quiver.Rep
		m optim.Method
	}{{w, method()}, {rotated, optim.Projected(method(), sub)}, {c.Reduced.Clone(), method()}} {
		l, err := newLearner(r.w, r.m)
		if err != nil {
			return row, err
		}
		runs = append(runs, l)
	}
	labels := example.Column(images.Train.Labels)
	batches, err := data.Batches([]*mat.Dense{images.Train.X}, []*mat.Dense{labels}, example.BatchSize, rand.NewPCG(8, 0))
	if err != nil {
		return row, err
	}
	for range s.epochs {
		for xs, ys := range batches {
			for _, r := range runs {
				if err := r.step(xs, ys); err != nil {
					return row, err
				}
			}
			row.LossGap = max(row.LossGap, math.Abs(runs[1].loss-runs[2].loss)/runs[2].loss)
		}
	}
	var guesses [3][]int
	for i, acc := range []*float64{&row.AccLarge, &row.AccProjected, &row.AccReduced} {
		y, err := runs[i].p.Forward(runs[i].w, images.Test.X)
		if err != nil {
			return row, err
		}
		*acc = data.Accuracy(y[0], images.Test.Labels)
		guesses[i] = argmax(y[0])
	}
	for i := range guesses[1] {
		if guesses[1][i] != guesses[2][i] {
			row.Disagree++
		}
	}
	return row, nil
}

// learner is a classifier in training.
type learner struct {
	w, grad *quiver.Rep
	p       *graph.Program
	m       optim.Method
	loss    float64
}

func newLearner(w *quiver.Rep, m optim.Method) (*learner, error) {
	p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.SoftmaxCE, 1))
	if err != nil {
		return nil, err
	}
	return &learner{w: w.Clone(), grad: w.Like(), p: p, m: m}, nil
}

func (l *learner) step(xs, ys []*mat.Dense) (err error) {
	if l.loss, err = l.p.LossGrad(l.grad, l.w, xs, ys); err != nil {
		return err
	}
	return l.m.Step(l.w, l.grad)
}

// argmax returns the class with the largest score in each row.
func argmax(y *mat.Dense) []int {
	n, _ := y.Dims()
	best := make([]int, n)
	for i := range n {
		for j, v := range y.RawRowView(i) {
			if v > y.At(i, best[i]) {
				best[i] = j
			}
		}
	}
	return best
}
