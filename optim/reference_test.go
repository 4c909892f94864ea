package optim_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/trials"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
)

// num is a number of 300 bits whose exponents do not end.
func num(x float64) *big.Float { return new(big.Float).SetPrec(300).SetFloat64(x) }

func fresh() *big.Float              { return new(big.Float).SetPrec(300) }
func mul(a, b *big.Float) *big.Float { return fresh().Mul(a, b) }
func add(a, b *big.Float) *big.Float { return fresh().Add(a, b) }
func sub(a, b *big.Float) *big.Float { return fresh().Sub(a, b) }
func quo(a, b *big.Float) *big.Float { return fresh().Quo(a, b) }
func root(a *big.Float) *big.Float {
	if a.Sign() == 0 {
		return fresh()
	}
	return fresh().Sqrt(a)
}

// reference computes the weight of a single entry after gradients, straight from the equations.
type reference func(start float64, gradients []float64) *big.Float

// constant4 are the settings that the references share.
const (
	refRate, refDecay       = 0.0625, 0.03125
	refMu, refB1, refB2     = 0.875, 0.75, 0.9375
	refEps, refDecoupledEta = 1e-8, 1 - refRate*refDecay
)

// equation is a method with its reference.
type equation struct {
	m         func() optim.Method
	reference reference
	least     float64 // gradients below this vanish in a mean, and its sign with them
}

// references are the equations of each method, with decay in the gradient or decoupled.
func references() map[string]equation {
	out := map[string]equation{}
	for _, decoupled := range []bool{false, true} {
		suffix := ", decay in the gradient"
		if decoupled {
			suffix = ", decoupled"
		}
		// run goes through the gradients with the decay in its place; step returns what is taken off x.
		run := func(step func() func(k int, d *big.Float) *big.Float) reference {
			return func(start float64, gradients []float64) *big.Float {
				x, f := num(start), step()
				for k, g := range gradients {
					d := num(g)
					if decoupled {
						x = mul(num(refDecoupledEta), x)
					} else {
						d = add(d, mul(num(refDecay), x))
					}
					x = sub(x, f(k, d))
				}
				return x
			}
		}
		velocity := func(ahead bool) reference {
			return run(func() func(int, *big.Float) *big.Float {
				v := fresh()
				return func(_ int, d *big.Float) *big.Float {
					v = add(mul(num(refMu), v), d)
					if ahead {
						return mul(num(refRate), add(d, mul(num(refMu), v)))
					}
					return mul(num(refRate), v)
				}
			})
		}
		moment := func(keep, part float64) reference {
			return run(func() func(int, *big.Float) *big.Float {
				v := fresh()
				return func(_ int, d *big.Float) *big.Float {
					v = add(mul(num(keep), v), mul(num(part), mul(d, d)))
					return quo(mul(num(refRate), d), add(root(v), num(refEps)))
				}
			})
		}
		out["SGD"+suffix] = equation{func() optim.Method { return &optim.SGD{Rate: refRate, Decay: refDecay, Decoupled: decoupled} },
			run(func() func(int, *big.Float) *big.Float {
				return func(_ int, d *big.Float) *big.Float { return mul(num(refRate), d) }
			}), 0}
		out["SignSGD"+suffix] = equation{func() optim.Method { return &optim.SignSGD{Rate: refRate, Decay: refDecay, Decoupled: decoupled} },
			run(func() func(int, *big.Float) *big.Float {
				return func(_ int, d *big.Float) *big.Float { return num(refRate * float64(d.Sign())) }
			}), 0}
		out["Momentum"+suffix] = equation{func() optim.Method {
			return &optim.Momentum{Rate: refRate, Mu: refMu, Decay: refDecay, Decoupled: decoupled}
		}, velocity(false), 0}
		out["Nesterov"+suffix] = equation{func() optim.Method {
			return &optim.Nesterov{Rate: refRate, Mu: refMu, Decay: refDecay, Decoupled: decoupled}
		}, velocity(true), 0}
		out["RMSProp"+suffix] = equation{func() optim.Method {
			return &optim.RMSProp{Rate: refRate, Alpha: refB2, Eps: refEps, Decay: refDecay, Decoupled: decoupled}
		}, moment(refB2, 1-refB2), 0}
		out["Adagrad"+suffix] = equation{func() optim.Method {
			return &optim.Adagrad{Rate: refRate, Eps: refEps, Decay: refDecay, Decoupled: decoupled}
		}, moment(1, 1), 0}
		if decoupled {
			out["Lion"] = equation{func() optim.Method { return &optim.Lion{Rate: refRate, Beta1: refB1, Beta2: refB2, Decay: refDecay} },
				run(func() func(int, *big.Float) *big.Float {
					m := fresh()
					return func(_ int, d *big.Float) *big.Float {
						c := add(mul(num(refB1), m), mul(num(1-refB1), d))
						m = add(mul(num(refB2), m), mul(num(1-refB2), d))
						return num(refRate * float64(c.Sign()))
					}
				}), 1e-300}
		}
		out["Adam"+suffix] = equation{func() optim.Method {
			if decoupled {
				return &optim.AdamW{Rate: refRate, Beta1: refB1, Beta2: refB2, Eps: refEps, Decay: refDecay}
			}
			return &optim.Adam{Rate: refRate, Beta1: refB1, Beta2: refB2, Eps: refEps, Decay: refDecay}
		}, run(func() func(int, *big.Float) *big.Float {
			m, v, p1, p2 := fresh(), fresh(), num(1), num(1)
			return func(_ int, d *big.Float) *big.Float {
				m = add(mul(num(refB1), m), mul(num(1-refB1), d))
				v = add(mul(num(refB2), v), mul(num(1-refB2), mul(d, d)))
				p1, p2 = mul(p1, num(refB1)), mul(p2, num(refB2))
				return quo(mul(num(refRate), quo(m, sub(num(1), p1))), add(root(quo(v, sub(num(1), p2))), num(refEps)))
			}
		}), 0}
	}
	return out
}

