//go:build race

package layers

// racing: under the race detector sync.Pool forgets on purpose.
const racing = true
