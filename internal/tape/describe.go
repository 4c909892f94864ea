package tape

import "unsafe"

// StageInfo describes one stage.
type StageInfo struct {
	Kind  string   // forward, backward, gradient, loss, gather, copy, number or operation
	Owner string   // vertex or arrow
	Text  string   // the formula
	Nodes []string // the nodes it computes; several are fused
	Flops int      // floating-point operations, additions and multiplications counted each
	Bytes int      // read and written
	Made  []Buffer
}

// Buffer is where a stage leaves a result.
type Buffer struct {
	Offset int // in the arena, in bytes; −1 where it is the caller's memory, or an own one
	Bytes  int
}

// Description says what a tape does, and in which memory.
type Description struct {
	Stages []StageInfo
	Arena  int // bytes of the memory that the buffers share
	Sum    int // bytes of all buffers, were none shared
	Nodes  int // nodes of the expression graph that the stages compute
}

// Describe lists what the stages do.
func (t *Tape[T]) Describe() (d Description) {
	var zero T
	size := int(unsafe.Sizeof(zero))
	d.Arena = t.arena * size
	for _, s := range t.slots {
		if !s.bound {
			d.Sum += s.size * size
		}
	}
	for _, s := range t.stages {
		a := s.about()
		info := StageInfo{Kind: a.kind, Owner: a.owner, Text: a.text, Flops: a.flops, Bytes: a.moved * size}
		for _, n := range a.nodes {
			info.Nodes = append(info.Nodes, n.Name())
		}
		if a.kind != "copy" {
			d.Nodes += len(a.nodes)
		}
		for _, v := range a.makes {
			l := t.slots[v.slot]
			b := Buffer{-1, l.size * size}
			if !l.bound && !l.private {
				b.Offset = l.at * size
			}
			info.Made = append(info.Made, b)
		}
		d.Stages = append(d.Stages, info)
	}
	return d
}
