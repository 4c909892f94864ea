package blas_test

import (
	// The benchmarks compare with the library that it finds.
	_ "github.com/quivernet/quivernet/blas/auto"
)
