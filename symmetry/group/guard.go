package group

import (
	"fmt"
	"math/rand/v2"

	"github.com/quivernet/quivernet/internal/linalg"
	"github.com/quivernet/quivernet/quiver"
)

// must panics with a *MembershipError where m has no matrix: places outside it, or another number
// of scales. A scale of 0 is let through.
func (m Monomial) must() {
	ok := m.Scale == nil || len(m.Scale) == len(m.Perm)
	for _, j := range m.Perm {
		ok = ok && j >= 0 && j < len(m.Perm)
	}
	if !ok {
		panic(m.Check())
	}
}

// mustDim panics for a dimension that no matrix can have.
func mustDim(n int) {
	if n < 0 || n > 1<<31 {
		panic(&MembershipError{Row: -1, Col: -1, Value: float64(n), Reason: fmt.Sprintf("a dimension of %d; want 0 or more, and matrices that fit into memory", n)})
	}
}

var errNilFunc = &quiver.InputError{Reason: "a nil function; give a scalar function such as math.Tanh"}

// mustSource panics for a nil source of random numbers.
func mustSource(src rand.Source) {
	if linalg.IsNil(src) {
		panic(&quiver.InputError{Reason: "a nil source of random numbers; give one such as rand.NewPCG(1, 2)"})
	}
}
