package model

import (
	"fmt"

	"github.com/quivernet/quivernet/internal/fault"
	"github.com/quivernet/quivernet/quiver"
)

// SegmentOf returns the position among the segments of the slab of the matrix of an arrow.
func (m *Model) SegmentOf(arrow string) (int, error) {
	k := 0
	var known []string
	for _, a := range m.Arrows {
		if a.Fixed || a.TiedTo != "" {
			continue
		}
		if known = append(known, a.Name); a.Name == m.OwnerOf(arrow) {
			return k, nil
		}
		k++
	}
	return 0, &fault.UnknownArrowError{Arrow: arrow, Known: known}
}

// NumMatrices returns how many segments are matrices.
func (m *Model) NumMatrices() (k int) {
	for _, a := range m.Arrows {
		if !a.Fixed && a.TiedTo == "" {
			k++
		}
	}
	return k
}

// VertexOf returns the position of a vertex.
func (m *Model) VertexOf(name string) (int, error) {
	if v, ok := m.Quiver.VertexIndex(name); ok {
		return v, nil
	}
	e := &fault.UnknownVertexError{Vertex: name}
	for _, v := range m.Vertices {
		e.Known = append(e.Known, v.Name)
	}
	return 0, e
}

// OwnerOf returns the arrow that owns the matrix of the named one.
func (m *Model) OwnerOf(arrow string) string {
	for _, a := range m.Arrows {
		if a.Name == arrow && a.TiedTo != "" {
			return a.TiedTo
		}
	}
	return arrow
}

// OutputWidth returns Σ dim over the outputs.
func (m *Model) OutputWidth() (sum int) {
	for _, v := range m.Outputs {
		sum += m.Vertices[v].Dim
	}
	return sum
}

// SegmentSizes returns the sizes of the slab's segments: arrows, then parameters.
func (m *Model) SegmentSizes() []int {
	var sizes []int
	for _, a := range m.Arrows {
		if !a.Fixed && a.TiedTo == "" {
			sizes = append(sizes, a.Rows*a.Cols)
		}
	}
	for _, n := range m.NumParams {
		if n > 0 {
			sizes = append(sizes, n)
		}
	}
	return sizes
}

// Offsets returns where the slab holds the matrix of each arrow and the parameters of each
// vertex.
func (m *Model) Offsets() (block, param []int) {
	block, param = make([]int, len(m.Arrows)), make([]int, len(m.Vertices))
	at := 0
	for i, a := range m.Arrows {
		if !a.Fixed && a.TiedTo == "" {
			block[i] = at
			at += a.Rows * a.Cols
		}
	}
	for i, a := range m.Arrows {
		if a.TiedTo != "" {
			k, _ := m.Quiver.ArrowIndex(a.TiedTo)
			block[i] = block[k]
		}
	}
	for v, n := range m.NumParams {
		param[v] = at
		at += n
	}
	return block, param
}

// SegmentName names a segment of the slab: `arrow "x->h1"`.
func SegmentName(s quiver.Segment) string {
	if s.Arrow != "" {
		return fmt.Sprintf("arrow %q", s.Arrow)
	}
	return fmt.Sprintf("parameters of vertex %q", s.Vertex)
}
