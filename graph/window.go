package graph

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"unsafe"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/quiver"
)

// Results are written while the data are still read, so they must not share memory with them, nor with one another.

// window is the memory of a matrix: rows of cols numbers, stride apart.
type window struct {
	from, to           uintptr // bytes
	rows, cols, stride int
	what               string // "result", or "" for what is read alone
	index              int    // among the results or the inputs
}

func windowOf(m *mat.Dense) window {
	if m.IsEmpty() {
		return window{}
	}
	raw := m.RawMatrix()
	v := flat(raw.Data[:(raw.Rows-1)*raw.Stride+raw.Cols])
	v.rows, v.cols, v.stride = raw.Rows, raw.Cols, raw.Stride
	return v
}

func flat(data []float64) window {
	if len(data) == 0 {
		return window{}
	}
	at := uintptr(unsafe.Pointer(&data[0]))
	return window{from: at, to: at + 8*uintptr(len(data)), rows: 1, cols: len(data), stride: len(data)}
}

// meets reports whether two windows share a number. Columns of one matrix that lie beside each other do not.
func (a window) meets(b window) bool {
	if a.from > b.from {
		a, b = b, a
	}
	if b.from >= a.to || a.from == a.to || b.from == b.to {
		return false
	}
	if a.stride != b.stride {
		return true
	}
	off := int((b.from - a.from) / 8)
	row, col := off/a.stride, off%a.stride
	return row < a.rows && col < a.cols || row+1 < a.rows && col+b.cols > a.stride
}

// windowLists keeps the memory of calls that are over.
var windowLists sync.Pool // of *[]window

// apart refuses results that share memory with one another, with the inputs or with the weights.
func apart(p *model.Model, dst []*mat.Dense, w *quiver.Rep, xs []*mat.Dense) error {
	slab := flat(w.Data())
	name := func(v window) string {
		if v.what == "" {
			return fmt.Sprintf("input %q", p.Vertices[p.Inputs[v.index]].Name)
		}
		return fmt.Sprintf("%s %q", v.what, p.Vertices[p.Outputs[v.index]].Name)
	}
	clash := func(a, b window) error {
		if a.what == "" {
			a, b = b, a
		}
		return &DataError{What: name(a), Reason: fmt.Sprintf("it shares memory with %s and would overwrite it; give a matrix of its own", name(b))}
	}
	windows, _ := windowLists.Get().(*[]window)
	if windows == nil {
		windows = new([]window)
	}
	defer windowLists.Put(windows)
	all := (*windows)[:0]
	for i, m := range dst {
		v := windowOf(m)
		v.what, v.index = "result", i
		if v.meets(slab) {
			return &DataError{What: name(v), Reason: "it shares memory with the weights and would overwrite them; give a matrix of its own"}
		}
		all = append(all, v)
	}
	for i, m := range xs {
		v := windowOf(m)
		v.index = i
		all = append(all, v)
	}
	*windows = all
	if len(all) > 8 {
		slices.SortFunc(all, func(a, b window) int { return cmp.Compare(a.from, b.from) })
	}
	for i, a := range all {
		for _, b := range all[i+1:] {
			if len(all) > 8 && b.from >= a.to {
				break
			}
			if (a.what != "" || b.what != "") && a.meets(b) {
				return clash(a, b)
			}
		}
	}
	return nil
}

// overwrites refuses a result of the weights' shape, or a matrix, that shares memory with the data.
func overwrites(p *model.Model, what string, result window, xs, ys []*mat.Dense) error {
	for i, m := range xs {
		if result.meets(windowOf(m)) {
			return &DataError{What: fmt.Sprintf("input %q", p.Vertices[p.Inputs[i]].Name), Reason: what + " shares memory with it and would overwrite it; give memory of its own"}
		}
	}
	for i, m := range ys {
		if result.meets(windowOf(m)) {
			return &DataError{What: fmt.Sprintf("targets of output %q", p.Losses[i].Output), Reason: what + " shares memory with them and would overwrite them; give memory of its own"}
		}
	}
	return nil
}
