package inspect

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"

	"gorgonia.org/gorgonia"
)

// Run applies an operation to values; a panic is an error.
func Run(o gorgonia.Op, vs []gorgonia.Value) (v gorgonia.Value, err error) {
	defer func() {
		if r := recover(); r != nil {
			v, err = nil, fmt.Errorf("%v", r)
		}
	}()
	return o.Do(vs...)
}

// Evaluate computes the nodes one by one, on copies of what the inputs hold. Gorgonia's
// machines would merge nodes by a 32-bit hash and reuse memory; this does neither. given
// overrides values, by node. A node that has no value (an operation failed, or must not be run) is
// missing from the result, and so is what depends on it.
func Evaluate(w Wiring, nodes gorgonia.Nodes, given map[*gorgonia.Node]gorgonia.Value) map[*gorgonia.Node]gorgonia.Value {
	out := make(map[*gorgonia.Node]gorgonia.Value, len(nodes))
	for _, n := range nodes {
		if v, ok := given[n]; ok {
			out[n] = v
			continue
		}
		if n.Op() == nil || KindOf(n.Op()).Name == "constant" {
			if v := n.Value(); v != nil {
				if c, err := Copy(v); err == nil {
					out[n] = c
				}
			}
			continue
		}
		if alpha, beta, ok := BatchNorm(n.Op()); ok { // running it would write to its state
			if v, ok := affinely(alpha, beta, out[w.Children(n)[0]]); ok {
				out[n] = v
			}
			continue
		}
		if PassesThrough(n.Op()) {
			out[n] = out[w.Children(n)[0]]
			if out[n] == nil {
				delete(out, n)
			}
			continue
		}
		if Stateful(n.Op()) {
			continue
		}
		var in []gorgonia.Value
		children := w.Children(n)
		for _, c := range children {
			v, ok := out[c]
			if !ok {
				break
			}
			c, err := Copy(v) // some operations write to their inputs, or read them as they lie
			if err != nil {
				break
			}
			in = append(in, c)
		}
		if len(in) != len(children) {
			continue
		}
		if v, err := Run(n.Op(), in); err == nil && v != nil {
			out[n] = v
		}
	}
	return out
}

// Random returns standard normal numbers that depend on the node's name alone.
func Random(n *gorgonia.Node) gorgonia.Value {
	dt := DtypeOf(n)
	if !IsFloat(dt) {
		return nil
	}
	h := fnv.New64a()
	fmt.Fprintf(h, "%s %v", n.Name(), n.Shape())
	rng := rand.New(rand.NewPCG(h.Sum64(), 20220712))
	x := make([]float64, n.Shape().TotalSize())
	if len(n.Shape()) == 0 {
		x = make([]float64, 1)
	}
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	return NewValue(dt, n.Shape(), x)
}
