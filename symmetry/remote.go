package symmetry

import (
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/inputs"
)

// remote compares the networks on far inputs, where the certificate speaks of every input. What
// rounding explains there is the running error times the largest width, since the reduced matrices
// come out of factorizations, whose error is that of n·s terms.
func (c *Compression) remote() (xs []*mat.Dense, m measurement, err error) {
	q := c.source.Quiver()
	if q.NumVertices() == 0 || c.holds() != "for every input" {
		return nil, m, nil
	}
	most := 2
	for _, d := range q.Dims() {
		most = max(most, d)
	}
	xs = inputs.Far(q)
	m, err = measureWithin(c.source, c.Reduced, xs, float64(lawMargin*most))
	if m.values != nil {
		m.values.Release()
		m.values = nil
	}
	return xs, m, err
}
