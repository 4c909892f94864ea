// Command guarantees prints, measured, which optimizers keep the symmetries of a network.
//
// E1 asks whether training commutes with the group: is training g·w the same as g
// times training w? E2 asks whether compression commutes with training: is projected training of the large
// network the same as training of the small one? Every figure is the relative difference of the weights
// after the run; "refused" is what optim.Projected says to a pair for which no theorem holds.
//
//	go run ./examples/guarantees          # about ten seconds
//	go run ./examples/guarantees -quick   # fewer steps
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	_ "github.com/quivernet/quivernet/blas/auto"
	"github.com/quivernet/quivernet/data"
	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/internal/example"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

func main() {
	quick := flag.Bool("quick", false, "fewer steps")
	example.Main(func(out io.Writer) error {
		steps := 100
		if *quick {
			steps = 12
		}
		_, err := run(out, steps)
		return err
	})
}

// problem is a network with data.
type problem struct {
	name   string
	w      *quiver.Rep
	xs, ys []*mat.Dense
	opts   []symmetry.Option
}

// cell is one measured figure, or the reason why there is none.
type cell struct {
	gap     float64
	refused error
}

func (c cell) String() string {
	if c.refused != nil {
		return "refused"
	}
	return fmt.Sprintf("%.0e", c.gap)
}

func run(out io.Writer, steps int) (map[string]cell, error) {
	all := make(map[string]cell)
	x, y := data.Bump()
	q, err := layers.MLP(layers.Radial(layers.Squash), 1, 6, 7, 1)
	if err != nil {
		return nil, err
	}
	p := problem{"1-6-7-1", quiver.Random(q, nil, rand.NewPCG(5, 0)), []*mat.Dense{x}, []*mat.Dense{y}, nil}
	fmt.Fprintf(out, "Network 1-6-7-1, radial squash, %d steps (L-BFGS: 10). E1: training commutes with rotations. E2: projected = reduced.\n\n", steps)
	fmt.Fprintf(out, "%-14s  %-10s %-10s  %-10s %-10s  %-10s %-10s\n", "", "no decay", "", "L2", "", "decoupled", "")
	fmt.Fprintf(out, "%-14s  %-10s %-10s  %-10s %-10s  %-10s %-10s\n", "method", "E1", "E2", "E1", "E2", "E1", "E2")
	for _, m := range methods {
		fmt.Fprintf(out, "%-14s", m.name)
		for _, decay := range []string{"none", "L2", "decoupled"} {
			make := m.make(decay)
			if make == nil {
				fmt.Fprintf(out, "  %-10s %-10s", "–", "–")
				continue
			}
			e1, err := p.e1(make, m.steps(steps))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", m.name, err)
			}
			e2, err := p.e2(make, m.steps(steps))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", m.name, err)
			}
			all[m.name+" "+decay+" E1"], all[m.name+" "+decay+" E2"] = e1, e2
			fmt.Fprintf(out, "  %-10v %-10v", e1, e2)
		}
		fmt.Fprintln(out)
	}
	return all, variants(out, steps, all)
}

// train runs a method; the weights are changed.
func (p problem) train(w *quiver.Rep, m optim.Method, steps int) error {
	prog, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1))
	if err != nil {
		return err
	}
	_, err = optim.Minimize(context.Background(), prog.Problem(p.xs, p.ys), w, m, &optim.Settings{Steps: steps, Every: -1})
	return err
}

func (p problem) e1(make func() optim.Method, steps int) (cell, error) {
	g := symmetry.RandomElement(p.w.Quiver(), rand.NewPCG(6, 0))
	moved, err := symmetry.Act(g, p.w)
	if err != nil {
		return cell{}, err
	}
	w := p.w.Clone()
	if err := errors.Join(p.train(w, make(), steps), p.train(moved, make(), steps)); err != nil {
		return cell{}, err
	}
	want, err := symmetry.Act(g, w)
	if err != nil {
		return cell{}, err
	}
	return cell{gap: example.Apart(moved, want)}, nil
}

func (p problem) e2(make func() optim.Method, steps int) (cell, error) {
	c, err := symmetry.Compress(p.w, p.opts...)
	if err != nil {
		return cell{}, err
	}
	large, err := c.Rotated()
	if err != nil {
		return cell{}, err
	}
	sub, err := c.Subspace()
	var se *symmetry.SubspaceError
	if errors.As(err, &se) {
		return cell{refused: err}, nil
	}
	if err != nil {
		return cell{}, err
	}
	small := c.Reduced.Clone()
	if err := p.train(small, make(), steps); err != nil {
		return cell{}, err
	}
	err = p.train(large, optim.Projected(make(), sub), steps)
	var pe *optim.PairError
	if errors.As(err, &pe) {
		return cell{refused: err}, nil
	}
	if err != nil {
		return cell{}, err
	}
	got, err := sub.Reduce(large)
	if err != nil {
		return cell{}, err
	}
	return cell{gap: example.Apart(got, small)}, nil
}
