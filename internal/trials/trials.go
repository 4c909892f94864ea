// Package trials says how many random instances the test of a law runs.
//
// `go test ./...` runs a fixed, seeded share of the instances; with the flag -full, which
// .ci/full gives to every package whose tests import this one, the same tests run all of them.
// The instances of the share are the first ones of the whole, so that a failure in either is
// found again in the other.
package trials

import "flag"

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
