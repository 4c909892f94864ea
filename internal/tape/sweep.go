package tape

import (
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/vec"
)

// Outputs computes the outputs for the samples from lo on.
func (t *Tape[T]) Outputs(m *Memory[T], s *Source[T], dst []*mat.Dense, lo int) error {
	if err := t.fill(m, s, lo, nil); err != nil {
		return err
	}
	if err := t.execute(m); err != nil {
		return err
	}
	for i, v := range t.e.Model.Outputs {
		if n := t.e.Vertex[v]; n != nil {
			y := m.slot[t.where[n]]
			raw := dst[i].RawMatrix()
			to := raw.Data[lo*raw.Stride:]
			switch y := any(y).(type) {
			case []float64:
				vec.Unpack(to, y, t.n, raw.Cols, raw.Stride, t.lanes, t.ld)
			case []float32:
				for c := range raw.Cols {
					for s, x := range y[c*t.ld : c*t.ld+t.n] {
						to[s*raw.Stride+c] = float64(x)
					}
				}
			}
		}
	}
	return nil
}

// bindSlab makes the gradient's stages write into a slab, which is not empty, and clears what no stage writes.
func (t *Tape[T]) bindSlab(m *Memory[T], slab []T) {
	bound := m.grad == &slab[0]
	m.grad = &slab[0]
	if bound && !t.zeros {
		return
	}
	at := 0
	for i, s := range t.grads {
		n := t.sizes[i]
		if s < 0 {
			clear(slab[at : at+n])
		} else {
			m.slot[s] = slab[at : at+n : at+n]
		}
		at += n
	}
}

// Gradient computes the loss of chunk c, the samples from lo on, and, where slab is not nil, their
// part of its gradient. NaN and infinities are the caller's to find.
func (t *Tape[T]) Gradient(m *Memory[T], s *Source[T], slab []T, lo, c int) (float64, error) {
	if err := t.fill(m, s, lo, t.keptOf(m, s.b, c, lo)); err != nil {
		return 0, err
	}
	if slab != nil {
		t.bindSlab(m, slab)
	}
	if err := t.execute(m); err != nil {
		return 0, err
	}
	return float64(m.slot[t.where[t.e.Loss]][0]), nil
}

// Trace runs the samples from lo on again and returns the first value that is not finite.
func (t *Tape[T]) Trace(m *Memory[T], s *Source[T], slab []T, lo int) error {
	if err := t.fill(m, s, lo, nil); err != nil {
		return err
	}
	if slab != nil {
		t.bindSlab(m, slab)
	}
	return t.watch(m)
}
