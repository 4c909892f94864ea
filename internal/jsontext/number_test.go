package jsontext

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNumber: infinities are strings, and come back.
func TestNumber(t *testing.T) {
	var n Number
	for _, x := range []float64{1.5, math.Inf(1), math.Inf(-1)} {
		text, err := json.Marshal(Number(x))
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &n))
		require.Equal(t, x, float64(n))
	}
}
