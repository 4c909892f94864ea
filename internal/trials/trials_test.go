package trials_test

import (
	"flag"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/trials"
)

func TestCountFollowsTheFlag(t *testing.T) {
	before := flag.Lookup("full").Value.String()
	defer func() { require.NoError(t, flag.Set("full", before)) }()
	require.NoError(t, flag.Set("full", "false"))
	assert.Equal(t, 7, trials.Count(7, 1000))
	assert.False(t, trials.Full())
	require.NoError(t, flag.Set("full", "true"))
	assert.Equal(t, 1000, trials.Count(7, 1000))
	assert.True(t, trials.Full())
}
