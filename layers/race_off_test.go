//go:build !race

package layers

const racing = false
