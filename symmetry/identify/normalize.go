package identify

import (
	"math"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/quiver"
)

// NormalizeOutgoing returns the representation on the positive-rescaling orbit of w in
// which the largest outgoing |weight| of each hidden unit is 1. The last hidden vertices
// come first, since rescaling a unit changes what leaves its predecessors. The
// function is the same. Errors: DegenerateError for a unit without outgoing weights,
// ActivationError, StructureError for fixed and tied arrows, OverflowError.
func NormalizeOutgoing(w *quiver.Rep) (*quiver.Rep, error) {
	net, err := pieces.Rescalable(w, "rescaling")
	if err != nil {
		return nil, err
	}
	for i := len(net.Vertices) - 1; i >= 0; i-- {
		if net.Vertices[i].Kind != quiver.KindHidden {
			continue
		}
		for r := range net.Vertices[i].Dim {
			s := 0.0
			net.EachOut(i, r, func(w *float64) { s = max(s, math.Abs(*w)) })
			if s == 0 {
				return nil, &DegenerateError{net.Vertices[i].Name, r, "outgoing"}
			}
			net.ScaleUnit(i, r, s)
		}
	}
	if err := within(net); err != nil {
		return nil, err
	}
	return net.Rep, nil
}

// NormalizeIncoming returns the representation on the positive-rescaling orbit of w in
// which the incoming weights of each hidden unit, biases included, have norm 1. The
// function is the same. Errors: DegenerateError for a unit without incoming weights,
// ActivationError, StructureError for fixed and tied arrows, OverflowError.
func NormalizeIncoming(w *quiver.Rep) (*quiver.Rep, error) {
	net, _, err := incoming(w)
	if err != nil {
		return nil, err
	}
	return net.Rep, nil
}

// incoming is NormalizeIncoming, with the norm that each unit's weights had, by vertex.
func incoming(w *quiver.Rep) (*pieces.Network, [][]float64, error) {
	net, err := pieces.Rescalable(w, "rescaling")
	if err != nil {
		return nil, nil, err
	}
	norms := make([][]float64, len(net.Vertices))
	for i := range net.Vertices {
		if net.Vertices[i].Kind != quiver.KindHidden {
			continue
		}
		for r := range net.Vertices[i].Dim {
			s := 0.0
			net.EachIn(i, r, func(w *float64) { s = math.Hypot(s, *w) })
			if s == 0 {
				return nil, nil, &DegenerateError{net.Vertices[i].Name, r, "incoming"}
			}
			net.ScaleUnit(i, r, 1/s)
			norms[i] = append(norms[i], s)
		}
	}
	return net, norms, within(net)
}

// within returns an OverflowError if rescaling has led beyond float64.
func within(net *pieces.Network) error {
	if net.Rep.CheckFinite() != nil {
		return &pieces.OverflowError{What: "a weight of the normal form", Advice: "rescale the network first"}
	}
	return nil
}

// degenerate returns a DegenerateError for the first hidden unit that has no incoming
// or no outgoing weight other than 0, if any.
func degenerate(net *pieces.Network) error {
	for i := range net.Vertices {
		if net.Vertices[i].Kind != quiver.KindHidden {
			continue
		}
		for r := range net.Vertices[i].Dim {
			in, out := 0.0, 0.0
			net.EachIn(i, r, func(w *float64) { in = max(in, math.Abs(*w)) })
			net.EachOut(i, r, func(w *float64) { out = max(out, math.Abs(*w)) })
			if in == 0 {
				return &DegenerateError{net.Vertices[i].Name, r, "incoming"}
			}
			if out == 0 {
				return &DegenerateError{net.Vertices[i].Name, r, "outgoing"}
			}
		}
	}
	return nil
}

// Degenerate returns a DegenerateError for the first hidden unit all of whose incoming
// weights (its bias among them) are zero, or all of whose outgoing weights are; nil if there
// is none. These are the parameters that the theorems on local identifiability leave
// out (arXiv 2206.07424).
func Degenerate(w *quiver.Rep) error {
	net, err := pieces.Of(w)
	if err != nil {
		return err
	}
	return degenerate(net)
}
