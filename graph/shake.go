package graph

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
)

// lossRounding returns what rounding may do to the loss of each sample, or of the batch where it is coupled: for a custom loss by
// running its operations with every value on the way changed in the last place, for a loss of the library by its formula.
func lossRounding(l model.Loss, g *lossGraph, rows []int, y, t []float64, d, width int, share float64) ([]float64, error) {
	floor := make([]float64, len(rows))
	for k, s := range rows {
		my, mt := y[s*d:(s+1)*d], t[s*width:(s+1)*width]
		switch {
		case l.Coupled:
			my, mt = y, t
		case !l.Custom && l.Name == "softmaxce":
			floor[k] = math.Abs(share) * 0x1p-51 * floats.Norm(my, 1)
			continue
		case l.Name == "bce": // its terms are positive
			continue
		case !l.Custom:
			floor[k] = math.Abs(share) * 0x1p-51 * floats.Norm(my, 2) * floats.Distance(my, mt, 2)
			continue
		}
		value, err := g.eval(my, mt)
		if err != nil {
			return nil, err
		}
		rng := rand.New(rand.NewPCG(uint64(k), 0x5ba4e))
		for range 3 {
			if err := g.shaken(rng); err != nil {
				return nil, err
			}
			if d := math.Abs(g.loss() - value); d > floor[k] {
				floor[k] = d
			}
		}
		if _, err := g.eval(my, mt); err != nil {
			return nil, err
		}
	}
	return floor, nil
}

// shaken runs the plan with the result of each operation moved by about a unit in the last place, but for the
// lengths of axes, which are exact.
func (g *lossGraph) shaken(rng *rand.Rand) error {
	p, a := g.plan, g.a
	for i, s := range p.steps {
		if err := p.executeStep(a, i); err != nil {
			return p.opError(i, err)
		}
		if op.IsSize(s.op) {
			continue // how often something is repeated, for example
		}
		shake(a.mats[s.node].Data, rng)
		v := a.values[s.node]
		if v == nil {
			continue
		}
		switch x := v.Data().(type) {
		case float64:
			x *= 1 + 0x1p-52*rng.NormFloat64()
			a.values[s.node] = gorgonia.NewF64(x)
		case []float64:
			if !aliases(x, a.mats[s.node].Data) && !a.sharesInput(s, x) {
				copy(x, a.mats[s.node].Data)
			}
		}
	}
	return nil
}

func shake(x []float64, rng *rand.Rand) {
	for i := range x {
		x[i] *= 1 + 0x1p-52*rng.NormFloat64()
	}
}

func aliases(a, b []float64) bool { return len(a) > 0 && len(b) > 0 && &a[0] == &b[0] }

// sharesInput says that a result lies in the memory of an input, as that of a reshape does.
func (a *arena[T]) sharesInput(s step, x []float64) bool {
	for _, i := range s.in {
		if a.values[i] == nil {
			continue
		}
		if in, ok := a.values[i].Data().([]float64); ok && aliases(in, x) {
			return true
		}
	}
	return false
}
