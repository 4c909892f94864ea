package graph

import (
	"fmt"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/batch"
	"github.com/quivernet/quivernet/internal/vec"
	"github.com/quivernet/quivernet/quiver"
)

// jacobianRows is how many rows of a Jacobian a sweep computes at once: one sweep costs
// its memory, rows × Σ dim, and serves all outputs of rows/outputs samples.
const jacobianRows = 512

// Jacobian returns J, the derivatives of all outputs at all samples with respect to all
// trainable numbers, (n·m)×NumParams for n samples and m = Σ dim of the outputs: row i·m+o
// is sample i and coordinate o of the outputs in declared order, columns are as in
// Rep.Data. Column blocks of tied arrows hold the sum over the arrows. It computes in
// double precision whatever the program's is.
//
// With G = the rows of the identity, one reverse sweep gives Δ_v = ∂y/∂z_v for a batch
// of samples and all their outputs, and row k of the block of arrow a is the outer product
// Δ_{t(a)}[k,·]ᵀ x_{s(a)}. At a kink the derivative is the one that Activation.VJP takes.
//
// Errors: RepError, DataError, OpError, NonFiniteError.
func (p *Program) Jacobian(w *quiver.Rep, xs ...*mat.Dense) (*mat.Dense, error) {
	if err := p.made(); err != nil {
		return nil, err
	}
	n, err := batch.Samples(p.model, w, xs)
	if err != nil {
		return nil, err
	}
	r, c := n*p.model.OutputWidth(), p.model.Quiver.NumParams()
	if r == 0 || c == 0 {
		return &mat.Dense{}, nil
	}
	if c > (1<<62)/8/r {
		return nil, &DataError{What: "Jacobian", Reason: fmt.Sprintf("%d×%d does not fit in memory; use fewer samples at a time", r, c)}
	}
	j := mat.NewDense(r, c, nil)
	return j, p.JacobianTo(j, w, xs...)
}

// JacobianTo is Jacobian into a matrix of the caller's, (n·m)×NumParams. It
// overwrites all of dst, and uses as many goroutines as the program has workers. It keeps its
// memory for the next call with as many samples.
func (p *Program) JacobianTo(dst *mat.Dense, w *quiver.Rep, xs ...*mat.Dense) error {
	if err := p.made(); err != nil {
		return err
	}
	n, err := batch.Samples(p.model, w, xs)
	if err != nil {
		return err
	}
	m, c := p.model.OutputWidth(), p.model.Quiver.NumParams()
	if dst == nil {
		return &DataError{What: "Jacobian", Reason: "the matrix is nil"}
	}
	if r, k := dst.Dims(); (r != n*m || k != c) && !(r*k == 0 && n*m*c == 0) {
		return &DataError{What: "Jacobian", Reason: fmt.Sprintf("matrix is %d×%d, want %d×%d (samples·outputs × parameters)", r, k, n*m, c)}
	}
	if n*m*c == 0 {
		return nil
	}
	if batch.WindowOf(dst).Meets(batch.WindowOfSlab(w.Data())) {
		return &DataError{What: "Jacobian", Reason: "the matrix shares memory with the weights and would overwrite them; give one of its own"}
	}
	if err := batch.Overwrites(p.model, "the Jacobian", batch.WindowOf(dst), xs, nil); err != nil {
		return err
	}
	if err := w.CheckFinite(); err != nil {
		return &RepError{Reason: "the weights are not finite", Err: err}
	}
	for i, v := range p.model.Inputs {
		if err := batch.Finite("input", p.model.Vertices[v].Name, xs[i]); err != nil {
			return err
		}
	}
	samples := min(n, max(jacobianRows/m, 1))
	chunks := (n + samples - 1) / samples
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, min(p.workers, chunks))
	for k := range errs {
		wg.Go(func() { errs[k] = p.jacobianChunks(dst, w, xs, samples, n, &next) })
	}
	wg.Wait()
	return first(errs)
}

// jacobianChunks computes chunks until none is left. The last one overlaps its neighbour, so
// that all have one size; a sample's row does not depend on its chunk. Only the rows that the
// neighbour does not have are written.
func (p *Program) jacobianChunks(dst *mat.Dense, w *quiver.Rep, xs []*mat.Dense, samples, n int, next *atomic.Int64) error {
	s, _ := p.jacobians.Get().(*sensitivity)
	if s == nil || s.samples != samples {
		var err error
		if s, err = newSensitivity(p.model, samples); err != nil {
			return err
		}
	}
	defer p.jacobians.Put(s)
	s.Weights(w)
	for {
		from := (int(next.Add(1)) - 1) * samples
		if from >= n {
			return nil
		}
		lo := min(from, n-samples)
		s.Inputs(xs, func(i int) int { return lo + i/s.m })
		if err := s.Run(); err != nil {
			return err
		}
		for i := (from - lo) * s.m; i < samples*s.m; i++ {
			row := dst.RawRowView(lo*s.m + i)
			s.row(row, w, i)
			if k := vec.FirstBad(row); k >= 0 {
				return &NonFiniteError{Where: fmt.Sprintf("the Jacobian at sample %d", lo+i/s.m), Row: lo*s.m + i, Col: k, Value: row[k]}
			}
		}
	}
}