// TestEquations compares every method with its equations in 300 bits, on gradients of every scale that
// double precision has, mixed ones and denormal ones among them.
func TestEquations(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 1), quiver.Output("y", 1, nil), quiver.Connect("x", "y"))
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(11, 12))
	for name, m := range steppers() {
		if traits(m()).Entrywise {
			for kind := range decaying(m, refDecay) {
				if kind != optim.NoDecay {
					assert.Contains(t, kinds(references(), name), kind, "%s has no equation here", name)
				}
			}
		}
	}
	scales := []float64{5e-324, 1e-310, 1e-300, 1e-162, 1e-9, 1, 1e9, 1e100, 1e153}
	for range trials.Count(1, 100) {
		for name, c := range references() {
			for _, scale := range scales {
				if scale < c.least {
					continue
				}
				for _, mixed := range []bool{false, true} {
					start, gradients := r.NormFloat64(), make([]float64, 12)
					for k := range gradients {
						gradients[k] = math.Round(8*r.NormFloat64()) / 8 * scale
						if mixed && k%3 == 1 {
							gradients[k] = r.NormFloat64()
						}
					}
					w, g, m := quiver.Zero(q), quiver.Zero(q), c.m()
					w.Data()[0] = start
					for _, d := range gradients {
						g.Data()[0] = d
						require.NoError(t, m.Step(w, g), "%s at %v", name, scale)
					}
					// Relative to the largest weight on the way.
					want, _ := c.reference(start, gradients).Float64()
					size := math.Abs(start)
					for k := range gradients {
						x, _ := c.reference(start, gradients[:k]).Float64()
						size = max(size, math.Abs(x))
					}
					assert.InDelta(t, want/size, w.Data()[0]/size, 1e-13, "%s at %v, mixed %v", name, scale, mixed)
					// The control: one gradient more is another weight.
					if scale >= 1e-9 {
						more, _ := c.reference(start, append(gradients, math.Abs(gradients[0])+scale)).Float64()
						assert.NotEqual(t, want, more, name)
					}
				}
			}
		}
	}
}

// kinds are the kinds of decay for which there is an equation of a method.
func kinds(all map[string]equation, name string) (out []optim.DecayKind) {
	for _, e := range all {
		if m := e.m(); reflect.TypeOf(m).Elem().Name() == name {
			out = append(out, traits(m).Decay)
		}
	}
	return out
}
