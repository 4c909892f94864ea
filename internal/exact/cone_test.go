package exact

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestConeSplit: the two parts of a cube cut by planes have the corners that they should.
func TestConeSplit(t *testing.T) {
	form := func(xs ...int64) []Rational {
		var f []Rational
		for _, x := range xs {
			f = append(f, Int(x))
		}
		return f
	}
	cube := BoxCone([]float64{-1, -1, -1}, []float64{1, 1, 1})
	require.Len(t, cube.Rays, 8)
	below, above := cube.Split(form(1, 1, 1, 0)) // a hexagon
	require.Len(t, below.Rays, 4+6)
	require.Len(t, above.Rays, 4+6)
	below, above = cube.Split(form(1, 1, 1, -2)) // a corner
	require.Len(t, below.Rays, 7+3)
	require.Len(t, above.Rays, 1+3)
	below, above = cube.Split(form(1, 1, 0, 0)) // through two edges
	require.Len(t, below.Rays, 6)
	require.Len(t, above.Rays, 6)
	below, above = cube.Split(form(1, 0, 0, -1)) // touches a face
	require.NotNil(t, below)
	require.Nil(t, above)
	orthant := Orthants(2)[0]
	_, above = orthant.Split(form(1, -1, 0))
	require.Len(t, above.Rays, 3)
	x := Dehomogenize(above.Inner())
	require.Positive(t, x[1].Sign())
	require.Positive(t, x[0].Sub(x[1]).Sign())
}
