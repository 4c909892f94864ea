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
	within *domain // a larger one, with words of its own for what is not even in it; nil for most
}

// The domains. An ε of at least 1e-145 lies far above the root of what underflows in a square; one of
// more than 1e145 leaves no step at all.
var (
	positive   = domain{math.SmallestNonzeroFloat64, math.MaxFloat64, true, "a positive number", nil}
	atLeast0   = domain{0, math.MaxFloat64, true, "0 or a positive number", nil}
	fraction   = domain{0, 1, false, "a number between 0 and 1", nil}
	share      = domain{0, 1, true, "a number from 0 to 1", nil}
	tolerances = domain{0, math.MaxFloat64, true, "0 or more", nil}
	anyNumber  = domain{-math.MaxFloat64, math.MaxFloat64, true, "a number", nil}
	counts     = domain{0, math.MaxInt, true, "0 or more", nil}
	counts1    = domain{1, math.MaxInt, true, "1 or more", nil}
	anyCount   = domain{math.MinInt, math.MaxInt, true, "a whole number", nil}
	factors01  = domain{0, math.MaxFloat64, true, "0 (meaning 1) or a positive number", nil}
	noZero     = domain{math.SmallestNonzeroFloat64, math.Inf(1), true, "a positive number: without it an entry whose gradient is always 0 becomes 0/0", nil}
	epsilons   = domain{1e-145, 1e145, true, "a number from 1e-145, below which squares of gradients vanish, to 1e145, above which steps do", &noZero}
	sweeps     = domain{0, 10, true, "0 (meaning 5) or a positive number, at most 10: each sweep multiplies rounding noise by 3.4", nil}
)

func (d *domain) has(x float64) bool {
	if d.closed {
		return d.lo <= x && x <= d.hi
	}
	return d.lo < x && x < d.hi
}

// argument is a number that a caller gives, with its name for messages.
type argument struct {
	name  string
	value float64
	in    *domain
}

// check returns the *SettingError of a method or a function where the number is out of its domain.
func (a argument) check(of string) error {
	if d := a.in.within; d != nil && !d.has(a.value) {
		return &SettingError{of, a.name, a.value, d.want}
	}
	if !a.in.has(a.value) {
		return &SettingError{of, a.name, a.value, a.in.want}
	}
	return nil
}

// verify returns the error of the first argument that has one.
func verify(of string, as ...argument) error {
	for _, a := range as {
		if err := a.check(of); err != nil {
			return err
		}
	}
	return nil
}

// insist panics with that error.
func insist(of string, as ...argument) {
	if err := verify(of, as...); err != nil {
		panic(err)
	}
}
