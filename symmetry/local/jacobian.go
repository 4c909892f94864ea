package local

import (
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/rank"
	"github.com/quivernet/quivernet/internal/rescale"
)

// jacobian takes the rows of J at samples, one after the other, and finds its rank and kernel in
// balanced coordinates, which do not depend on where on its rescaling orbit a network is.
type jacobian struct {
	net     *pieces.Network
	sweep   *pieces.Sweep
	red     *rank.Reducer
	block   []float64
	balance []float64
	tol     float64
	samples int
}

func newJacobian(net *pieces.Network, tol float64) *jacobian {
	return &jacobian{net: net, sweep: net.NewSweep(), red: rank.NewReducer(net.Params), block: make([]float64, net.OutDim*net.Params), balance: rescale.Balance(net), tol: tol}
}

// add takes samples; those on a kink are left out. Errors: OverflowError.
func (j *jacobian) add(samples [][]float64) error {
	for _, x := range samples {
		_, kink, err := j.sweep.Sample(j.block, x, j.samples)
		if err != nil {
			return err
		}
		j.samples++
		for k := 0; !kink && k < j.net.OutDim; k++ {
			j.red.Add(j.block[k*j.net.Params : (k+1)*j.net.Params])
		}
	}
	return nil
}

func (j *jacobian) rank() rank.Report { return j.red.ScaledRank(j.balance, j.tol) }

// kernel returns the rank and an orthonormal basis of the kernel, as columns.
func (j *jacobian) kernel() (rank.Report, *mat.Dense) { return j.red.Kernel(j.balance, j.tol) }
