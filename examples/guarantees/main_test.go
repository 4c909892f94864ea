package main

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/optim"
)

// TestTable runs all pairs for a few steps: what is promised holds, what is denied differs or
// is refused.
func TestTable(t *testing.T) {
	var out bytes.Buffer
	all, err := run(&out, 12)
	require.NoError(t, err)
	entrywise := []string{"sign-SGD", "Lion", "Adagrad", "RMSProp", "Adam, AdamW"}
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

// TestEveryMethod: each method of the library is in the table.
func TestEveryMethod(t *testing.T) {
	shown := map[reflect.Type]bool{}
	for _, m := range methods {
		for _, decay := range []string{"none", "L2", "decoupled"} {
			if make := m.make(decay); make != nil {
				shown[reflect.TypeOf(make())] = true
			}
		}
	}
	for _, e := range optim.Catalogue() {
		assert.True(t, shown[reflect.TypeOf(e.New())], "%s is not shown: add it to methods", e.Name)
	}
}
