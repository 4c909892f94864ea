package identify

import (
	"fmt"
	"math"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/quiver"
)

// freeUnits returns an error unless every hidden vertex is linear on each side of 0 and
// all its arrows are trainable and untied, so that each unit can be rescaled alone.
func freeUnits(net *pieces.Network, op string) error {
	for i := range net.Vertices {
		v := &net.Vertices[i]
		if v.Kind != quiver.KindHidden {
			continue
		}
		if !v.PiecewiseLinear {
			return &pieces.ActivationError{Op: op, Vertex: v.Name, Activation: v.Act.String(), Reason: "want a pointwise activation that is linear on each side of 0, such as ReLU"}
		}
		for k := range v.In {
			if err := freeEdge(op, &v.In[k]); err != nil {
				return err
			}
		}
		for _, o := range v.Out {
			if err := freeEdge(op, &net.Vertices[o.Target].In[o.In]); err != nil {
				return err
			}
		}
	}
	return nil
}

func freeEdge(op string, e *pieces.Arrow) error {
	switch {
	case e.Offset < 0:
		return &StructureError{op, fmt.Sprintf("arrow %q", e.Name), "is fixed, so its units cannot be rescaled one by one; make it trainable"}
	case e.Tied:
		return &StructureError{op, fmt.Sprintf("arrow %q", e.Name), "shares its matrix with another one; untie it"}
	}
	return nil
}

// eachIn and eachOut call f with each weight that enters or leaves a unit.
func eachIn(net *pieces.Network, v, unit int, f func(w *float64)) {
	for k := range net.Vertices[v].In {
		e := &net.Vertices[v].In[k]
		for c := range e.Cols {
			f(&e.W[unit*e.Cols+c])
		}
	}
}

func eachOut(net *pieces.Network, v, unit int, f func(w *float64)) {
	for _, o := range net.Vertices[v].Out {
		e := &net.Vertices[o.Target].In[o.In]
		for r := range net.Vertices[o.Target].Dim {
			f(&e.W[r*e.Cols+unit])
		}
	}
}

// scaleUnit multiplies what enters a unit by s and divides what leaves it.
func scaleUnit(net *pieces.Network, v, unit int, s float64) {
	eachIn(net, v, unit, func(w *float64) { *w *= s })
	eachOut(net, v, unit, func(w *float64) { *w /= s })
}

// own compiles a copy of w whose weights may be changed.
func own(w *quiver.Rep, op string) (*pieces.Network, error) {
	if w == nil {
		return pieces.Of(w)
	}
	net, err := pieces.Of(w.Clone())
	if err != nil {
		return nil, err
	}
	return net, freeUnits(net, op)
}

// NormalizeOutgoing returns the representation on the positive-rescaling orbit of w in
// which the largest outgoing |weight| of each hidden unit is 1. The last hidden vertices
// come first, since rescaling a unit changes what leaves its predecessors. The
// function is the same. Errors: DegenerateError for a unit without outgoing weights,
// ActivationError, StructureError for fixed and tied arrows, OverflowError.
func NormalizeOutgoing(w *quiver.Rep) (*quiver.Rep, error) {
	net, err := own(w, "rescaling")
	if err != nil {
		return nil, err
	}
	for i := len(net.Vertices) - 1; i >= 0; i-- {
		if net.Vertices[i].Kind != quiver.KindHidden {
			continue
		}
		for r := range net.Vertices[i].Dim {
			s := 0.0
			eachOut(net, i, r, func(w *float64) { s = max(s, math.Abs(*w)) })
			if s == 0 {
				return nil, &DegenerateError{net.Vertices[i].Name, r, "outgoing"}
			}
			scaleUnit(net, i, r, s)
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
	net, err := own(w, "rescaling")
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
			eachIn(net, i, r, func(w *float64) { s = math.Hypot(s, *w) })
			if s == 0 {
				return nil, nil, &DegenerateError{net.Vertices[i].Name, r, "incoming"}
			}
			scaleUnit(net, i, r, 1/s)
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
			eachIn(net, i, r, func(w *float64) { in = max(in, math.Abs(*w)) })
			eachOut(net, i, r, func(w *float64) { out = max(out, math.Abs(*w)) })
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
