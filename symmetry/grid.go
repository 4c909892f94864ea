package symmetry

import (
	"gonum.org/v1/gonum/blas"
	blasgonum "gonum.org/v1/gonum/blas/gonum"
	"gonum.org/v1/gonum/mat"

	fast "github.com/quivernet/quivernet/internal/blas"
	"github.com/quivernet/quivernet/quiver"
)

// impl is gonum's own BLAS, whose products have the same bits whatever GOMAXPROCS is:
// each block of the result is summed by one goroutine, in one order.
var impl blasgonum.Implementation

// grid is a dense row-major r×c matrix in contiguous memory. Unlike a mat.Dense it
// may have sides of length 0.
type grid struct {
	r, c int
	a    []float64
}

func newGrid(r, c int) grid { return grid{r, c, make([]float64, r*c)} }

func eyeGrid(n int) grid {
	g := newGrid(n, n)
	for i := range n {
		g.a[i*n+i] = 1
	}
	return g
}

func (g grid) row(i int) []float64 { return g.a[i*g.c : (i+1)*g.c] }

func (g grid) clone() grid { return grid{g.r, g.c, append([]float64(nil), g.a...)} }

// dense returns g as a *mat.Dense of the same memory, &mat.Dense{} where a side is 0.
func (g grid) dense() *mat.Dense {
	if g.r == 0 || g.c == 0 {
		return &mat.Dense{}
	}
	return mat.NewDense(g.r, g.c, g.a)
}

// gridOf returns the r×c matrix m, without a copy where m's memory allows it.
func gridOf(m mat.Matrix, r, c int) grid {
	if r == 0 || c == 0 {
		return grid{r: r, c: c}
	}
	if d, ok := m.(*mat.Dense); ok {
		if raw := d.RawMatrix(); raw.Stride == c {
			return grid{r, c, raw.Data[:r*c]}
		}
	}
	g := newGrid(r, c)
	if in, ok := m.(quiver.Inclusion); ok {
		for t := range in.K {
			g.a[(in.Row+t)*c+in.Col+t] = 1
		}
		return g
	}
	g.dense().Copy(m)
	return g
}

// transpose returns gᵀ, a copy.
func (g grid) transpose() grid {
	t := newGrid(g.c, g.r)
	for i := range g.r {
		for j, x := range g.row(i) {
			t.a[j*g.r+i] = x
		}
	}
	return t
}

// add adds f·h to g.
func (g grid) add(f float64, h grid) {
	for i, x := range h.a {
		g.a[i] += f * x
	}
}

// scaleAdd replaces g by f·g + h.
func (g grid) scaleAdd(f float64, h grid) {
	for i, x := range h.a {
		g.a[i] = f*g.a[i] + x
	}
}

// block returns a copy of the r×c block at (i, j).
func (g grid) block(i, j, r, c int) grid {
	b := newGrid(r, c)
	for k := range r {
		copy(b.row(k), g.row(i + k)[j:j+c])
	}
	return b
}

// searchGrid is mulGrid on the fastest kernels, for searches whose results are checked: its bits
// depend on the processor.
func searchGrid(a, b grid) grid {
	p := newGrid(a.r, b.c)
	if a.r > 0 && b.c > 0 && a.c > 0 {
		fast.Gemm(a.r, b.c, a.c, a.a, a.c, 1, b.a, b.c, false, p.a, b.c)
	}
	return p
}

// mulGrid returns a·b.
func mulGrid(a, b grid) grid {
	p := newGrid(a.r, b.c)
	if a.r > 0 && b.c > 0 && a.c > 0 {
		impl.Dgemm(blas.NoTrans, blas.NoTrans, a.r, b.c, a.c, 1, a.a, a.c, b.a, b.c, 0, p.a, b.c)
	}
	return p
}
