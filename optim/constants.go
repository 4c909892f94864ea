package optim

import (
	"fmt"
	"math"
)

// SettingError reports a constant of a method, of a schedule or of Minimize that is out of
// range.
type SettingError struct {
	Method, Field string
	Value         float64
	Want          string
}

func (e *SettingError) Error() string {
	return fmt.Sprintf("optim: %s: %s is %v, want %s", e.Method, e.Field, e.Value, e.Want)
}

// domain is the set of values that a constant may have: lo < x < hi, or lo ≤ x ≤ hi where it
// is closed. No domain holds a NaN, and none an infinity, since its ends are finite.
type domain struct {
	lo, hi float64
	closed bool
	want   string
}

// The domains. An ε of at least 1e-145 lies far above the root of what underflows in a square; one of
// more than 1e145 leaves no step at all.
var (
	positive   = domain{math.SmallestNonzeroFloat64, math.MaxFloat64, true, "a positive number"}
	atLeast0   = domain{0, math.MaxFloat64, true, "0 or a positive number"}
	fraction   = domain{0, 1, false, "a number between 0 and 1"}
	share      = domain{0, 1, true, "a number from 0 to 1"}
	tolerances = domain{0, math.MaxFloat64, true, "0 or more"}
	anyNumber  = domain{-math.MaxFloat64, math.MaxFloat64, true, "a number"}
	counts     = domain{0, math.MaxInt, true, "0 or more"}
	counts1    = domain{1, math.MaxInt, true, "1 or more"}
	anyCount   = domain{math.MinInt, math.MaxInt, true, "a whole number"}
	factors01  = domain{0, math.MaxFloat64, true, "0 (meaning 1) or a positive number"}
	noZero     = domain{math.SmallestNonzeroFloat64, math.Inf(1), true, "a positive number: without it an entry whose gradient is always 0 becomes 0/0"}
	epsilons   = domain{1e-145, 1e145, true, "a number from 1e-145, below which squares of gradients vanish, to 1e145, above which steps do"}
	sweeps     = domain{0, 10, true, "0 (meaning 5) or a positive number, at most 10: each sweep multiplies rounding noise by 3.4"}
)

func (d *domain) has(x float64) bool {
	if d.closed {
		return d.lo <= x && x <= d.hi
	}
	return d.lo < x && x < d.hi
}

// constant is one setting with its default in place.
type constant struct {
	field string
	value float64
	in    *domain
}

// verify returns a *SettingError for the first constant that is out of its domain. The list may end
// with constants of no domain.
func verify(name string, cs ...constant) error {
	for i := range cs {
		c := &cs[i]
		if c.in == nil {
			return nil
		}
		if !c.in.has(c.value) {
			return &SettingError{name, c.field, c.value, c.in.want}
		}
	}
	return nil
}

// insist panics with that error.
func insist(name string, cs ...constant) {
	if err := verify(name, cs...); err != nil {
		panic(err)
	}
}
