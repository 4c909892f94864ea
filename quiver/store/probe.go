package store

import (
	"fmt"

	"github.com/quivernet/quivernet/quiver"
)

// probe refuses an activation that cannot live at its vertex: a restriction to another
// dimension, or one that panics on a zero vector. A vertex of more than most dimensions
// is not tried out: that would take more memory than the file.
func probe(v quiver.Vertex, most int64) (err error) {
	if v.Act == nil {
		return nil
	}
	at := fmt.Sprintf("vertex %q", v.Name)
	const next = "give the vertex the dimension that its activation was made for"
	if r, ok := v.Act.(quiver.Restriction); ok {
		if _, k := r.Basis().Dims(); k != v.Dim {
			return bad(at, next, "its dimension is %d, its activation %s restricts to %d", v.Dim, short(r.String()), k)
		}
	}
	if int64(v.Dim) > max(most, 1<<12) {
		return nil
	}
	defer func() {
		if p := recover(); p != nil {
			err = bad(at, next, "its dimension is %d, its activation %s does not work there (%v)", v.Dim, short(v.Act.String()), p)
		}
	}()
	z, g := make([]float64, v.Dim), make([]float64, v.Dim)
	v.Act.Apply(z, z)
	clear(z)
	v.Act.VJP(g, z, g)
	return nil
}
