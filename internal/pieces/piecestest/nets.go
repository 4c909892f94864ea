// Package piecestest has networks with values known by hand, random networks of every shape, and
// golden texts, for the tests of what computes with package pieces.
//
// In reading order:
//
//	nets.go       activations, chains by their numbers, the networks of the papers' examples
//	instances.go  random chains and quivers of every kind, samples, golden texts, comparison
package piecestest

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// The activations of most tests.
var (
	ReLU  = layers.Pointwise(layers.ReLU)
	Leaky = layers.Pointwise(layers.LeakyReLU(0.25))
)

// Chain builds a ReLU network from its layers: W_1, b_1, W_2, b_2, …, each row-major.
func Chain(t testing.TB, dims []int, numbers ...[]float64) *quiver.Rep {
	t.Helper()
	return chainOf(t, ReLU, dims, numbers...)
}

// chainOf is Chain with any activation.
func chainOf(t testing.TB, act quiver.Activation, dims []int, numbers ...[]float64) *quiver.Rep {
	t.Helper()
	q, err := layers.MLP(act, dims...)
	require.NoError(t, err)
	w := quiver.Zero(q)
	o := 0
	for _, x := range numbers {
		o += copy(w.Data()[o:], x)
	}
	require.Equal(t, q.NumParams(), o)
	return w
}

// RowsOf makes a matrix of its rows.
func RowsOf(rows ...[]float64) *mat.Dense {
	m := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, r := range rows {
		m.SetRow(i, r)
	}
	return m
}

// Column makes a batch of samples of one number.
func Column(x ...float64) *mat.Dense { return mat.NewDense(len(x), 1, x) }

// Batch is the batch of a network with one input.
func Batch(x *mat.Dense) []*mat.Dense { return []*mat.Dense{x} }

// IntegerGrid returns the integer points of [−6,6]².
func IntegerGrid() *mat.Dense {
	var rows [][]float64
	for x := -6.0; x <= 6; x++ {
		for y := -6.0; y <= 6; y++ {
			rows = append(rows, []float64{x, y})
		}
	}
	return RowsOf(rows...)
}

// NetA1 has one hidden layer of two units, and is determined by its values at X7.
func NetA1(t testing.TB) *quiver.Rep {
	return Chain(t, []int{2, 2, 1}, []float64{1, 2, -3, 1}, []float64{1, 0}, []float64{2, -1}, []float64{3})
}

// X7 are samples in the cells of NetA1.
var X7 = [][]float64{{1, 1}, {-1, 2}, {2, -3}, {1, 0}, {-2, -1}, {3, -1}, {-1, 1}}

// NetT1 has two hidden layers of two units.
func NetT1(t testing.TB) *quiver.Rep {
	return Chain(t, []int{2, 2, 2, 1}, []float64{2, -2, -2, -1}, []float64{1, -2}, []float64{2, -1, -1, 0}, []float64{2, 2}, []float64{2, -1}, []float64{-2})
}

// X11 are samples in the cells of NetT1.
var X11 = [][]float64{{0, 0}, {0, -1}, {0, 1}, {1, 0}, {-1, -1}, {1, -1}, {-3, 0}, {-2, -1}, {-2, 1}, {-1, -2}, {-3, -3}}

// NetT1Dead is NetT1 with a unit of the second layer that is off wherever the first is.
func NetT1Dead(t testing.TB) *quiver.Rep {
	return Chain(t, []int{2, 2, 2, 1}, []float64{2, -2, -2, -1}, []float64{1, -2}, []float64{2, -1, -1, -1}, []float64{2, -1}, []float64{2, -1}, []float64{-2})
}

// NetT1On is NetT1 with a second layer that is always on, which hides directions.
func NetT1On(t testing.TB) *quiver.Rep {
	return Chain(t, []int{2, 2, 2, 1}, []float64{2, -2, -2, -1}, []float64{1, -2}, []float64{1, 2, 2, 1}, []float64{1, 1}, []float64{1, 1}, []float64{-2})
}

// NetAlwaysOn has a unit of the second layer that is on at all inputs, which only the
// rank at generic weights reveals.
func NetAlwaysOn(t testing.TB) *quiver.Rep {
	return Chain(t, []int{2, 2, 2, 1}, []float64{0, 1, 1, -2}, []float64{2, -2}, []float64{2, 2, 1, -2}, []float64{2, 2}, []float64{2, 1}, []float64{2})
}

// NetQ1 has two hidden layers of two units, and satisfies condition P on a box around 0.
func NetQ1(t testing.TB) *quiver.Rep {
	return Chain(t, []int{2, 2, 2, 1}, []float64{-3, -2, -3, -3}, []float64{1, -2}, []float64{1, -2, 3, 3}, []float64{3, -1}, []float64{-3, -1}, []float64{-2})
}

// Bent is a pointwise activation of a user's own, with a slope on each side of 0.
type Bent struct{ Up, Down float64 }

// String returns "bent".
func (b Bent) String() string { return "bent" }

// Apply stores σ(z).
func (b Bent) Apply(dst, z []float64) {
	for i, x := range z {
		dst[i] = b.PointJet(1, x) * x
	}
}

// VJP stores σ′(z)·g.
func (b Bent) VJP(dst, z, g []float64) {
	for i, x := range z {
		dst[i] = b.PointJet(1, x) * g[i]
	}
}

// Restrict always refuses.
func (b Bent) Restrict(*mat.Dense) (quiver.Activation, bool) { return nil, false }

// PointJet returns σ or a derivative of it.
func (b Bent) PointJet(k int, x float64) float64 {
	s := b.Down
	if x > 0 {
		s = b.Up
	}
	switch k {
	case 0:
		return s * x
	case 1:
		return s
	}
	return 0
}
