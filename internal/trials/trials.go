// Package trials says how many random instances the test of a law runs.
//
// `go test ./...` runs a fixed, seeded share of the instances; with the flag -full, which
// .ci/full gives to every package whose tests import this one, the same tests run all of them.
// The instances of the share are the first ones of the whole, so that a failure in either is
// found again in the other.
package trials

import (
	"flag"
	"math"
	"math/rand/v2"
)

var full = flag.Bool("full", false, "run all instances of every law instead of a share")

// Count returns share, or all where the tests run with -full. It is called inside a test,
// after the flags have been parsed.
func Count(share, all int) int {
	if *full {
		return all
	}
	return share
}

// Full reports whether the tests run with -full.
func Full() bool { return *full }

// Odd draws a number of a size at which arithmetic goes wrong, or of usual size.
func Odd(rng *rand.Rand, kind int) float64 {
	x := rng.NormFloat64()
	switch kind {
	case 1:
		x = math.Ldexp(x, rng.IntN(2098)-1034) // any size at all, denormal numbers included
		return max(-math.MaxFloat64, min(x, math.MaxFloat64))
	case 2:
		return float64(rng.IntN(9)-4) * math.SmallestNonzeroFloat64
	case 3:
		return math.Round(4 * x)
	case 4:
		return math.Ldexp(x, -530) // products underflow
	case 5:
		return math.Copysign(0.1, x) * float64(1+rng.IntN(3)) // sums that nearly cancel
	}
	return x
}
