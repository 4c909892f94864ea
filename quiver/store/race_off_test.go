//go:build !race

package store_test

// multiple: reading takes at most this many bytes of memory, garbage included, for each byte of a file.
const multiple = 32
