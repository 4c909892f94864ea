package interpreter

import (
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/internal/vec"
	"github.com/quivernet/quivernet/quiver"
)

// gatherRows copies the values of the nodes, one per segment, into a slab and reports
// whether any is not finite.
func gatherRows[T op.Float](slab []T, rep *quiver.Rep, a *arena[T], from []*gorgonia.Node) (bad bool) {
	i, at := 0, 0
	for _, data := range rep.Segments() {
		out := slab[at : at+len(data)]
		if n := from[i]; n == nil {
			clear(out)
		} else {
			copy(out, a.value(n))
			bad = bad || vec.FirstBad(out) >= 0
		}
		at += len(data)
		i++
	}
	return bad
}

// OneHot writes class indices as rows of zeros with a one.
func OneHot[T op.Float](dst []T, y *mat.Dense, lo, rows, d int) {
	clear(dst)
	for i := range rows {
		dst[i*d+min(int(y.At(lo+i, 0)), d-1)] = 1
	}
}
