package pieces

import (
	"fmt"
	"slices"

	"github.com/quivernet/quivernet/quiver"
)

// Rescalable lays out a copy of w, whose weights may be changed, if its hidden units can be rescaled one
// by one; op names what was asked for. Errors: those of Of and CheckFree.
func Rescalable(w *quiver.Rep, op string) (*Network, error) {
	if w == nil {
		return Of(w)
	}
	net, err := Of(w.Clone())
	if err != nil {
		return nil, err
	}
	return net, net.CheckFree(op)
}

// CheckFree returns an error unless every hidden vertex is linear on each side of 0 and
// all its arrows are trainable and untied, so that each unit can be rescaled alone.
func (net *Network) CheckFree(op string) error {
	for i := range net.Vertices {
		v := &net.Vertices[i]
		if v.Kind != quiver.KindHidden {
			continue
		}
		if !v.PiecewiseLinear {
			return &ActivationError{Op: op, Vertex: v.Name, Activation: v.Act.String(), Reason: "want a pointwise activation that is linear on each side of 0, such as ReLU"}
		}
		for k := range v.In {
			if err := v.In[k].CheckFree(op); err != nil {
				return err
			}
		}
		for _, o := range v.Out {
			if err := net.Vertices[o.Target].In[o.In].CheckFree(op); err != nil {
				return err
			}
		}
	}
	return nil
}

// CheckFree returns a StructureError for an arrow that is fixed or tied; op names what was asked for.
func (e *Arrow) CheckFree(op string) error {
	switch {
	case e.Offset < 0:
		return &StructureError{op, fmt.Sprintf("arrow %q", e.Name), "is fixed, so its units cannot be rescaled one by one; make it trainable"}
	case e.Tied:
		return &StructureError{op, fmt.Sprintf("arrow %q", e.Name), "shares its matrix with another one; untie it"}
	}
	return nil
}

// EachIn calls f with each weight that enters a unit.
func (net *Network) EachIn(v, unit int, f func(w *float64)) {
	for k := range net.Vertices[v].In {
		e := &net.Vertices[v].In[k]
		for c := range e.Cols {
			f(&e.W[unit*e.Cols+c])
		}
	}
}

// EachOut calls f with each weight that leaves a unit.
func (net *Network) EachOut(v, unit int, f func(w *float64)) {
	for _, o := range net.Vertices[v].Out {
		e := &net.Vertices[o.Target].In[o.In]
		for r := range net.Vertices[o.Target].Dim {
			f(&e.W[r*e.Cols+unit])
		}
	}
}

// ScaleUnit multiplies what enters a unit by s and divides what leaves it.
func (net *Network) ScaleUnit(v, unit int, s float64) {
	net.EachIn(v, unit, func(w *float64) { *w *= s })
	net.EachOut(v, unit, func(w *float64) { *w /= s })
}

// Permute puts unit p[i] of a vertex in place i.
func (net *Network) Permute(v int, p []int) {
	for k := range net.Vertices[v].In {
		e := &net.Vertices[v].In[k]
		old := slices.Clone(e.W)
		for i, j := range p {
			copy(e.W[i*e.Cols:(i+1)*e.Cols], old[j*e.Cols:(j+1)*e.Cols])
		}
	}
	for _, o := range net.Vertices[v].Out {
		e := &net.Vertices[o.Target].In[o.In]
		old := slices.Clone(e.W)
		for r := range net.Vertices[o.Target].Dim {
			for i, j := range p {
				e.W[r*e.Cols+i] = old[r*e.Cols+j]
			}
		}
	}
}
