package store

import (
	"fmt"

	"github.com/quivernet/quivernet/quiver"
)

// prober refuses activations that cannot live at their vertices: a restriction to another
// dimension, or one that panics on a zero vector. Each activation is tried out once at each
// dimension, and no more once the work allowed is done: what a file costs is
// proportional to what stands in it.
type prober struct {
	work int64 // the multiplications that are left
	done map[probed]bool
	z, g []float64
}

type probed struct {
	act string
	dim int
}

// newProber allows a work proportional to the size of a file.
func newProber(size int64) *prober {
	return &prober{work: max(size, 1<<12) * 8, done: make(map[probed]bool)}
}

func (p *prober) all(q *quiver.Quiver) error {
	for _, v := range q.Vertices() {
		if v.Act == nil {
			continue
		}
		if err := p.probe(v, probed{v.Act.String(), v.Dim}); err != nil {
			return err
		}
	}
	return nil
}

func (p *prober) probe(v quiver.Vertex, k probed) (err error) {
	if p.done[k] {
		return nil
	}
	p.done[k] = true
	at := fmt.Sprintf("vertex %q", v.Name)
	const next = "give the vertex the dimension that its activation was made for"
	cost := 4 * int64(v.Dim)
	if r, ok := v.Act.(quiver.Restriction); ok {
		n, c := r.Basis().Dims()
		if c != v.Dim {
			return bad(at, next, "its dimension is %d, its activation %s restricts to %d", v.Dim, short(k.act), c)
		}
		cost += 4 * int64(n) * int64(c)
	}
	if cost > p.work {
		return nil
	}
	p.work -= cost
	defer func() {
		if r := recover(); r != nil {
			err = bad(at, next, "its dimension is %d, its activation %s does not work there (%v)", v.Dim, short(k.act), r)
		}
	}()
	if len(p.z) < v.Dim {
		p.z, p.g = make([]float64, v.Dim), make([]float64, v.Dim)
	}
	z, g := p.z[:v.Dim], p.g[:v.Dim]
	clear(z)
	clear(g)
	v.Act.Apply(z, z)
	clear(z)
	v.Act.VJP(g, z, g)
	return nil
}
