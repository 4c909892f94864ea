package tape

import (
	"github.com/quivernet/quivernet/internal/batch"
	"github.com/quivernet/quivernet/internal/op"
)

// keptChunk is the data of one chunk of a problem, as a tape wants it.
type keptChunk[T op.Float] struct {
	of   *batch.Kept
	lo   int // its first sample
	t    *Tape[T]
	data [][]T // by data feed; nil where it is to be copied at each call
}

// keptOf returns the data of chunk c, whose samples begin at lo, of a problem; nil for data
// that may change.
func (t *Tape[T]) keptOf(m *Memory[T], b *batch.Batch, c, lo int) *keptChunk[T] {
	k := b.Kept
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
	k.Mu.Lock()
	defer k.Mu.Unlock()
	for len(k.Chunks[purpose]) <= c {
		k.Chunks[purpose] = append(k.Chunks[purpose], (*keptChunk[T])(nil))
	}
	if have := k.Chunks[purpose][c].(*keptChunk[T]); have != nil && have.t == t {
		return have
	}
	made := &keptChunk[T]{of: k, lo: lo, t: t, data: make([][]T, len(t.data))}
	for i, d := range t.data {
		if l := t.slots[d.slot]; !l.private {
			made.data[i] = aligned[T](l.size)
			if d.kind == leafInput {
				t.place(made.data[i], d.lane, b.Inputs[d.index], lo)
			} else {
				t.placeTarget(made.data[i], d, b.Targets[d.index], lo)
			}
		}
	}
	k.Chunks[purpose][c] = made
	return made
}
