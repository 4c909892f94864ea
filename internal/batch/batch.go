package batch

import (
	"sync"

	"gonum.org/v1/gonum/mat"
)

// Batch is the checked data of a call.
type Batch struct {
	N               int
	Inputs, Targets []*mat.Dense
	Kept            *Kept // of a problem
}

// Kept is the data of a problem, chunk by chunk, in the form in which an executor wants them; it alone reads and writes them, under Mu.
type Kept struct {
	Mu     sync.Mutex
	Chunks [2][]any // by purpose, then by chunk
}
