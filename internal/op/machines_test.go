package op

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestMachines runs a small network with first and second derivatives on both of
// Gorgonia's machines and on the operations alone.
func TestMachines(t *testing.T) {
	b := newBench(t)
	x, w, u, target := b.input("x", 4, 2), b.input("W", 3, 2), b.input("U", 2, 3), b.input("t", 4, 2)
	h := b.node(Vertex("h", "h", layers.Radial(layers.Tanh), []Term{{X: x, W: w}, {X: x, Fixed: quiver.Inclusion{Rows: 3, Cols: 2, K: 2}}}, nil))
	y := b.node(Vertex("y", "y", quiver.Identity, []Term{{X: h, W: u}}, nil))
	loss := b.node(SumSquares("y", y, target))
	gs := b.check("first", loss, 1e-7, w, u)
	hs := b.check("second", b.probe(gs[0], "∂W"), 1e-6, w, u)
	for _, root := range []*gorgonia.Node{loss, gs[0], gs[1], hs[0], hs[1]} {
		want := b.eval(root)
		for _, machine := range []string{"tape", "lisp"} {
			sub := b.g.SubgraphRoots(root)
			for n, v := range b.val {
				require.NoError(t, gorgonia.Let(n, tensor.New(tensor.WithShape(n.Shape()...), tensor.WithBacking(append([]float64(nil), v...)))))
			}
			var vm gorgonia.VM = gorgonia.NewTapeMachine(sub)
			if machine == "lisp" {
				vm = gorgonia.NewLispMachine(sub, gorgonia.ExecuteFwdOnly())
			}
			require.NoError(t, vm.RunAll(), machine)
			got, ok := root.Value().Data().([]float64)
			if !ok {
				got = []float64{root.Value().Data().(float64)}
			}
			assert.InDeltaSlice(t, want, got, 1e-12, "%s: %s", machine, root.Name())
			require.NoError(t, vm.Close())
		}
	}
}

// TestBackpropBadInput: misuse is an error, not a panic.
func TestBackpropBadInput(t *testing.T) {
	b := newBench(t)
	x, w := b.input("x", 4, 2), b.input("W", 3, 2)
	y := b.node(Vertex("y", "y", quiver.Identity, []Term{{X: x, W: w}}, nil))
	for name, c := range map[string][3]gorgonia.Nodes{
		"no seed":    {{y}, nil, {w}},
		"nil seed":   {{y}, {nil}, {w}},
		"nil output": {{nil}, {y}, {w}},
		"nil wrt":    {{y}, {y}, {nil}},
		"seed size":  {{y}, {x}, {w}},
	} {
		_, err := Backprop(nil, c[0], c[1], c[2])
		assert.Error(t, err, name)
	}
}
