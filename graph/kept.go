package graph

import "github.com/quivernet/quivernet/internal/op"

// keptChunk is the data of one chunk of a problem, as a tape wants it.
type keptChunk[T op.Float] struct {
	of   *kept
	lo   int // its first sample
	t    *tape[T]
	data [][]T // by data feed; nil where it is to be copied at each call
}

// keptOf returns the data of chunk c, whose samples begin at lo, of a problem; nil for data
// that may change.
func (t *tape[T]) keptOf(m *memory[T], b *batch, c, lo int) *keptChunk[T] {
	k := b.kept
	if k == nil {
		return nil
	}
	if h := m.kept; h != nil && h.of == k && h.lo == lo { // bound since the last call
		return h
	}
	purpose := 0
	if len(t.grads) > 0 {
		purpose = 1
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for len(k.chunks[purpose]) <= c {
		k.chunks[purpose] = append(k.chunks[purpose], (*keptChunk[T])(nil))
	}
	if have := k.chunks[purpose][c].(*keptChunk[T]); have != nil && have.t == t {
		return have
	}
	made := &keptChunk[T]{of: k, lo: lo, t: t, data: make([][]T, len(t.data))}
	for i, d := range t.data {
		if l := t.slots[d.slot]; !l.private {
			made.data[i] = aligned[T](l.size)
			if d.kind == leafInput {
				t.place(made.data[i], d.lane, b.xs[d.index], lo)
			} else {
				t.placeTarget(made.data[i], d, b.ys[d.index], lo)
			}
		}
	}
	k.chunks[purpose][c] = made
	return made
}
