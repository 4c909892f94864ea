package graph

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/batch"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/quiver"
)

// maxHessian is the largest number of parameters that Hessian takes: 800 MB.
const maxHessian = 10_000

// Hessian returns the matrix of second derivatives of the loss in all trainable numbers,
// NumParams×NumParams, rows and columns as in Rep.Data: one Hessian-vector product per
// column, so it is meant for small networks. The two triangles are computed
// independently and their mean is returned; where they disagree by more than rounding some
// second derivative is wrong, and a SymmetryError says which. Other errors: as
// HessianVector, and DataError above 10,000 parameters.
func (p *Program) Hessian(w *quiver.Rep, xs, ys []*mat.Dense) (*mat.SymDense, error) {
	if err := p.made(); err != nil {
		return nil, err
	}
	n := p.model.Quiver.NumParams()
	if n > maxHessian {
		return nil, &DataError{What: "Hessian", Reason: fmt.Sprintf("%d parameters make %d entries; use HessianVector", n, n*n)}
	}
	if err := p.checkBatch(w, xs, ys); err != nil {
		return nil, err
	}
	h := make([]float64, n*n)
	v, dst := w.Like(), w.Like()
	for k := range n {
		v.Data()[k] = 1
		if err := p.HessianVector(dst, w, v, xs, ys); err != nil {
			return nil, err
		}
		v.Data()[k] = 0
		copy(h[k*n:], dst.Data())
	}
	if n == 0 {
		return &mat.SymDense{}, nil
	}
	var size, gap float64
	var at [2]int
	for i := range n {
		for j := i; j < n; j++ {
			a, b := h[i*n+j], h[j*n+i]
			size = max(size, math.Abs(a), math.Abs(b))
			if d := math.Abs(a - b); d > gap {
				gap, at = d, [2]int{i, j}
			}
			h[i*n+j] = a + (b-a)/2
		}
	}
	tol := 1e-9
	if p.model.Dtype == model.Dtype(true) {
		tol = 1e-3
	}
	if gap > tol*size {
		return nil, &SymmetryError{segmentAt(w, at[0]), segmentAt(w, at[1]), gap / size}
	}
	return mat.NewSymDense(n, h), nil
}

// checkBatch is the check of all that a loss needs, alone.
func (p *Program) checkBatch(w *quiver.Rep, xs, ys []*mat.Dense) error {
	b := p.data.Get().(*batch.Batch)
	defer p.release(b)
	return p.load(b, w, xs, ys)
}

// segmentAt names what number k of the slab belongs to.
func segmentAt(w *quiver.Rep, k int) string {
	for s, data := range w.Segments() {
		if k < len(data) {
			return model.SegmentName(s)
		}
		k -= len(data)
	}
	return ""
}

// SymmetryError says that two second derivatives that must be equal are not: some
// activation or operation between these two places has a wrong second derivative.
type SymmetryError struct {
	A, B string  // `arrow "x->h1"`, `parameters of vertex "h1"`
	Gap  float64 // relative to the largest entry of the Hessian
}

func (e *SymmetryError) Error() string {
	return fmt.Sprintf("graph: the Hessian is not symmetric between %s and %s: relative gap %.1e; check the second derivatives of the activations on the way", e.A, e.B, e.Gap)
}
