package identify

import (
	"fmt"
	"math"
	"math/big"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/quiver"
)

// Options are the settings that all methods on a batch of samples share. The zero
// value is the good default.
type Options struct {
	// Drop leaves out the samples that lie on a kink and counts them; without it
	// they are a BoundaryError.
	Drop bool

	// Limit is the largest number of entries of a matrix that is returned or held
	// whole; 0 means 5·10⁷ (400 MB). Ranks are computed in chunks and do not need it.
	Limit int

	// Tolerance is the relative tolerance of numerical ranks: singular values up to
	// Tolerance·s_1 count as zero. 0 means max(rows, columns)·2⁻⁵².
	Tolerance float64
}

// Check returns a ParameterError for a tolerance that is none.
func (o Options) Check() error { return tolerance("Tolerance", o.Tolerance) }

func tolerance(name string, x float64) error {
	if !(x >= 0) || math.IsInf(x, 0) {
		return &ParameterError{name, x, "a finite number, 0 or more"}
	}
	return nil
}

// MaxEntries returns Limit, or its default where that is 0.
func (o Options) MaxEntries() int {
	if o.Limit > 0 {
		return o.Limit
	}
	return 5e7
}

// Jacobian returns J, the matrix of the derivatives of all outputs at all samples with
// respect to all trainable numbers: (samples·outputs) × NumParams, rows by sample and,
// within a sample, by output (in declared order), columns as in the slab (Rep.Data).
//
// It works for any acyclic quiver and any activations: one forward and one reverse
// pass per sample, O(samples·outputs·NumParams) in all. At a kink (of a pointwise
// activation) f has no derivative: see Options.Drop. Errors: BoundaryError,
// LimitError (then use Dimension or EachRow, which keep no J), OverflowError, quiver.InputError,
// quiver.ShapeError, quiver.NonFiniteError, EmptyError.
func Jacobian(w *quiver.Rep, xs []*mat.Dense, o Options) (*mat.Dense, error) {
	net, err := pieces.Of(w)
	if err != nil {
		return nil, err
	}
	rows, err := net.Samples(xs)
	if err != nil {
		return nil, err
	}
	kept, _, err := net.Smooth(rows, o.Drop)
	if err != nil {
		return nil, err
	}
	n := new(big.Int).Mul(big.NewInt(int64(len(kept))), new(big.Int).Mul(big.NewInt(int64(net.OutDim)), big.NewInt(int64(net.Params))))
	if !n.IsInt64() || n.Int64() > int64(o.MaxEntries()) {
		return nil, &pieces.LimitError{What: fmt.Sprintf("Jacobian of %d samples × %d outputs × %d parameters: number of entries", len(kept), net.OutDim, net.Params), Count: n, Limit: o.MaxEntries(), Advice: "use Dimension or EachRow, which work in chunks"}
	}
	if n.Sign() == 0 {
		return &mat.Dense{}, nil
	}
	j := mat.NewDense(len(kept)*net.OutDim, net.Params, nil)
	p := net.NewSweep()
	data, block := j.RawMatrix().Data, net.OutDim*net.Params
	for i, x := range kept {
		net.Forward(p.State, x)
		if err := p.Rows(data[i*block:(i+1)*block], i); err != nil {
			return nil, err
		}
	}
	return j, nil
}

// EachRow calls f with the rows of J sample by sample, without holding J: rows is
// outputs × NumParams and is overwritten by the next call. f returning an error ends
// the pass. Errors as Jacobian, but for LimitError.
func EachRow(w *quiver.Rep, xs []*mat.Dense, o Options, f func(sample int, rows *mat.Dense) error) error {
	if f == nil {
		return &ParameterError{"f", 0, "a function"}
	}
	net, err := pieces.Of(w)
	if err != nil {
		return err
	}
	samples, err := net.Samples(xs)
	if err != nil {
		return err
	}
	if _, _, err = net.Smooth(samples, o.Drop); err != nil {
		return err
	}
	if net.OutDim*net.Params == 0 {
		return nil
	}
	p := net.NewSweep()
	rows := mat.NewDense(net.OutDim, net.Params, nil)
	for i, x := range samples {
		net.Forward(p.State, x)
		if _, bad := net.Boundary(p.State, i); bad {
			continue
		}
		if err := p.Rows(rows.RawMatrix().Data, i); err != nil {
			return err
		}
		if err := f(i, rows); err != nil {
			return err
		}
	}
	return nil
}
