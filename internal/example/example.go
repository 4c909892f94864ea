// Package example is what the programs below examples share: how they end, JSON, random matrices, and training
// on labelled samples. What an example is about stands in the example.
package example

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/data"
	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
)

// Main reads the flags and runs a program on standard output. An error goes to standard error, under the
// program's name, and the program ends with status 1.
func Main(run func(out io.Writer) error) {
	flag.Parse()
	if err := run(os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", filepath.Base(flag.CommandLine.Name()), err)
		os.Exit(1)
	}
}

// JSON prints v, indented.
func JSON(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// Normal returns an r×c matrix of normal random numbers, drawn row by row.
func Normal(r, c int, rng *rand.Rand) *mat.Dense {
	m := mat.NewDense(r, c, nil)
	m.Apply(func(int, int, float64) float64 { return rng.NormFloat64() }, m)
	return m
}

// Apart returns the relative distance |a − b| / |b| of weights.
func Apart(a, b *quiver.Rep) float64 {
	d := a.Clone()
	d.AddScaled(-1, b)
	return d.Norm() / b.Norm()
}

// Column returns labels as a samples×1 matrix, as the cross entropy takes them.
func Column(labels []int) *mat.Dense {
	m := mat.NewDense(len(labels), 1, nil)
	for i, k := range labels {
		m.Set(i, 0, float64(k))
	}
	return m
}

// BatchSize is how many samples a step of Train sees.
const BatchSize = 32

// Train changes w by steps of m on batches of the samples x with the targets y, which src draws. After each
// step it calls then, where it is given.
func Train(p *graph.Program, w *quiver.Rep, m optim.Method, x, y *mat.Dense, epochs int, src rand.Source, then func()) error {
	batches, err := data.Batches([]*mat.Dense{x}, []*mat.Dense{y}, BatchSize, src)
	if err != nil {
		return err
	}
	grad := w.Like()
	for range epochs {
		for xs, ys := range batches {
			if _, err := p.LossGrad(grad, w, xs, ys); err != nil {
				return err
			}
			if err := m.Step(w, grad); err != nil {
				return err
			}
			if then != nil {
				then()
			}
		}
	}
	return nil
}
