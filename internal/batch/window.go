package batch

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"unsafe"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/fault"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/quiver"
)

// Results are written while the data are still read, so they must not share memory with them, nor with one another.

// Window is the memory of a matrix: rows of cols numbers, stride apart.
type Window struct {
	from, to           uintptr // bytes
	rows, cols, stride int
	what               string // "result", or "" for what is read alone
	index              int    // among the results or the inputs
}

// WindowOf returns the memory of a matrix.
func WindowOf(m *mat.Dense) Window {
	if m.IsEmpty() {
		return Window{}
	}
	raw := m.RawMatrix()
	v := WindowOfSlab(raw.Data[:(raw.Rows-1)*raw.Stride+raw.Cols])
	v.rows, v.cols, v.stride = raw.Rows, raw.Cols, raw.Stride
	return v
}

// WindowOfSlab returns the memory of numbers that lie side by side.
func WindowOfSlab(data []float64) Window {
	if len(data) == 0 {
		return Window{}
	}
	at := uintptr(unsafe.Pointer(&data[0]))
	return Window{from: at, to: at + 8*uintptr(len(data)), rows: 1, cols: len(data), stride: len(data)}
}

// Meets reports whether two windows share a number. Columns of one matrix that lie beside each other do not.
func (a Window) Meets(b Window) bool {
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
var windowLists sync.Pool // of *[]Window

// Apart refuses results that share memory with one another, with the inputs or with the weights.
func Apart(m *model.Model, dst []*mat.Dense, w *quiver.Rep, xs []*mat.Dense) error {
	slab := WindowOfSlab(w.Data())
	name := func(v Window) string {
		if v.what == "" {
			return fmt.Sprintf("input %q", m.Vertices[m.Inputs[v.index]].Name)
		}
		return fmt.Sprintf("%s %q", v.what, m.Vertices[m.Outputs[v.index]].Name)
	}
	clash := func(a, b Window) error {
		if a.what == "" {
			a, b = b, a
		}
		return &fault.DataError{What: name(a), Reason: fmt.Sprintf("it shares memory with %s and would overwrite it; give a matrix of its own", name(b))}
	}
	windows, _ := windowLists.Get().(*[]Window)
	if windows == nil {
		windows = new([]Window)
	}
	defer windowLists.Put(windows)
	all := (*windows)[:0]
	for i, x := range dst {
		v := WindowOf(x)
		v.what, v.index = "result", i
		if v.Meets(slab) {
			return &fault.DataError{What: name(v), Reason: "it shares memory with the weights and would overwrite them; give a matrix of its own"}
		}
		all = append(all, v)
	}
	for i, x := range xs {
		v := WindowOf(x)
		v.index = i
		all = append(all, v)
	}
	*windows = all
	if len(all) > 8 {
		slices.SortFunc(all, func(a, b Window) int { return cmp.Compare(a.from, b.from) })
	}
	for i, a := range all {
		for _, b := range all[i+1:] {
			if len(all) > 8 && b.from >= a.to {
				break
			}
			if (a.what != "" || b.what != "") && a.Meets(b) {
				return clash(a, b)
			}
		}
	}
	return nil
}

// Overwrites refuses a result of the weights' shape, or a matrix, that shares memory with the data.
func Overwrites(m *model.Model, what string, result Window, xs, ys []*mat.Dense) error {
	for i, x := range xs {
		if result.Meets(WindowOf(x)) {
			return &fault.DataError{What: fmt.Sprintf("input %q", m.Vertices[m.Inputs[i]].Name), Reason: what + " shares memory with it and would overwrite it; give memory of its own"}
		}
	}
	for i, x := range ys {
		if result.Meets(WindowOf(x)) {
			return &fault.DataError{What: fmt.Sprintf("targets of output %q", m.Losses[i].Output), Reason: what + " shares memory with them and would overwrite them; give memory of its own"}
		}
	}
	return nil
}
