package main

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
	"github.com/quivernet/quivernet/symmetry/local"
)

// hiding returns a 2-2-2-1 network with whole-number weights in which h2[0] is on
// everywhere: its incoming weights and its bias are positive, and what comes in is not
// negative. So its bias can move freely, if the output's bias makes up for it.
func hiding() (*quiver.Rep, error) {
	q, err := layers.MLP(layers.Pointwise(layers.ReLU), 2, 2, 2, 1)
	if err != nil {
		return nil, err
	}
	w := quiver.Zero(q)
	copy(w.Data(), []float64{0, 1, 1, -2, 2, -2, 2, 2, 1, -2, 2, 2, 2, 1, 2})
	return w, nil
}

// grid returns the points of a square grid on [−6, 6]², shifted off the kinks.
func grid(n int) *mat.Dense {
	x := mat.NewDense(n*n, 2, nil)
	for i := range n {
		for j := range n {
			x.Set(i*n+j, 0, -6+12*(float64(i)+0.41)/float64(n))
			x.Set(i*n+j, 1, -6+12*(float64(j)+0.37)/float64(n))
		}
	}
	return x
}

// follow finds the hidden symmetry of one network, follows it and shows it.
func follow(out io.Writer, quick bool) error {
	w, err := hiding()
	if err != nil {
		return err
	}
	steps := 60
	if quick {
		steps = 10
	}
	box := identify.Cube(2, 6)
	dimension, err := identify.ExactDimensionOn(w, box)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nOne network, 2-2-2-1, and its hidden symmetry\n\n%v\n", dimension)
	xs := []*mat.Dense{grid(24)}
	opts := identify.Options{Drop: true}
	verdict, err := local.Identifiability(w, xs, local.Options{Options: opts})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, verdict)
	trail, err := local.Follow(w, xs, local.FollowOptions{Options: opts, Steps: steps, Step: 0.02})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, trail)
	end := trail.Points[len(trail.Points)-1]
	fmt.Fprintf(out, "weights that moved, in outgoing-normal form, from the first point to the last:\n")
	if err := moved(out, w, end); err != nil {
		return err
	}
	same, err := identify.EqualModPermutation(w, end, 1e-6)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "equal up to permutation and rescaling: %s\n", same.Verdict)
	gap, err := elsewhere(w, end)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "largest change of the function at 2,000 other points of the square: %.1e of its size\n", gap)
	return nil
}

// moved prints the weights of the normal forms that differ.
func moved(out io.Writer, a, b *quiver.Rep) error {
	na, err := identify.NormalizeOutgoing(a)
	if err != nil {
		return err
	}
	nb, err := identify.NormalizeOutgoing(b)
	if err != nil {
		return err
	}
	for name, m := range na.All() {
		r, c := m.Dims()
		for i := range r {
			for j := range c {
				if x, y := m.At(i, j), nb.Arrow(name).At(i, j); math.Abs(x-y) > 1e-9 {
					fmt.Fprintf(out, "  %-8s (%d,%d)  %8.4f → %8.4f\n", name, i, j, x, y)
				}
			}
		}
	}
	return nil
}

// elsewhere returns max|f−f'|/max|f| at random points.
func elsewhere(a, b *quiver.Rep) (float64, error) {
	rng := rand.New(rand.NewPCG(1, 1))
	x := mat.NewDense(2000, 2, nil)
	for i := range 2000 {
		identify.Uniform(identify.Cube(2, 6))(x.RawRowView(i), rng)
	}
	ya, err := a.Eval(x)
	if err != nil {
		return 0, err
	}
	yb, err := b.Eval(x)
	if err != nil {
		return 0, err
	}
	gap, size := 0.0, 0.0
	for i := range 2000 {
		gap = max(gap, math.Abs(ya[0].At(i, 0)-yb[0].At(i, 0)))
		size = max(size, math.Abs(ya[0].At(i, 0)))
	}
	return gap / size, nil
}
