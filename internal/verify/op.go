package verify

import (
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/builtin"
	"github.com/quivernet/quivernet/internal/interpreter"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
)

// lossOperations looks at each operation of Gorgonia or of the user's in a loss by itself,
// at the values that its inputs have: is its symbolic derivative that of its value?
func (v *verifier) lossOperations(where string, g *lossGraph) {
	for _, n := range op.Ancestors(gorgonia.Nodes{g.value}) {
		if _, own := n.Op().(*op.Op); own || len(op.Children(n)) == 0 {
			continue
		}
		law := "operation: SymDiff = differences of Do"
		place := fmt.Sprintf("%s, operation %v", where, n.Op())
		d, want, err := alone(n, g.Evaluation)
		if err != nil {
			v.undecided(law, place, err.Error())
			continue
		}
		v.settle(law, place, "its symbolic derivative is wrong", d, want)
	}
}

// alone makes a graph of one operation and compares it with itself along a random direction.
func alone(n *gorgonia.Node, values *interpreter.Evaluation[float64]) (d differences, want []float64, err error) {
	defer func() {
		if r := recover(); r != nil { // values that are no matrices
			err = fmt.Errorf("it cannot be looked at alone: %v", r)
		}
	}()
	e := model.NewExpression(nil, 0, model.Dtype(false))
	rng := rand.New(rand.NewPCG(7, 0xa10e))
	var in, wrt gorgonia.Nodes
	var at, dir [][]float64
	for i, c := range op.Children(n) {
		if len(c.Shape()) == 0 || c.Value() != nil {
			k, err := op.CopyLeaf(e.Graph, c)
			if err != nil || c.Value() == nil {
				return d, nil, fmt.Errorf("it cannot be looked at alone")
			}
			in = append(in, k)
			continue
		}
		k := gorgonia.NewTensor(e.Graph, tensor.Float64, c.Dims(), gorgonia.WithShape(c.Shape()...), gorgonia.WithName(fmt.Sprintf("in%d", i)))
		u := make([]float64, c.Shape().TotalSize())
		x := append([]float64(nil), values.Value(c)...)
		for j := range u {
			u[j] = rng.NormFloat64() * floats.Norm(x, 2)
		}
		in, wrt, at, dir = append(in, k), append(wrt, k), append(at, x), append(dir, u)
	}
	out, err := op.Apply(n.Op(), in...)
	if err != nil {
		return d, nil, err
	}
	seed := gorgonia.NewTensor(e.Graph, tensor.Float64, out.Dims(), gorgonia.WithShape(out.Shape()...), gorgonia.WithName("seed"))
	grads, err := builtin.Backprop(gorgonia.Nodes{out}, gorgonia.Nodes{seed}, wrt)
	if err != nil {
		return d, nil, err
	}
	wanted := gorgonia.Nodes{out}
	for _, g := range grads {
		if g != nil {
			wanted = append(wanted, g)
		}
	}
	ev, err := interpreter.Evaluate[float64](e, wanted)
	if err != nil {
		return d, nil, err
	}
	s := make([]float64, out.Shape().TotalSize())
	for i := range s {
		s[i] = rng.NormFloat64()
	}
	move := func(t float64) {
		for i, k := range wrt {
			x := append([]float64(nil), at[i]...)
			floats.AddScaled(x, t, dir[i])
			ev.Set(k, x)
		}
	}
	ev.Set(seed, s)
	move(0)
	if err := ev.Run(); err != nil {
		return d, nil, err
	}
	var slope float64
	for i, g := range grads {
		if g != nil {
			slope += floats.Dot(dir[i], ev.Value(g))
		}
	}
	d = differentiate(func(t float64) []float64 {
		if err == nil { // after the first error nothing runs, and nobody looks at d
			move(t)
			err = ev.Run()
		}
		return []float64{floats.Dot(s, ev.Value(out))}
	})
	return d, []float64{slope}, err
}
