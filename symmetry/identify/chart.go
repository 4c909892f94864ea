package identify

import (
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/quiver"
)

// FreeCoordinates returns a local parameterisation of the orbits near w: for each hidden
// unit one outgoing weight of largest modulus is fixed (its place in the slab is in
// fixed), the others and all biases are free; NumParams − H free coordinates for H hidden
// units (arXiv 2206.07424). Errors: DegenerateError, ActivationError, StructureError.
func FreeCoordinates(w *quiver.Rep) (free, fixed []int, err error) {
	net, err := pieces.Of(w)
	if err != nil {
		return nil, nil, err
	}
	if err := net.CheckFree("local parameterisation"); err != nil {
		return nil, nil, err
	}
	if err := degenerate(net); err != nil {
		return nil, nil, err
	}
	is := make([]bool, net.Params)
	for i := range net.Vertices {
		v := &net.Vertices[i]
		if v.Kind != quiver.KindHidden {
			continue
		}
		for u := range v.Dim {
			best, at := 0.0, -1
			for _, o := range v.Out {
				e := &net.Vertices[o.Target].In[o.In]
				for r := range net.Vertices[o.Target].Dim {
					if x := e.W[r*e.Cols+u]; max(x, -x) > best {
						best, at = max(x, -x), e.Offset+r*e.Cols+u
					}
				}
			}
			is[at] = true
		}
	}
	for j, f := range is {
		if f {
			fixed = append(fixed, j)
		} else {
			free = append(free, j)
		}
	}
	return free, fixed, nil
}

// LiftingJacobian returns Γ, the columns of J at the free coordinates of
// FreeCoordinates: (samples·outputs) × (NumParams − H). Its rank is that of J. Errors:
// those of FreeCoordinates and Jacobian.
func LiftingJacobian(w *quiver.Rep, xs []*mat.Dense, o Options) (*mat.Dense, error) {
	free, _, err := FreeCoordinates(w)
	if err != nil {
		return nil, err
	}
	j, err := Jacobian(w, xs, o)
	if err != nil || j.IsEmpty() {
		return j, err
	}
	r, _ := j.Dims()
	g := mat.NewDense(r, len(free), nil)
	for c, at := range free {
		g.SetCol(c, mat.Col(nil, at, j))
	}
	return g, nil
}
