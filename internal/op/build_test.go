package op

import (
	"reflect"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
)

// TestKnownVersion: the short cut is taken with one version of Gorgonia, and with no other or a replacement.
func TestKnownVersion(t *testing.T) {
	deps := func(ms ...*debug.Module) *debug.BuildInfo { return &debug.BuildInfo{Deps: ms} }
	other := &debug.Module{Path: "gonum.org/v1/gonum", Version: "v0.17.0"}
	for _, c := range []struct {
		info *debug.BuildInfo
		want bool
	}{
		{nil, false},
		{deps(), true}, // a test
		{deps(other), false},
		{deps(other, &debug.Module{Path: gorgoniaModule, Version: "v0.9.18"}), true},
		{deps(&debug.Module{Path: gorgoniaModule, Version: "v0.9.17"}), false},
		{deps(&debug.Module{Path: gorgoniaModule, Version: "v0.9.19-0.20250101000000-abcdefabcdef"}), false},
		{deps(&debug.Module{Path: gorgoniaModule, Version: "v0.9.18", Replace: &debug.Module{Path: "../gorgonia"}}), false},
		{deps(&debug.Module{Path: "gorgonia.org/gorgonia/v2", Version: "v0.9.18"}), false},
	} {
		assert.Equal(t, c.want, knownVersion(c.info), "%+v", c.info)
	}
	require.NotNil(t, fieldsOf(reflect.TypeFor[gorgonia.ExprGraph]()), "the fields of the version in go.mod")
	type fewer struct {
		byID    map[int64]int
		counter uint
	}
	assert.Nil(t, fieldsOf(reflect.TypeFor[fewer]()), "the two fields alone are not enough")
	assert.Nil(t, fieldsOf(reflect.TypeFor[gorgonia.Node]()))
	assert.Nil(t, fieldsOf(reflect.TypeFor[int]()))
	_ = fewer{}.byID
	_ = fewer{}.counter
}
