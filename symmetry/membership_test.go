package symmetry_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/golden"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/symmetry"
)

// TestMembershipErrors holds what a person reads where a matrix is in no group.
func TestMembershipErrors(t *testing.T) {
	m := func(r, c int, xs ...float64) mat.Matrix { return mat.NewDense(r, c, xs) }
	relu := symmetry.GroupOf(layers.Pointwise(layers.ReLU), 2)
	odd := symmetry.GroupOf(layers.Pointwise(layers.Tanh), 2)
	gelu := symmetry.GroupOf(layers.Pointwise(layers.GELU), 2)
	prelu := symmetry.Group{Kind: symmetry.PositiveMonomial, Degree: 1, Classes: []int{0, 0, 1}}
	blocks := symmetry.GroupOf(layers.Blocks(layers.Tanh, 2, 1), 3)
	power := symmetry.GroupOf(layers.Pointwise(layers.Power(100)), 1)
	var text []byte
	for _, tc := range []struct {
		name string
		g    symmetry.Group
		a    mat.Matrix
	}{
		{"not square", relu, m(2, 3, 1, 0, 0, 0, 1, 0)},
		{"zero row", relu, m(2, 2, 1, 0, 0, 0)},
		{"two in a row", relu, m(2, 2, 1, 1, 0, 1)},
		{"two in a column", relu, m(2, 2, 1, 0, 1, 0)},
		{"NaN", relu, m(2, 2, 1, 0, 0, math.NaN())},
		{"Inf", relu, m(2, 2, 1, 0, 0, math.Inf(1))},
		{"ReLU with sign", relu, m(2, 2, 0, 1, -1, 0)},
		{"tanh with scale", odd, m(2, 2, 2, 0, 0, 1)},
		{"GELU with scale", gelu, m(2, 2, 1, 0, 0, 2)},
		{"GELU with sign", gelu, m(2, 2, 1, 0, 0, -1)},
		{"scale out of range", power, m(1, 1, 1e-9)},
		{"PReLU, other slope", prelu, m(3, 3, 1, 0, 0, 0, 0, 1, 0, 1, 0)},
		{"PReLU, other dimension", prelu, m(2, 2, 1, 0, 0, 1)},
		{"pinned", symmetry.Group{}, m(2, 2, 0, 1, 1, 0)},
		{"not orthogonal", symmetry.Group{Kind: symmetry.Orthogonal}, m(2, 2, 1, 0, 0.5, 1)},
		{"not conformal", symmetry.Group{Kind: symmetry.Conformal}, m(2, 2, 2, 0, 0, 3)},
		{"zero", symmetry.Group{Kind: symmetry.Conformal}, m(2, 2, 0, 0, 0, 0)},
		{"mixes blocks", blocks, m(3, 3, 1, 0, 0, 0, 0, 1, 0, 1, 0)},
		{"other blocks", blocks, m(2, 2, 1, 0, 0, 1)},
		{"row sum", symmetry.Group{Kind: symmetry.UnitRowSum}, m(2, 2, 1, 0, 1, 1)},
		{"singular, sums to 1", symmetry.Group{Kind: symmetry.UnitRowSum}, m(2, 2, 0.5, 0.5, 0.5, 0.5)},
		{"singular", symmetry.Group{Kind: symmetry.GeneralLinear}, m(2, 2, 1, 2, 2, 4)},
		{"softmax with scale", symmetry.SoftmaxGroup, m(2, 2, 2, 0, 0, 2)},
		{"softmax, two in a row", symmetry.SoftmaxGroup, m(2, 2, 1, 1, 0, 0)},
		{"LayerNorm, no rotation", symmetry.LayerNormGroup, m(3, 3, 1, 0, 0, 0, 2, 0, 0, 0, 1)},
		{"LayerNorm, singular", symmetry.LayerNormGroup, m(2, 2, 1, 0, 1, 0)},
	} {
		err := tc.g.Contains(tc.a)
		var bad *symmetry.MembershipError
		require.ErrorAs(t, err, &bad, tc.name)
		_, phiErr := tc.g.Phi(tc.a)
		assert.EqualError(t, phiErr, err.Error())
		text = fmt.Appendf(text, "%s\n\t%v\n", tc.name, err)
	}
	for _, tc := range []struct {
		name string
		m    symmetry.Monomial
	}{
		{"perm names a column twice", symmetry.Monomial{Perm: []int{1, 1}}},
		{"perm out of range", symmetry.Monomial{Perm: []int{0, 2}}},
		{"lengths", symmetry.Monomial{Perm: []int{0, 1}, Scale: []float64{1}}},
		{"scale 0", symmetry.Monomial{Perm: []int{1, 0}, Scale: []float64{1, 0}}},
		{"scale NaN", symmetry.Monomial{Perm: []int{1, 0}, Scale: []float64{math.NaN(), 1}}},
		{"negative scale", symmetry.Monomial{Perm: []int{1, 0}, Scale: []float64{1, -1}}},
	} {
		err := relu.ContainsMonomial(tc.m)
		var bad *symmetry.MembershipError
		require.ErrorAs(t, err, &bad, tc.name)
		text = fmt.Appendf(text, "monomial: %s\n\t%v\n", tc.name, err)
	}
	_, err := symmetry.DetectGroup(math.Log, 0)
	text = fmt.Appendf(text, "detect log\n\t%v\n", err)
	_, err = symmetry.DetectGroup(math.Tanh, 2)
	text = fmt.Appendf(text, "detect with tolerance 2\n\t%v\n", err)
	_, err = symmetry.PhiByIdentity(func(float64) float64 { return 1 }, eye(3))
	text = fmt.Appendf(text, "σ(I) singular\n\t%v\n", err)
	_, err = symmetry.Monomial{Perm: []int{1, 0}}.Features(m(1, 3, 1, 2, 3))
	text = fmt.Appendf(text, "features\n\t%v\n", err)
	golden.Check(t, "group_errors.txt", string(text))
}

// TestEmptyGroups: dimension 0 is legal everywhere, and dimension 1.
func TestEmptyGroups(t *testing.T) {
	for _, act := range catalogue() {
		g := symmetry.GroupOf(act, 1)
		if g.Kind == symmetry.BlockOrthogonal {
			continue
		}
		a := g.Random(1, rand.NewPCG(1, 1))
		assert.NoError(t, g.Contains(a), act.String())
		g = symmetry.GroupOf(act, 0)
		assert.NoError(t, g.Contains(&mat.Dense{}))
		assert.True(t, must(g.Phi(&mat.Dense{}))(t).IsEmpty())
		assert.True(t, g.Random(0, rand.NewPCG(1, 1)).IsEmpty())
	}
	assert.Panics(t, func() { symmetry.GroupOf(layers.Blocks(layers.Tanh, 2, 1), 3).Random(4, rand.NewPCG(1, 1)) })
	var bad *symmetry.MembershipError
	assert.True(t, errors.As(symmetry.Group{Kind: symmetry.FullMonomial, Degree: 400, Parity: 1}.Contains(mat.NewDense(1, 1, []float64{10})), &bad), "10⁴⁰⁰ overflows")
}
