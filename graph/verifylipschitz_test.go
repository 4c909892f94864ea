package graph_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/internal/trials"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// boastful has Lipschitz constants that are too small by a factor.
type boastful struct {
	quiver.Activation
	lip, sup float64
}

func (b boastful) String() string {
	return fmt.Sprintf("boastful(%v,%v,%v)", b.Activation, b.lip, b.sup)
}
func (b boastful) Lipschitz(lo, hi float64) (lip, sup float64) {
	lip, sup = b.Activation.(quiver.Lipschitz).Lipschitz(lo, hi)
	return b.lip * lip, b.sup * sup
}

// TestVerifyLipschitz: the constants of the whole catalogue pass at samples of many lengths, and such that are too small by 1e-4 are named.
func TestVerifyLipschitz(t *testing.T) {
	verify := func(act quiver.Activation, size float64) *graph.Verification {
		q, err := quiver.New(quiver.Input("x", 3), quiver.Hidden("h", 4, act), quiver.Output("y", 2, nil), quiver.Connect("x", "h"), quiver.Connect("h", "y"))
		require.NoError(t, err)
		w := quiver.Random(q, nil, rand.NewPCG(5, 6))
		p, err := graph.Compile(q, graph.Loss("y", graph.MSE, 1))
		require.NoError(t, err)
		x := normal(16, 3, 7)
		x.Scale(size, x)
		v, err := graph.Verify(p, w, list(x), list(mat.NewDense(16, 2, nil)))
		require.NoError(t, err)
		return v
	}
	found := func(v *graph.Verification) (n int) {
		for _, c := range v.Checks {
			if strings.HasPrefix(c.Law, "Lipschitz") && c.Status == graph.Failed {
				n++
				assert.Contains(t, c.Note, "boastful")
				assert.Equal(t, `vertex "h"`, c.Where)
			}
		}
		return n
	}
	var acts []quiver.Activation
	for _, h := range layers.Catalogue() {
		acts = append(acts, layers.Radial(h), layers.Pointwise(h), layers.Blocks(h, 2, 2))
	}
	acts = append(acts, layers.RMSNorm(4, 0.1), layers.RMSNorm(4, 0), layers.DeadZone(layers.Radial(layers.Tanh), 0.5), layers.Rescaling("test-onenorm", layers.OneNorm{}),
		layers.Radial(layers.Shift(layers.ReLU, 1)), layers.Radial(layers.Power(2)), layers.Pointwise(layers.LeakyReLU(0.1)), layers.Quadratic(layers.Tanh, mat.NewDense(4, 4, []float64{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1}), []float64{1, 0, 0, 0}, 0.1))
	sizes := []float64{1, 0.01, 5}
	for k := range trials.Count(len(acts), len(acts)*len(sizes)) {
		act, size := acts[k%len(acts)], sizes[(k+k/len(acts))%len(sizes)]
		assert.Zero(t, found(verify(act, size)), "%v, %v", act, size)
	}
	for _, h := range []layers.Func{layers.Tanh, layers.ReLU, layers.GELU, layers.Softplus} {
		for _, act := range []quiver.Activation{layers.Pointwise(h), layers.Radial(h)} {
			for _, b := range []boastful{{act, 1 - 1e-3, 1}, {act, 0.5, 1}} {
				assert.Equal(t, 1, found(verify(b, 1)), "%v", b)
			}
			assert.Zero(t, found(verify(boastful{act, 1, 1}, 1)))
		}
	}
	assert.Equal(t, 1, found(verify(boastful{layers.Radial(layers.Tanh), 1, 1 - 1e-4}, 1)), "|ρ(z)|")
}
