package graph

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/batch"
	"github.com/quivernet/quivernet/quiver"
)

// TestTotal: the sum over the chunks, and the index of its first number that is not finite, wherever the others stand among the
// blocks of 512.
func TestTotal(t *testing.T) {
	const size = 1300
	for _, chunks := range []int{1, 2, 3} {
		for _, bad := range [][]int{nil, {0}, {1}, {0, 700}, {3, 4, 700}, {511}, {512, 1299}, {700, 1100}, {1299}} {
			want := -1
			slabs, sum := make([][]float64, chunks), make([]float64, size)
			for c := range slabs {
				slabs[c] = make([]float64, size)
				for i := range size {
					slabs[c][i] = float64(i*(c+1)%97 - 40)
					sum[i] += slabs[c][i]
				}
			}
			for k, i := range bad {
				slabs[k%chunks][i], sum[i] = math.Inf(1), math.Inf(1)
			}
			if bad != nil {
				want = bad[0]
			}
			dst := make([]float64, size)
			w := &work[float64]{}
			assert.Equal(t, want, w.total(dst, slabs), "%d chunks, %v", chunks, bad)
			assert.Equal(t, sum, dst, "%d chunks, %v", chunks, bad)
		}
	}
}

// twoByOne is y = Wx with two inputs and one output, and 2·256 samples of it: two chunks.
func twoByOne(t *testing.T) (*Program, *quiver.Rep, *mat.Dense, *mat.Dense) {
	t.Helper()
	q, err := quiver.New(quiver.Input("x", 2), quiver.Output("y", 1, nil), quiver.Connect("x", "y"))
	require.NoError(t, err)
	p, err := Compile(q, Loss("y", SumSquares, 1), Workers(1))
	require.NoError(t, err)
	return p, quiver.Zero(q), mat.NewDense(2*chunkRows, 2, nil), mat.NewDense(2*chunkRows, 1, nil)
}

func fill(m *mat.Dense, col int, v float64) {
	r, _ := m.Dims()
	for i := range r {
		m.Set(i, col, v)
	}
}

// TestOverflowBetweenChunks: each chunk is finite, and their sum is not. The error names the loss, or the entry of the gradient.
func TestOverflowBetweenChunks(t *testing.T) {
	p, w, x, y := twoByOne(t)
	fill(y, 0, math.Sqrt(1.2e308/chunkRows)) // Σ t² over a chunk is 1.2e308
	for _, grad := range []*quiver.Rep{nil, w.Like()} {
		var err error
		if grad == nil {
			_, err = p.Loss(w, []*mat.Dense{x}, []*mat.Dense{y})
		} else {
			_, err = p.LossGrad(grad, w, []*mat.Dense{x}, []*mat.Dense{y})
		}
		assert.Equal(t, &NonFiniteError{Where: "the loss", Row: 0, Col: 0, Value: math.Inf(1)}, err)
	}
	fill(y, 0, -1)
	for col := range 2 { // ∂L/∂W = Σ 2(y−t)x = 2·256·x in each chunk
		fill(x, 0, 1)
		fill(x, 1, 1)
		fill(x, col, 1.2e308/(2*chunkRows))
		_, err := p.LossGrad(w.Like(), w, []*mat.Dense{x}, []*mat.Dense{y})
		assert.Equal(t, &NonFiniteError{Where: "the sum of the gradients of the chunks", Row: 0, Col: col, Value: math.Inf(1)}, err)
		fill(x, col, 0.4e308/(2*chunkRows))
		_, err = p.LossGrad(w.Like(), w, []*mat.Dense{x}, []*mat.Dense{y})
		assert.NoError(t, err, "a control")
	}
}

// TestTraceGivesBack: what looks for a number that is not finite works with memory that was not used before, and gives it back.
func TestTraceGivesBack(t *testing.T) {
	p, w, x, y := twoByOne(t)
	r := p.engine.(*runner[float64])
	b := &batch.Batch{N: 2 * chunkRows, Inputs: []*mat.Dense{x}, Targets: []*mat.Dense{y}}
	idle := func(what purpose) int {
		u := r.have(key{rows: chunkRows, purpose: what})
		require.NotNil(t, u)
		return u.tape.Idle()
	}
	for _, what := range []purpose{lossOnly, lossAndGrad} {
		s := r.work(2)
		require.NoError(t, r.prepare(s, b.N, 2, key{purpose: what}, p.model.TargetWidths(nil)))
		s.src.Load(p.model, w, b)
		s.losses[0] = math.Inf(-1)
		var grad *quiver.Rep
		slabs := s.slabsFor(2, 0)
		if what == lossAndGrad {
			grad = w.Like()
			slabs = s.slabsFor(2, len(grad.Data()))
		}
		before := idle(what)
		assert.Equal(t, &NonFiniteError{Where: "the loss", Row: 0, Col: 0, Value: math.Inf(-1)}, r.trace(s, slabs, 2, -1, grad, b))
		assert.Equal(t, before+1, idle(what), "the memory of the second chunk")
		r.giveBack(s)
	}
	before := 0
	if u := r.have(key{rows: chunkRows, purpose: outputsOnly}); u != nil {
		before = u.tape.Idle()
	}
	var bad *NonFiniteError
	require.ErrorAs(t, r.traceOutputs(w, b.Inputs, b.N), &bad)
	assert.Equal(t, "the outputs", bad.Where, "all of them are finite")
	assert.Equal(t, before+1, idle(outputsOnly))
}
