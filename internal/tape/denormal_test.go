package tape

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestSmallest: the smallest normal numbers.
func TestSmallest(t *testing.T) {
	assert.Equal(t, 0x1p-1022, smallest[float64]())
	assert.Equal(t, float32(0x1p-126), smallest[float32]())
}
