package graph

import (
	"github.com/quivernet/quivernet/internal/blas"
	"github.com/quivernet/quivernet/internal/cpu"
)

// Engine says in two lines what programs compute with: the kernels in use, with what the processor has, and the
// fast BLAS for large products. There is one only in a program that imports package blas/auto, whose
// Status says more.
func Engine() string {
	library := "none, kernels of this module"
	if l := blas.Registered(); l != nil {
		library = l.Name()
	}
	return cpu.Report() + "\nlarge products: " + library + "\n"
}
