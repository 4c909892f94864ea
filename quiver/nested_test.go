package quiver_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestNestedRestrictionsAreRefused: no text that the package writes has a restriction of a
// restriction to more than the point 0, since their bases are multiplied; a reader that multiplied
// them would do n³ operations and keep n² numbers for each vertex of a short text. The bases here
// are such that the product has the hash of the outer one.
func TestNestedRestrictionsAreRefused(t *testing.T) {
	const n = 5
	mirror, first := mat.NewDense(n, n, nil), mat.NewDense(n, n-1, nil)
	for i := range n {
		mirror.Set(i, i, 1)
		if i < n-1 {
			first.Set(i, i, 1)
		}
	}
	mirror.Set(n-1, n-1, -1)
	inner := quiver.Restricted(layers.Radial(layers.Tanh), mirror)
	outer := quiver.Restricted(inner, first).(quiver.Restriction)
	text := func(act quiver.Activation, dim int) string {
		q, err := quiver.New(quiver.Hidden("h", dim, act), quiver.Hidden("k", n, inner))
		require.NoError(t, err)
		b, err := json.Marshal(q)
		require.NoError(t, err)
		return string(b)
	}
	good := text(outer, n-1)
	require.NotContains(t, good, "restrict(restrict(")
	_, err := quiver.DecodeJSON(strings.NewReader(good), layers.Parse)
	require.NoError(t, err, "one restriction, to the product")

	h := fmt.Sprintf("restrict(radial(tanh),#%s)", outer.Hash())
	require.Contains(t, good, h)
	nested := strings.Replace(good, h, fmt.Sprintf("restrict(%s,#%s)", inner, outer.Hash()), 1)
	_, err = quiver.DecodeJSON(strings.NewReader(nested), layers.Parse)
	var se *quiver.SyntaxError
	require.True(t, errors.As(err, &se), "%v", err)
	assert.Contains(t, err.Error(), `vertex 0 "h"`)
	assert.Contains(t, err.Error(), "want one, to the product of their bases")

	point := text(quiver.Restricted(inner, &mat.Dense{}), 0)
	require.Contains(t, point, "restrict(restrict(")
	_, err = quiver.DecodeJSON(strings.NewReader(point), layers.Parse)
	require.NoError(t, err, "the point 0 of a subspace is written so")
}

// TestIdentityBasis: a restriction to a basis that is the identity is what it restricts; one entry
// off it is not.
func TestIdentityBasis(t *testing.T) {
	eye := mat.NewDense(2, 2, []float64{1, 0, 0, 1})
	act := layers.Radial(layers.Tanh)
	assert.Equal(t, act, quiver.Restricted(act, eye))
	_, restricted := quiver.Restricted(act, mat.NewDense(2, 2, []float64{1, 0, 0, -1})).(quiver.Restriction)
	assert.True(t, restricted)
	_, restricted = quiver.Restricted(act, mat.NewDense(3, 2, []float64{1, 0, 0, 1, 0, 0})).(quiver.Restriction)
	assert.True(t, restricted)
}

// TestRestrictedToNothing: the point 0 of a space has no other subspace; nothing recurs for ever.
func TestRestrictedToNothing(t *testing.T) {
	point := quiver.Restricted(layers.Radial(layers.Tanh), &mat.Dense{})
	plane := quiver.Restricted(layers.Radial(layers.Tanh), mat.NewDense(3, 2, []float64{1, 0, 0, 1, 0, 0}))
	for _, b := range []*mat.Dense{mat.NewDense(1, 1, []float64{1}), mat.NewDense(3, 2, nil)} {
		for _, f := range []func(){
			func() { quiver.Restricted(point, b) },
			func() {
				plane.(interface {
					Around(quiver.Activation) quiver.Activation
				}).Around(point)
			},
		} {
			func() {
				defer func() {
					var shape *quiver.ShapeError
					err, _ := recover().(error)
					require.ErrorAs(t, err, &shape)
				}()
				f()
			}()
		}
	}
	again, ok := quiver.Restricted(point, &mat.Dense{}).(quiver.Restriction)
	require.True(t, ok)
	assert.True(t, again.Basis().IsEmpty())
}
