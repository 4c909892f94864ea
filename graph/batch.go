package graph

import (
	"sync"

	"gonum.org/v1/gonum/mat"
)

// batch is the checked data of a call.
type batch struct {
	n      int
	xs, ys []*mat.Dense
	kept   *kept // of a problem
}

// kept is the data of a problem, chunk by chunk, as the tapes of one purpose want it.
type kept struct {
	mu     sync.Mutex
	chunks [2][]any // of keptChunk[T], by purpose
}
