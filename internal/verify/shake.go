package verify

import (
	"math"
	"math/rand/v2"

	"github.com/quivernet/quivernet/internal/interpreter"
	"github.com/quivernet/quivernet/internal/model"
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
		case !l.Custom:
			floor[k] = math.Abs(share) * l.Rounding(my, mt)
			continue
		}
		value, err := g.eval(my, mt)
		if err != nil {
			return nil, err
		}
		rng := rand.New(rand.NewPCG(uint64(k), 0x5ba4e))
		for range 3 {
			if err := interpreter.Shaken(g.Evaluation, rng); err != nil {
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
