package agreement

import (
	"testing"

	"github.com/quivernet/quivernet/blas/auto"
)

// TestBLAS says which BLAS the tests of this package run with. Where the machine has a fast
// one they run with it, unless QUIVERNET_BLAS=go; every tolerance is the same.
func TestBLAS(t *testing.T) { t.Log(auto.Status()) }
