package main

import (
	"fmt"
	"math"
	"time"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// networkRow is a line of the first table.
type networkRow struct {
	Name        string  `json:"name"`
	Activation  string  `json:"activation"`
	Widths      string  `json:"widths"`
	Reduced     string  `json:"reduced"`
	Numbers     int     `json:"numbers"`
	NumbersRed  int     `json:"numbers_reduced"`
	Draws       int     `json:"draws"`
	OutputGap   float64 `json:"output_gap"`
	Steps       int     `json:"steps"`
	LossStart   float64 `json:"loss_start"`
	LossReduced float64 `json:"loss_reduced"`
	LossGap100  float64 `json:"loss_gap_100_steps"`
	LossGap     float64 `json:"loss_gap"`
	UlpGap      float64 `json:"loss_gap_of_one_ulp"`
	MicrosLarge float64 `json:"micros_per_step_large"`
	MicrosSmall float64 `json:"micros_per_step_reduced"`
}

func (r networkRow) print(out interface{ Write([]byte) (int, error) }) {
	fmt.Fprintf(out, "%-23s %-33s %6d → %-4d  %-10.1e  %-8.1e  %-8.1e  %-8.1e  %10.1f  %6.1f  %5.1f×\n",
		r.Name, r.Widths+" → "+r.Reduced, r.Numbers, r.NumbersRed, r.OutputGap, r.LossGap100, r.LossGap, r.UlpGap, r.MicrosLarge, r.MicrosSmall, r.MicrosLarge/r.MicrosSmall)
}

// run compresses the network for several draws of its weights, keeps the largest gap,
// and trains the first draw.
func (s study) run(steps int) (networkRow, error) {
	row := networkRow{Name: s.name, Activation: s.act, Draws: s.seeds, Steps: steps}
	for seed := range uint64(s.seeds) {
		w, err := s.make(seed + 1)
		if err != nil {
			return row, err
		}
		c, err := symmetry.Compress(w, symmetry.MeasureOn(s.xs...))
		if err != nil {
			return row, err
		}
		row.OutputGap = max(row.OutputGap, c.Certificate.Gap)
		if seed > 0 {
			continue
		}
		row.Widths, row.Reduced = widths(w.Quiver()), widths(c.Reduced.Quiver())
		row.Numbers, row.NumbersRed = w.Quiver().NumParams(), c.Reduced.Quiver().NumParams()
		if err := s.train(&row, c, steps); err != nil {
			return row, err
		}
	}
	return row, nil
}

// train runs projected gradient descent on the rotated network and gradient
// descent on the reduced one, turn and turn about, from the same start.
func (s study) train(row *networkRow, c *symmetry.Compression, steps int) error {
	large, err := c.Rotated()
	if err != nil {
		return err
	}
	sub, err := c.Subspace()
	if err != nil {
		return err
	}
	a, err := newRun(large, s.xs, s.ys, optim.Projected(&optim.SGD{Rate: s.rate}, sub))
	if err != nil {
		return err
	}
	b, err := newRun(c.Reduced.Clone(), s.xs, s.ys, &optim.SGD{Rate: s.rate})
	if err != nil {
		return err
	}
	// The same training from a start that is one unit in the last place away: how far
	// rounding alone drives two runs apart.
	near, err := newRun(c.Reduced.Clone(), s.xs, s.ys, &optim.SGD{Rate: s.rate})
	if err != nil {
		return err
	}
	for i, x := range near.w.Data() {
		near.w.Data()[i] = math.Nextafter(x, math.Inf(1-2*(i%2)))
	}
	for k := range steps {
		for _, r := range []*training{a, b, near} {
			if err := r.step(); err != nil {
				return err
			}
		}
		if k == 0 {
			row.LossStart = b.loss
		}
		row.LossGap = max(row.LossGap, math.Abs(a.loss-b.loss)/b.loss)
		row.UlpGap = max(row.UlpGap, math.Abs(near.loss-b.loss)/b.loss)
		if k < 100 {
			row.LossGap100 = row.LossGap
		}
	}
	row.LossReduced, row.MicrosLarge, row.MicrosSmall = b.loss, a.micros(), b.micros()
	return nil
}

// training is one network in training, with the time it took.
type training struct {
	w, grad *quiver.Rep
	problem *graph.Problem
	m       optim.Method
	loss    float64
	steps   int
	spent   time.Duration
}

func newRun(w *quiver.Rep, xs, ys []*mat.Dense, m optim.Method) (*training, error) {
	var opts []graph.Option
	for _, y := range w.Quiver().Outputs() {
		opts = append(opts, graph.Loss(y, graph.MSE, 1))
	}
	p, err := graph.Compile(w.Quiver(), opts...)
	if err != nil {
		return nil, err
	}
	return &training{w: w, grad: w.Like(), problem: p.Problem(xs, ys), m: m}, nil
}

func (r *training) step() (err error) {
	start := time.Now()
	if r.loss, err = r.problem.LossGrad(r.grad, r.w); err != nil {
		return err
	}
	err = r.m.Step(r.w, r.grad)
	if r.steps > 0 { // the first step builds the graph
		r.spent += time.Since(start)
	}
	r.steps++
	return err
}

func (r *training) micros() float64 {
	return float64(r.spent.Microseconds()) / float64(max(r.steps-1, 1))
}

// widths lists the dimensions of all vertices but biases, in topological order.
func widths(q *quiver.Quiver) string {
	s := ""
	for _, v := range q.Vertices() {
		if v.Kind == quiver.KindBias {
			continue
		}
		if s != "" {
			s += "-"
		}
		s += fmt.Sprint(v.Dim)
	}
	return s
}
