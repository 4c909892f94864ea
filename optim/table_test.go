package optim_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/symmetry"
)

// TestTable is the table of the package documentation: for each method and each kind of
// decay, whether training commutes with the group (E1) and whether projected
// training is reduced training (E2). A "no" must differ.
func TestTable(t *testing.T) {
	const decay = 0.01
	rows := []struct {
		name string
		make func(decay float64, decoupled bool) optim.Method
		e1   bool
		most int  // steps, where rounding is amplified
		l2   bool // Projected refuses decay in the gradient
	}{
		{"SGD", func(d float64, dc bool) optim.Method { return &optim.SGD{Rate: 0.05, Decay: d, Decoupled: dc} }, true, 0, false},
		{"Momentum", func(d float64, dc bool) optim.Method { return &optim.Momentum{Rate: 0.02, Decay: d, Decoupled: dc} }, true, 0, false},
		{"Nesterov", func(d float64, dc bool) optim.Method { return &optim.Nesterov{Rate: 0.02, Decay: d, Decoupled: dc} }, true, 0, false},
		{"SignSGD", func(d float64, dc bool) optim.Method { return &optim.SignSGD{Rate: 0.002, Decay: d, Decoupled: dc} }, false, 0, false},
		{"Adagrad", func(d float64, dc bool) optim.Method { return &optim.Adagrad{Rate: 0.02, Decay: d, Decoupled: dc} }, false, 0, false},
		{"RMSProp", func(d float64, dc bool) optim.Method { return &optim.RMSProp{Rate: 0.002, Decay: d, Decoupled: dc} }, false, 0, false},
		{"Adam", func(d float64, dc bool) optim.Method {
			if dc {
				return &optim.AdamW{Rate: 0.01, Decay: d}
			}
			return &optim.Adam{Rate: 0.01, Decay: d}
		}, false, 0, false},
		{"Clip of SGD", func(d float64, dc bool) optim.Method {
			return optim.Clip(&optim.SGD{Rate: 0.05, Decay: d, Decoupled: dc}, 0.05)
		}, true, 0, false},
		{"Clip of Adam", func(d float64, dc bool) optim.Method {
			if dc {
				return optim.Clip(&optim.AdamW{Rate: 0.01, Decay: d}, 0.05)
			}
			return optim.Clip(&optim.Adam{Rate: 0.01, Decay: d}, 0.05)
		}, false, 0, false},
		{"ClipEntries of Momentum", func(d float64, dc bool) optim.Method {
			return optim.ClipEntries(&optim.Momentum{Rate: 0.02, Decay: d, Decoupled: dc}, 0.02)
		}, false, 0, false},
		{"Muon", func(d float64, dc bool) optim.Method { return &optim.Muon{Decay: d, Decoupled: dc} }, true, 30, true},
		{"L-BFGS", func(d float64, dc bool) optim.Method {
			if dc {
				d = 0 // the method has no such decay
			}
			return &optim.LBFGS{Decay: d}
		}, true, 10, true},
	}
	for _, h := range []layers.Func{layers.Squash, layers.Sigmoid} {
		w := generic(t, h)
		g := symmetry.RandomElement(w.Quiver(), rand.NewPCG(3, 4))
		gw, err := symmetry.Act(g, w)
		require.NoError(t, err)
		c, err := symmetry.Compress(w)
		require.NoError(t, err)
		sub, err := c.Subspace()
		require.NoError(t, err)
		for _, row := range rows {
			for _, d := range []struct {
				name      string
				decay     float64
				decoupled bool
			}{{"no decay", 0, false}, {"L2", decay, false}, {"decoupled", decay, true}} {
				if row.name == "Adam" && d.name == "no decay" {
					d.decoupled = false
				}
				steps := 100
				if row.most > 0 {
					steps = row.most
				}
				method := func() optim.Method { return row.make(d.decay, d.decoupled) }
				name := row.name + " " + d.name + " " + h.String()

				a, b := w.Clone(), gw.Clone()
				train(t, a, method(), steps)
				train(t, b, method(), steps)
				ga, err := symmetry.Act(g, a)
				require.NoError(t, err)
				b.AddScaled(-1, ga)
				if e1 := b.Norm() / a.Norm(); row.e1 {
					assert.LessOrEqual(t, e1, 1e-10, "E1 of %s", name)
				} else {
					assert.GreaterOrEqual(t, e1, 1e-4, "E1 of %s must fail", name)
				}

				rotated, err := c.Rotated()
				require.NoError(t, err)
				if row.l2 && d.name == "L2" {
					var pe *optim.PairError
					require.ErrorAs(t, minimize(rotated, optim.Projected(method(), sub), steps), &pe, name)
					continue
				}
				small := c.Reduced.Clone()
				la := train(t, rotated, optim.Projected(method(), sub), steps)
				lb := train(t, small, method(), steps)
				assert.InDelta(t, lb, la, 1e-10, "losses, E2 of %s", name)
				assert.True(t, sub.Contains(rotated), name)
				r, err := sub.Reduce(rotated)
				require.NoError(t, err)
				r.AddScaled(-1, small)
				assert.LessOrEqual(t, r.Norm(), 1e-10*small.Norm(), "weights, E2 of %s", name)

				free, err := c.Rotated() // the same method without projection is another training
				require.NoError(t, err)
				train(t, free, method(), steps)
				assert.False(t, sub.Contains(free), "unprojected %s must leave the subspace", name)
			}
		}
	}
}
