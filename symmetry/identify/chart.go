package identify

import (
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// FreeCoordinates returns a local parameterisation of the orbits near w: for each hidden
// unit one outgoing weight of largest modulus is fixed (its place in the slab is in
// fixed), the others and all biases are free; NumParams − H free coordinates for H hidden
// units (arXiv 2206.07424). Errors: DegenerateError, ActivationError, StructureError.
func FreeCoordinates(w *quiver.Rep) (free, fixed []int, err error) {
	net, err := compile(w)
	if err != nil {
		return nil, nil, err
	}
	if err := freeUnits(net, "local parameterisation"); err != nil {
		return nil, nil, err
	}
	if err := degenerate(net); err != nil {
		return nil, nil, err
	}
	is := make([]bool, net.params)
	for i := range net.vs {
		v := &net.vs[i]
		if v.kind != quiver.KindHidden {
			continue
		}
		for u := range v.dim {
			best, at := 0.0, -1
			for _, o := range v.out {
				e := &net.vs[o.target].in[o.in]
				for r := range net.vs[o.target].dim {
					if x := e.m[r*e.cols+u]; max(x, -x) > best {
						best, at = max(x, -x), e.at+r*e.cols+u
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
