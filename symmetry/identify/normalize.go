package identify

import (
	"fmt"
	"math"

	"github.com/quivernet/quivernet/quiver"
)

// freeUnits returns an error unless every hidden vertex is linear on each side of 0 and
// all its arrows are trainable and untied, so that each unit can be rescaled alone.
func freeUnits(net *network, op string) error {
	for i := range net.vs {
		v := &net.vs[i]
		if v.kind != quiver.KindHidden {
			continue
		}
		if !v.pieces {
			return &ActivationError{op, v.name, v.act.String(), "want a pointwise activation that is linear on each side of 0, such as ReLU"}
		}
		for k := range v.in {
			if err := freeEdge(op, &v.in[k]); err != nil {
				return err
			}
		}
		for _, o := range v.out {
			if err := freeEdge(op, &net.vs[o.target].in[o.in]); err != nil {
				return err
			}
		}
	}
	return nil
}

func freeEdge(op string, e *edge) error {
	switch {
	case e.at < 0:
		return &StructureError{op, fmt.Sprintf("arrow %q", e.name), "is fixed, so its units cannot be rescaled one by one; make it trainable"}
	case e.tied:
		return &StructureError{op, fmt.Sprintf("arrow %q", e.name), "shares its matrix with another one; untie it"}
	}
	return nil
}

// eachIn and eachOut call f with each weight that enters or leaves a unit.
func eachIn(net *network, v, unit int, f func(w *float64)) {
	for k := range net.vs[v].in {
		e := &net.vs[v].in[k]
		for c := range e.cols {
			f(&e.m[unit*e.cols+c])
		}
	}
}

func eachOut(net *network, v, unit int, f func(w *float64)) {
	for _, o := range net.vs[v].out {
		e := &net.vs[o.target].in[o.in]
		for r := range net.vs[o.target].dim {
			f(&e.m[r*e.cols+unit])
		}
	}
}

// scaleUnit multiplies what enters a unit by s and divides what leaves it.
func scaleUnit(net *network, v, unit int, s float64) {
	eachIn(net, v, unit, func(w *float64) { *w *= s })
	eachOut(net, v, unit, func(w *float64) { *w /= s })
}

// own compiles a copy of w whose weights may be changed.
func own(w *quiver.Rep, op string) (*network, error) {
	if w == nil {
		return compile(w)
	}
	net, err := compile(w.Clone())
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
	for i := len(net.vs) - 1; i >= 0; i-- {
		if net.vs[i].kind != quiver.KindHidden {
			continue
		}
		for r := range net.vs[i].dim {
			s := 0.0
			eachOut(net, i, r, func(w *float64) { s = max(s, math.Abs(*w)) })
			if s == 0 {
				return nil, &DegenerateError{net.vs[i].name, r, "outgoing"}
			}
			scaleUnit(net, i, r, s)
		}
	}
	if err := within(net); err != nil {
		return nil, err
	}
	return net.w, nil
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
	return net.w, nil
}

// incoming is NormalizeIncoming, with the norm that each unit's weights had, by vertex.
func incoming(w *quiver.Rep) (*network, [][]float64, error) {
	net, err := own(w, "rescaling")
	if err != nil {
		return nil, nil, err
	}
	norms := make([][]float64, len(net.vs))
	for i := range net.vs {
		if net.vs[i].kind != quiver.KindHidden {
			continue
		}
		for r := range net.vs[i].dim {
			s := 0.0
			eachIn(net, i, r, func(w *float64) { s = math.Hypot(s, *w) })
			if s == 0 {
				return nil, nil, &DegenerateError{net.vs[i].name, r, "incoming"}
			}
			scaleUnit(net, i, r, 1/s)
			norms[i] = append(norms[i], s)
		}
	}
	return net, norms, within(net)
}

// within returns an OverflowError if rescaling has led beyond float64.
func within(net *network) error {
	if net.w.CheckFinite() != nil {
		return &OverflowError{"a weight of the normal form", "rescale the network first"}
	}
	return nil
}

// degenerate returns a DegenerateError for the first hidden unit that has no incoming
// or no outgoing weight other than 0, if any.
func degenerate(net *network) error {
	for i := range net.vs {
		if net.vs[i].kind != quiver.KindHidden {
			continue
		}
		for r := range net.vs[i].dim {
			in, out := 0.0, 0.0
			eachIn(net, i, r, func(w *float64) { in = max(in, math.Abs(*w)) })
			eachOut(net, i, r, func(w *float64) { out = max(out, math.Abs(*w)) })
			if in == 0 {
				return &DegenerateError{net.vs[i].name, r, "incoming"}
			}
			if out == 0 {
				return &DegenerateError{net.vs[i].name, r, "outgoing"}
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
	net, err := compile(w)
	if err != nil {
		return err
	}
	return degenerate(net)
}
