package graph

import (
	"math/rand/v2"
	"testing"

	"github.com/quivernet/quivernet/internal/batch"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
)

// faulty is an executor with a wrong operation.
type faulty struct {
	engine
	forwardBy, gradBy float64
	block             int
}

func (f *faulty) forward(dst []*mat.Dense, w *quiver.Rep, xs []*mat.Dense, n int) error {
	err := f.engine.forward(dst, w, xs, n)
	dst[0].Set(0, 0, dst[0].At(0, 0)*(1+f.forwardBy))
	return err
}

func (f *faulty) lossGrad(grad, w *quiver.Rep, b *batch.Batch) (float64, error) {
	l, err := f.engine.lossGrad(grad, w, b)
	if grad != nil {
		grad.Block(f.block)[0] *= 1 + f.gradBy
	}
	return l, err
}

// TestVerifyExecutor: what the executor gets wrong is found, with the name of the output or
// the arrow, and by the symmetry of the gradients too.
func TestVerifyExecutor(t *testing.T) {
	q, err := layers.MLP(layers.Radial(layers.Tanh), 2, 4, 4, 2)
	require.NoError(t, err)
	w := quiver.Random(q, nil, rand.NewPCG(1, 2))
	x, y := mat.NewDense(3, 2, []float64{1, 2, 3, 4, 5, 6}), mat.NewDense(3, 2, []float64{1, 0, 0, 1, 2, 2})
	for _, c := range []struct {
		f    faulty
		want [][2]string
	}{
		{faulty{}, nil},
		{faulty{forwardBy: 1e-8}, [][2]string{{"output: Forward = reference", `output "y"`}}},
		{faulty{gradBy: 1e-6, block: 2}, [][2]string{
			{"gradient: compiled = reference", `arrow "h1->h2"`},
			{"symmetry: Σ G Wᵀ − Σ Wᵀ G is symmetric", `vertex "h1"`},
			{"symmetry: Σ G Wᵀ − Σ Wᵀ G is symmetric", `vertex "h2"`}}},
	} {
		p, err := Compile(q, Loss("y", MSE, 1))
		require.NoError(t, err)
		c.f.engine = p.engine
		p.engine = &c.f
		v, err := Verify(p, w, []*mat.Dense{x}, []*mat.Dense{y})
		require.NoError(t, err)
		var got [][2]string
		for _, k := range v.Checks {
			if k.Status == Failed {
				got = append(got, [2]string{k.Law, k.Where})
			}
		}
		assert.Equal(t, c.want, got, "%v", v)
	}
}
