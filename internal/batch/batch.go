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

// Pick returns the rows of each matrix; empty ones stay.
func Pick(ms []*mat.Dense, rows []int) []*mat.Dense {
	var out []*mat.Dense
	for _, m := range ms {
		if m.IsEmpty() || len(rows) == 0 {
			out = append(out, m)
			continue
		}
		_, c := m.Dims()
		p := mat.NewDense(len(rows), c, nil)
		for i, s := range rows {
			p.SetRow(i, m.RawRowView(s))
		}
		out = append(out, p)
	}
	return out
}
