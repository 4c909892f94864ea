//go:build race

package store_test

// multiple is larger under the race detector, without which the compiler saves some copies of strings.
const multiple = 64
