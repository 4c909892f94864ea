package interpreter

import (
	"math/rand/v2"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/builtin"
)

// Shaken is Evaluation.Run with the result of each operation moved by about a unit in the last place, but for the
// lengths of axes, which are exact.
func Shaken(v *Evaluation[float64], rng *rand.Rand) error {
	p, a := v.plan, v.a
	for i, s := range p.steps {
		if err := p.executeStep(a, i); err != nil {
			return p.opError(i, err)
		}
		if builtin.IsSize(s.op) {
			continue // how often something is repeated, for example
		}
		shake(a.mats[s.node].Data, rng)
		value := a.values[s.node]
		if value == nil {
			continue
		}
		switch x := value.Data().(type) {
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
