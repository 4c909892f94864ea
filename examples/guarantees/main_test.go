package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTable runs all pairs for a few steps: what is promised holds, what is denied differs or
// is refused.
func TestTable(t *testing.T) {
	var out bytes.Buffer
	all, err := run(&out, 12)
	require.NoError(t, err)
	entrywise := []string{"sign-SGD", "Adagrad", "RMSProp", "Adam, AdamW"}
	for name, c := range all {
		switch {
		case strings.HasSuffix(name, "E1"):
			no := false
			for _, m := range entrywise {
				no = no || strings.HasPrefix(name, m+" ")
			}
			if no {
				assert.Greater(t, c.gap, 1e-3, name)
			} else {
				assert.LessOrEqual(t, c.gap, 1e-10, name)
			}
		case name == "Muon L2 E2" || name == "L-BFGS L2 E2" || strings.HasPrefix(name, "Tolerance") || strings.HasPrefix(name, "Rank, singular") || strings.HasPrefix(name, "Pointwise"):
			assert.Error(t, c.refused, name)
		default:
			assert.NoError(t, c.refused, name)
			assert.LessOrEqual(t, c.gap, 1e-10, name)
		}
	}
	assert.Contains(t, out.String(), "refused")
}
