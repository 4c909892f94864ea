package optim_test

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// fit is ½ Σ (F(x) − y)² by the reference evaluator; *graph.Problem is the fast way.
type fit struct{ x, y *mat.Dense }

func (f fit) LossGrad(grad, w *quiver.Rep) (float64, error) {
	out, err := w.Eval(f.x)
	if err != nil {
		return 0, err
	}
	out[0].Sub(out[0], f.y)
	g, _, err := w.VJP([]*mat.Dense{f.x}, out)
	if err != nil {
		return 0, err
	}
	grad.CopyFrom(g)
	n := mat.Norm(out[0], 2)
	return n * n / 2, nil
}

// Projected training of a large network is training of the small one, with Adam too.
func ExampleProjected() {
	q, err := layers.MLP(layers.Radial(layers.Sigmoid), 1, 6, 7, 1)
	if err != nil {
		panic(err)
	}
	w := quiver.Zero(q)
	for i := range w.Data() {
		w.Data()[i] = float64(i*i%7-3) / 6
	}
	c, err := symmetry.Compress(w)
	if err != nil {
		panic(err)
	}
	large, err := c.Rotated()
	if err != nil {
		panic(err)
	}
	sub, err := c.Subspace()
	if err != nil {
		panic(err)
	}
	data := fit{mat.NewDense(3, 1, []float64{-1, 0, 1}), mat.NewDense(3, 1, []float64{1, 0, 1})}
	set := &optim.Settings{Steps: 100, Every: -1}
	a, err := optim.Minimize(context.Background(), data, large, optim.Projected(&optim.Adam{Rate: 0.01}, sub), set)
	if err != nil {
		panic(err)
	}
	b, err := optim.Minimize(context.Background(), data, c.Reduced, &optim.Adam{Rate: 0.01}, set)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%d parameters: loss %.6f\n", q.NumParams(), a.Loss)
	fmt.Printf("%d parameters: loss %.6f\n", c.Reduced.Quiver().NumParams(), b.Loss)
	// Output:
	// 69 parameters: loss 0.000066
	// 17 parameters: loss 0.000066
}

// Biases without decay and with a higher rate; a warm-up and a cosine.
func ExampleGroup() {
	m := &optim.AdamW{
		Rate:     0.003,
		Schedule: optim.Warmup(10, optim.Cosine(200, 0.1)),
		Groups:   []optim.Group{{Names: []string{"one->*"}, RateFactor: 2, NoDecay: true}},
	}
	rate, decay := m.Factors("one->h1")
	fmt.Println(rate, decay)
	rate, decay = m.Factors("x->h1")
	fmt.Println(rate, decay)
	// Output:
	// 2 0
	// 1 1
}
