package graph

import (
	"testing"

	"github.com/quivernet/quivernet/quiver"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
)

// TestInputWithoutCoordinates: an input of dimension 0 has no rows, and the others say how many samples there are.
func TestInputWithoutCoordinates(t *testing.T) {
	q, err := quiver.New(quiver.Input("none", 0), quiver.Input("x", 2), quiver.Output("y", 1, nil), quiver.Connect("none", "y", quiver.Named("n")), quiver.Connect("x", "y"))
	require.NoError(t, err)
	p, err := Compile(q)
	require.NoError(t, err)
	out, err := p.Forward(quiver.Zero(q), &mat.Dense{}, mat.NewDense(4, 2, nil))
	require.NoError(t, err)
	r, _ := out[0].Dims()
	assert.Equal(t, 4, r)
}
