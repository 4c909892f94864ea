package symmetry_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/quivertest"
	"github.com/quivernet/quivernet/symmetry"
)

// TestBoundBall cuts 2,000 random quivers and samples the ball: no error is above the bound, and the
// bound says something for most.
func TestBoundBall(t *testing.T) {
	acts := []quivertest.Act{
		{Activation: layers.Radial(layers.Tanh), Size: 1.2}, {Activation: layers.Radial(layers.Squash), Size: 1.2},
		{Activation: layers.Radial(layers.StepReLU), Size: 1.2}, {Activation: layers.Radial(layers.Sigmoid), Size: 1.2}, {Activation: layers.RMSNorm(6, 0.1), Size: 1.2},
	}
	const radius = 2
	finite, lossy := 0, 0
	var loose float64
	for seed := range uint64(2000) {
		in := quivertest.Generate(seed, acts...)
		c, err := symmetry.Compress(in.Rep, symmetry.Tolerance(0.1))
		require.NoError(t, err, in.Name)
		bounds := c.BoundBall(radius)
		xs := inBall(in, radius, seed)
		want, err := in.Rep.Eval(xs...)
		require.NoError(t, err, in.Name)
		got, err := c.Reduced.Eval(xs...)
		require.NoError(t, err, in.Name)
		for k, name := range in.Rep.Quiver().Outputs() {
			var worst float64
			n, _ := want[k].Dims()
			for i := range n {
				var d mat.VecDense
				d.SubVec(want[k].RowView(i), got[k].RowView(i))
				worst = max(worst, mat.Norm(&d, 2))
			}
			require.LessOrEqual(t, worst, bounds[name], "%s, output %s", in.Name, name)
			if worst > 1e-9 {
				lossy++
				if !math.IsInf(bounds[name], 1) {
					finite++
					loose += math.Log10(bounds[name] / worst)
				}
			}
		}
	}
	t.Logf("%d of %d lossy outputs have a finite bound, in the geometric mean 10^%.1f times the largest error seen", finite, lossy, loose/float64(finite))
	assert.Greater(t, finite, lossy/2)
	assert.Greater(t, lossy, 300)
}

// inBall draws inputs of length at most r, half of them on the sphere.
func inBall(in quivertest.Instance, r float64, seed uint64) []*mat.Dense {
	rng := rand.New(rand.NewPCG(seed, 77))
	var xs []*mat.Dense
	for _, x := range in.Inputs {
		if x.IsEmpty() {
			xs = append(xs, x)
			continue
		}
		y := mat.DenseCopyOf(x)
		n, _ := y.Dims()
		for i := range n {
			row := mat.NewVecDense(len(y.RawRowView(i)), y.RawRowView(i))
			s := r / mat.Norm(row, 2)
			if i%2 == 0 {
				s *= rng.Float64()
			}
			row.ScaleVec(s*(1-1e-15), row)
		}
		xs = append(xs, y)
	}
	return xs
}

func TestBoundBallOfWhat(t *testing.T) {
	q, err := layers.MLP(layers.Radial(layers.Tanh), 2, 8, 1)
	require.NoError(t, err)
	c, err := symmetry.Compress(quiver.Random(q, nil, rand.NewPCG(1, 2)))
	require.NoError(t, err)
	assert.Less(t, c.BoundBall(3)["y"], 1e-11, "an exact compression loses rounding")
	assert.True(t, math.IsNaN(c.BoundBall(-1)["y"]))
	assert.True(t, math.IsNaN(c.BoundBall(math.NaN())["y"]))
	assert.True(t, math.IsInf(c.BoundBall(math.Inf(1))["y"], 1))
}
