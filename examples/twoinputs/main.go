// Command twoinputs goes once through all that a user does: it defines a radial
// network with two inputs and a skip, compresses it, trains the small network, saves it,
// loads it and evaluates it on new rows.
package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/store"
	"github.com/quivernet/quivernet/symmetry"
)

func main() {
	dir, err := os.MkdirTemp("", "twoinputs")
	if err == nil {
		defer os.RemoveAll(dir)
		_, err = run(os.Stdout, dir, 2000)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "twoinputs:", err)
		os.Exit(1)
	}
}

// run returns the loss before and after training.
func run(out io.Writer, dir string, steps int) (losses [2]float64, err error) {
	// Two inputs, position and time; the time skips the first hidden vertex.
	act := layers.Radial(layers.Squash)
	q, err := quiver.New(
		quiver.Input("pos", 2), quiver.Input("time", 1), quiver.Bias("one"),
		quiver.Hidden("h1", 40, act), quiver.Hidden("h2", 60, act), quiver.Output("y", 1, nil),
		quiver.Connect("pos", "h1"), quiver.Connect("one", "h1"),
		quiver.Connect("h1", "h2"), quiver.Connect("time", "h2"), quiver.Connect("one", "h2"),
		quiver.Connect("h2", "y"), quiver.Connect("one", "y"))
	if err != nil {
		return losses, err
	}
	w := quiver.Random(q, nil, rand.NewPCG(1, 2))
	c, err := symmetry.Compress(w)
	if err != nil {
		return losses, err
	}
	fmt.Fprint(out, c)

	// Learn y = exp(−|pos|²)·cos(time) from 400 random rows.
	small := c.Reduced
	xs, ys := rows(400, 3)
	prog, err := graph.Compile(small.Quiver(), graph.Loss("y", graph.MSE, 1))
	if err != nil {
		return losses, err
	}
	r, err := optim.Minimize(context.Background(), prog.Problem(xs, ys), small, &optim.Adam{Rate: 0.01}, &optim.Settings{Steps: steps})
	if err != nil {
		return losses, err
	}
	losses = [2]float64{r.Trace[0].Loss, r.Loss}
	fmt.Fprintf(out, "loss %.4f before, %.4f after %d steps\n", losses[0], losses[1], r.Steps)

	// Save, load, evaluate on new rows.
	path := filepath.Join(dir, "small.safetensors")
	if err := store.Save(path, small); err != nil {
		return losses, err
	}
	loaded, err := store.Load(path)
	if err != nil {
		return losses, err
	}
	xs, ys = rows(3, 4)
	got, err := loaded.Eval(xs...)
	if err != nil {
		return losses, err
	}
	for i := range 3 {
		fmt.Fprintf(out, "new row %d: %+.3f, want %+.3f\n", i+1, got[0].At(i, 0), ys[0].At(i, 0))
	}
	// The trained small network in the original, large quiver: the same function.
	large, err := c.Lift(loaded)
	if err != nil {
		return losses, err
	}
	gap, err := symmetry.Equivalent(loaded, large, xs...)
	fmt.Fprintf(out, "lifted back to %d numbers, the gap is below 1e-12: %t\n", q.NumParams(), gap < 1e-12)
	return losses, err
}

// rows draws positions and times, and what the network is to learn.
func rows(n int, seed uint64) (xs, ys []*mat.Dense) {
	rng := rand.New(rand.NewPCG(seed, 0))
	pos, time, y := mat.NewDense(n, 2, nil), mat.NewDense(n, 1, nil), mat.NewDense(n, 1, nil)
	for i := range n {
		a, b, t := rng.NormFloat64(), rng.NormFloat64(), 3*rng.Float64()
		pos.SetRow(i, []float64{a, b})
		time.Set(i, 0, t)
		y.Set(i, 0, math.Exp(-a*a-b*b)*math.Cos(t))
	}
	return []*mat.Dense{pos, time}, []*mat.Dense{y}
}
