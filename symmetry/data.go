package symmetry

import (
	"errors"
	"fmt"

	"github.com/quivernet/quivernet/internal/joining"

	"github.com/quivernet/quivernet/internal/inputs"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Data compresses for inputs like the given ones: one matrix per input in declared order,
// samples × dim, or nil for an input that is left alone. If the rows x of an input lie in an
// affine space of dimension k, the vectors (1, x) lie in a linear space of dimension
// k+1 with orthonormal basis J. The reduced network starts with a vertex c = Jᵀ(1, x), fed by
// fixed arrows from the bias and the input, and the arrows of bias and input into one vertex merge
// into one, [b W]·J. Where a vertex has no bias of its own the input alone is spanned,
// c = Jᵀx; fixed and tied arrows stay as they are. Each input is treated separately; the first
// one that meets a bias takes it. Derived.
//
// The function is the same on the span of the data and nowhere else: the Certificate says
// so, and Compression.OffData tells how far a new row is from it. Rotated and Subspace belong
// to the network with the merged arrows: there projected training equals reduced training for
// every method of which that holds anyway. Training of the original arrows is the same for
// gradient descent, momentum and Nesterov with one rate and decay on both; not for methods
// that work entry by entry, and not with a rate for biases. Lift leaves the part of the
// original's arrows that the data do not see as it is.
//
// Directions count as empty below rounding only, in the units of each coordinate: a sample may lose
// 4·ε·√(d+1) of the largest entry of its column, and no more than rounding of what the arrows make
// of it. Offsets do not count as size: rows 1e8, 1e8+1 span a line beside a bias. Where the network
// would differ on the data by more than rounding explains, the inputs are left as they are.
func Data(xs ...*mat.Dense) Option {
	return option(func(o *options) { o.data, o.hasData = xs, true })
}

// ofData names the option where its data do not fit the inputs.
func ofData(err error) error {
	var e *joining.DataError
	if errors.As(err, &e) {
		return &OptionError{"Data", e.Reason}
	}
	return err
}

// OffData returns, for a compression with Data, how far each row of the inputs is from the
// span on which the reduced network equals the original: the largest coordinate of the distance of
// (1, x), or of x, from it, relative to how far the data go in that coordinate, the largest over
// the inputs. It does not depend on units. Without Data it is 0. Inputs of other shapes give a
// *quiver.InputError or a *quiver.ShapeError.
func (c *Compression) OffData(xs ...*mat.Dense) ([]float64, error) {
	if err := c.made(); err != nil {
		return nil, err
	}
	q := c.reduced().Quiver()
	names := q.Inputs()
	if len(xs) != len(names) {
		return nil, &quiver.InputError{Reason: fmt.Sprintf("%d input matrices, want %d (%v)", len(xs), len(names), names)}
	}
	for i, x := range xs {
		if x == nil {
			return nil, &quiver.InputError{Reason: fmt.Sprintf("the matrix of input %q is nil; want samples × %d", names[i], q.Dims()[names[i]])}
		}
	}
	if c.joined == nil {
		return make([]float64, inputs.Rows(xs)), nil
	}
	return c.joined.Off(xs)
}
