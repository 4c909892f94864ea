package main

import (
	"fmt"
	"math"
	"strings"
)

// tolerance is how far the losses of two variants may be apart after 100 steps, relative to the loss.
//
// In double precision one step rounds at 1e-16, and 100 steps of these networks amplify that
// little. In single precision weights, sums and the loss itself are rounded at 6e-8 in each step, sums of 784
// terms are taken in another order by each library, and 100 steps of a network that learns fast amplify
// it: the largest difference seen is 6e-6. One step more or less moves the loss by more than ten times the
// tolerance in every case.
func (c benchCase) tolerance() float64 {
	switch {
	case c.kind == arrows:
		return 1e-12
	case c.float32:
		return 2e-5
	}
	return 1e-9
}

// DisagreementError says that variants of a case did not compute the same.
type DisagreementError struct {
	Case      string
	Variants  []string
	Losses    []float64
	Tolerance float64
}

func (e *DisagreementError) Error() string {
	var s strings.Builder
	fmt.Fprintf(&s, "case %s: the losses after 100 steps differ by more than %.0e of their size, so the times are of different computations:", e.Case, e.Tolerance)
	m := median(e.Losses)
	for i, v := range e.Variants {
		fmt.Fprintf(&s, "\n  %-18s %.17g", v, e.Losses[i])
		if d := math.Abs(e.Losses[i]-m) / math.Abs(m); !(d <= e.Tolerance) {
			fmt.Fprintf(&s, "  differs by %.1e from the median", d)
		}
	}
	return s.String()
}

// agree checks that all variants of a case computed the same.
func agree(c benchCase, answers []answer) error {
	e := &DisagreementError{Case: c.String(), Tolerance: c.tolerance()}
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, a := range answers {
		e.Variants, e.Losses = append(e.Variants, a.Variant), append(e.Losses, a.Loss100)
		if lo, hi = min(lo, a.Loss100), max(hi, a.Loss100); math.IsNaN(a.Loss100) || math.IsInf(a.Loss100, 0) {
			return e
		}
	}
	if len(answers) > 1 && !(hi-lo <= e.Tolerance*math.Abs(hi)) {
		return e
	}
	return nil
}
