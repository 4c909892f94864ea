package group

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestNearCountsItsLimit: values that differ by exactly the tolerance are near.
func TestNearCountsItsLimit(t *testing.T) {
	s := &sampled{tol: 0.5}
	assert.True(t, s.near(1, 2))
	assert.True(t, s.near(0, 0))
	assert.False(t, s.near(1, math.Nextafter(2, 3)+0x1p-50))
	s.size = 0x1p46
	assert.True(t, s.near(0, 2))
	assert.False(t, s.near(0, 2.5))
}

// TestMeetOfTheUnknown: a group of which nothing is known has nothing but the identity in common with others,
// on either side.
func TestMeetOfTheUnknown(t *testing.T) {
	p := Group{Kind: SignedPermutations, Parity: -1}
	assert.Equal(t, Pinned, Meet(p, Group{}).Kind)
	assert.Equal(t, Pinned, Meet(Group{}, p).Kind)
	assert.Equal(t, SignedPermutations, Meet(p, Group{Kind: Orthogonal}).Kind)
	assert.Equal(t, Permutations, Meet(p, Group{Kind: PositiveMonomial, Degree: 1}).Kind)
}
