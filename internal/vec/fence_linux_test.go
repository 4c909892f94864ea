package vec

import (
	"fmt"
	"runtime/debug"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fences hands out slices beside pages that may not be touched.
type fences struct {
	t     testing.TB
	pages [][]byte
	end   bool // a slice ends where a forbidden page begins, else it begins where one ends
}

func fenced[T any](f *fences, n int) []T {
	page := syscall.Getpagesize()
	size := n * int(unsafe.Sizeof(*new(T)))
	whole := (size + page - 1) / page * page
	b, err := syscall.Mmap(-1, 0, whole+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	require.NoError(f.t, err)
	f.pages = append(f.pages, b)
	require.NoError(f.t, syscall.Mprotect(b[:page], syscall.PROT_NONE))
	require.NoError(f.t, syscall.Mprotect(b[page+whole:], syscall.PROT_NONE))
	if n == 0 {
		return nil
	}
	at := page
	if f.end {
		at += whole - size
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&b[at])), n)
}

func (f *fences) free() {
	for _, b := range f.pages {
		_ = syscall.Munmap(b)
	}
	f.pages = nil
}

func TestFences(t *testing.T) { bothPrecisions(t, testFences[float64], testFences[float32]) }

// testFences runs every function on slices whose neighbouring bytes may not even be read.
func testFences[T Float](t testing.TB) {
	old := debug.SetPanicOnFault(true)
	defer debug.SetPanicOnFault(old)
	for _, s := range [][3]int{{1, 16, 16}, {3, 48, 50}, {5, 80, 80}, {2, 176, 177}, {7, 32, 32}} {
		for _, end := range []bool{false, true} {
			f := &fences{t: t, end: end}
			d, n, ld := s[0], s[1], s[2]
			size := (d-1)*ld + n
			x, g, y := fenced[T](f, size), fenced[T](f, size), fenced[T](f, size)
			l, l1, r, b := fenced[T](f, n), fenced[T](f, n), fenced[T](f, n), fenced[T](f, d)
			v, u := fenced[T](f, n), fenced[T](f, n)
			w, labels := fenced[float64](f, n), fenced[int32](f, n)
			rows, weights := fenced[T](f, (n-2)*(d+1)+d), fenced[T](f, d*d)
			for i := range x {
				x[i] = T(i%7) / 3
			}
			calls := map[string]func(){
				"SumSquares":    func() { SumSquares(w, x, d, n, ld) },
				"Norms":         func() { Norms(r, x, d, n, ld) },
				"RowDots":       func() { RowDots(r, x, g, d, n, ld) },
				"ScaleRows":     func() { ScaleRows(y, x, l, d, n, ld) },
				"Combine":       func() { Combine(y, g, x, l, l1, d, n, ld) },
				"RadialVJP":     func() { RadialVJP(y, g, x, l, l1, d, n, ld) },
				"FillRows":      func() { FillRows(y, b, d, n, ld) },
				"AddBias":       func() { AddBias(y, b, d, n, ld) },
				"RowSums":       func() { RowSums(b, x, d, n, ld) },
				"SquaredError":  func() { SquaredError(y, x, g, 1, n-3, d, n, ld) },
				"SoftmaxCE":     func() { SoftmaxCE(y, x, g, 1, n-3, d, n, ld) },
				"SoftmaxLabels": func() { SoftmaxLabels(y, x, labels, 1, n-3, d, n, ld) },
				"Layer":         func() { Layer(y, weights, b, x, d, d, n, ld) },
				"RadialBack":    func() { RadialBack(y, weights, g, x, l, l1, d, d, n, ld) },
				"LayerGrad":     func() { LayerGrad(weights, b, g, x, d, d, n, ld) },
				"Exp":           func() { Exp(u, v) },
				"Axpy":          func() { Axpy(1, v[:n-1], w[:n-1]); Axpy(1, v[1:], w[1:]) },
				"Add":           func() { Add(u[1:], v[1:]) },
				"FirstBad":      func() { FirstBad(v[1:]) },
				"Pack":          func() { Pack(y, rows, n-1, d, d+1, n, ld) },
				"Unpack":        func() { Unpack(rows, y, n-1, d, d+1, n, ld) },
			}
			for k := range kinds {
				for _, shift := range []float64{0, 0.5} {
					if shift != 0 && !ratios[k].Shifts {
						continue
					}
					p := Profile{Kind: k, Shift: shift, Params: [2]float64{1, 1}}
					calls[fmt.Sprintf("Radial %d %v", k, shift)] = func() { Radial(&p, y, l, l1, x, d, n, ld) }
					calls[fmt.Sprintf("RadialLayer %d %v", k, shift)] = func() { RadialLayer(&p, y, y, l, l1, weights, b, x, d, d, n, ld) }
					calls[fmt.Sprintf("Profiles %d %v", k, shift)] = func() { Profiles(&p, l, nil, r, n) }
				}
			}
			for m := range maps {
				calls[fmt.Sprintf("Pointwise %d", m)] = func() { Pointwise(m, 0, u, v) }
				calls[fmt.Sprintf("PointwiseVJP %d", m)] = func() { PointwiseVJP(m, 0, u, u, v, v) }
			}
			for name, call := range calls {
				assert.NotPanics(t, call, "%s %v", name, s)
			}
			if end { // a control: the fence is there
				assert.Panics(t, func() { FirstBad(unsafe.Slice(unsafe.SliceData(x), size+Lanes)) })
			}
			f.free()
		}
	}
}
