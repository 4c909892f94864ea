package quiver_test

import (
	"encoding/json"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/quiver"
)

// TestBoxChecks: what is a set of inputs, what has an interior, and which side an error names.
func TestBoxChecks(t *testing.T) {
	inf := math.Inf(1)
	side := func(err error) int {
		if err == nil {
			return -2 // no error
		}
		var e *quiver.BoxError
		require.True(t, errors.As(err, &e), "%T", err)
		require.NotEmpty(t, e.Reason)
		return e.Side
	}
	for _, c := range []struct {
		box             quiver.Box
		n               int
		set             int // the side that Check names
		interior, whole int // the side that CheckInterior names, without and with all of ℝⁿ
	}{
		{quiver.Cube(2, 3), 2, -2, -2, -2},
		{quiver.Cube(2, 3), 3, -1, -1, -1},
		{quiver.Box{Lo: []float64{0}}, 1, -1, -1, -1},
		{quiver.Whole(2), 2, -2, -1, -2},
		{quiver.Box{}, 0, -2, -2, -2},
		{quiver.Box{Lo: []float64{0, 1}, Hi: []float64{1, 1}}, 2, -2, 1, 1},
		{quiver.Box{Lo: []float64{0, 1}, Hi: []float64{1, 0}}, 2, 1, 1, 1},
		{quiver.Box{Lo: []float64{math.NaN(), 1}, Hi: []float64{1, 2}}, 2, 0, 0, 0},
		{quiver.Box{Lo: []float64{0, 0}, Hi: []float64{1, inf}}, 2, -2, 1, 1},
		{quiver.Box{Lo: []float64{0, inf}, Hi: []float64{1, inf}}, 2, 1, 1, 1},
		{quiver.Box{Lo: []float64{-inf, 0}, Hi: []float64{-inf, 1}}, 2, 0, 0, 0},
	} {
		require.Equal(t, c.set, side(c.box.Check(c.n)), "%v", c.box)
		require.Equal(t, c.interior, side(c.box.CheckInterior(c.n, false)), "%v", c.box)
		require.Equal(t, c.whole, side(c.box.CheckInterior(c.n, true)), "%v", c.box)
	}
	require.Panics(t, func() { quiver.Cube(-1, 1) })
}

func TestBoxText(t *testing.T) {
	for want, b := range map[string]quiver.Box{
		"[-1,1]^3":     quiver.Cube(3, 1),
		"[0,2]":        {Lo: []float64{0}, Hi: []float64{2}},
		"[-1,1]×[0,2]": {Lo: []float64{-1, 0}, Hi: []float64{1, 2}},
		"ℝ":            quiver.Whole(1),
		"ℝ^2":          quiver.Whole(2),
	} {
		require.Equal(t, want, b.String())
		text, err := json.Marshal(b)
		require.NoError(t, err)
		var back quiver.Box
		require.NoError(t, json.Unmarshal(text, &back))
		require.Equal(t, b, back, "%s", text)
	}
	require.Contains(t, quiver.Box{Lo: []float64{0}}.String(), "no box")
	require.Error(t, json.Unmarshal([]byte(`{"lo":["x"],"hi":[1]}`), new(quiver.Box)))
	require.False(t, quiver.Box{Lo: []float64{math.Inf(-1)}}.IsWhole())
}
