package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	var out bytes.Buffer
	o, err := run(&out, config{samples: 25, widths: []int{12, 16}, before: 20, after: 40, rate: 0.05})
	require.NoError(t, err)
	assert.Contains(t, out.String(), "width 12→3")
	assert.Contains(t, out.String(), "width 16→4")
	assert.Less(t, o.after, o.before/4)
	assert.LessOrEqual(t, o.gap, 1e-12, "the same training")
	assert.Greater(t, o.free, 1e-4, "free training is another one")
	assert.Less(t, o.last, o.first, "it must learn")
}
