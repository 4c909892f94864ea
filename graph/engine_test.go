package graph_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/internal/blas"
	"github.com/quivernet/quivernet/internal/cpu"
)

// named is a library of which nothing but the name is asked.
type named struct{ blas.Library }

func (named) Name() string { return "FastBLAS 1.2, 1 thread" }

func TestEngine(t *testing.T) {
	before := blas.Registered()
	defer blas.Register(before)
	blas.Register(nil)
	assert.Equal(t, cpu.Report()+"\nlarge products: none, kernels of this module\n", graph.Engine())
	blas.Register(named{})
	assert.Equal(t, cpu.Report()+"\nlarge products: FastBLAS 1.2, 1 thread\n", graph.Engine())
}
