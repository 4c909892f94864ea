package blas

import "github.com/quivernet/quivernet/internal/cpu"

// level is the set of kernels in use; tests lower it.
var level = cpu.Best
