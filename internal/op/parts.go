package op

import (
	"fmt"
	"strings"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
)

// Columns and rows: cutting, joining and spreading them.

// Columns returns columns lo … hi−1 of x.
func Columns(owner string, x *gorgonia.Node, lo, hi int) (*gorgonia.Node, error) {
	k := &both{is: KindColumns, size: func(in [][2]int) ([2]int, error) {
		if lo < 0 || hi <= lo || hi > in[0][1] {
			return in[0], fmt.Errorf("columns %d to %d of %d", lo, hi, in[0][1])
		}
		return [2]int{in[0][0], hi - lo}, nil
	},
		f64: func(d Mat[float64], in []Mat[float64], _ []float64) { columns(d, in[0], lo) },
		f32: func(d Mat[float32], in []Mat[float32], _ []float64) { columns(d, in[0], lo) }}
	k.back = unexpandable
	o := newOp(k, owner, fmt.Sprintf("%s[%d:%d]", x.Name(), lo, hi), 1)
	o.coefficients = []float64{float64(lo), float64(hi)}
	return Apply(o, x)
}

func columns[T Float](d, x Mat[T], lo int) {
	for i := range d.R {
		copy(d.row(i), x.row(i)[lo:])
	}
}

// Join puts the columns of matrices with equally many rows side by side.
func Join(owner string, xs ...*gorgonia.Node) (*gorgonia.Node, error) {
	k := &both{is: KindJoin, size: func(in [][2]int) ([2]int, error) {
		s := [2]int{in[0][0], 0}
		for _, t := range in {
			if s[1] += t[1]; t[0] != s[0] {
				return s, fmt.Errorf("%d and %d rows side by side", s[0], t[0])
			}
		}
		return s, nil
	}, f64: joinColumns[float64], f32: joinColumns[float32]}
	k.back = unexpandable
	var names []string
	for _, x := range xs {
		names = append(names, x.Name())
	}
	return Apply(newOp(k, owner, "["+strings.Join(names, " | ")+"]", len(xs)), xs...)
}

func joinColumns[T Float](d Mat[T], in []Mat[T], _ []float64) {
	at := 0
	for _, x := range in {
		for i := range d.R {
			copy(d.row(i)[at:], x.row(i))
		}
		at += x.C
	}
}

// ColScale returns x with column j times s_j; s is 1×d.
func ColScale(owner string, x, s *gorgonia.Node) (*gorgonia.Node, error) {
	return rowwise(owner, KindColScale, x, s, func(a, b float64) float64 { return a * b })
}

// AddRow returns x with the row s, 1×d, added to each row.
func AddRow(owner string, x, s *gorgonia.Node) (*gorgonia.Node, error) {
	return rowwise(owner, KindAddRow, x, s, func(a, b float64) float64 { return a + b })
}

func rowwise(owner string, kind Kind, x, s *gorgonia.Node, f func(a, b float64) float64) (*gorgonia.Node, error) {
	k := &both{is: kind, size: func(in [][2]int) ([2]int, error) {
		if in[1] != [2]int{1, in[0][1]} {
			return in[0], fmt.Errorf("a row of %d×%d for %d columns", in[1][0], in[1][1], in[0][1])
		}
		return in[0], nil
	},
		f64: func(d Mat[float64], in []Mat[float64], _ []float64) { withRow(d, in, f) },
		f32: func(d Mat[float32], in []Mat[float32], _ []float64) { withRow(d, in, f) }}
	k.back = unexpandable
	return Apply(newOp(k, owner, kind.String(), 2), x, s)
}

func withRow[T Float](d Mat[T], in []Mat[T], f func(a, b float64) float64) {
	for i := range d.R {
		for j, v := range in[0].row(i) {
			d.Data[i*d.C+j] = T(f(float64(v), float64(in[1].Data[j])))
		}
	}
}

// ColSum returns the 1×d sums of the columns.
func ColSum(owner string, x *gorgonia.Node) (*gorgonia.Node, error) {
	k := &both{is: KindColSum, size: func(in [][2]int) ([2]int, error) { return [2]int{1, in[0][1]}, nil },
		tmp: func(in [][2]int) int { return in[0][1] }, f64: colSum[float64], f32: colSum[float32]}
	k.back = unexpandable
	return Apply(newOp(k, owner, "Σ"+x.Name(), 1), x)
}

func colSum[T Float](d Mat[T], in []Mat[T], tmp []float64) {
	tmp = tmp[:d.C]
	clear(tmp)
	for i := range in[0].R {
		for j, v := range in[0].row(i) {
			tmp[j] += float64(v)
		}
	}
	narrow(d.Data, tmp)
}

// Basis returns x·b or, transposed, x·bᵀ for a constant matrix b: the way into the subspace of a
// restricted activation, and back.
func Basis(owner string, x *gorgonia.Node, b *mat.Dense, transposed bool) (*gorgonia.Node, error) {
	r, c := b.Dims()
	k := &both{is: KindBasis, size: func(in [][2]int) ([2]int, error) {
		from, to := r, c
		if transposed {
			from, to = c, r
		}
		if in[0][1] != from {
			return in[0], fmt.Errorf("%d columns times a basis of %d×%d", in[0][1], r, c)
		}
		return [2]int{in[0][0], to}, nil
	},
		f64: func(d Mat[float64], in []Mat[float64], _ []float64) { basis(d, in[0], b, transposed) },
		f32: func(d Mat[float32], in []Mat[float32], _ []float64) { basis(d, in[0], b, transposed) }}
	k.back = func(o *Op, _ gorgonia.Nodes, _, g *gorgonia.Node, _ []bool) (gorgonia.Nodes, error) {
		n, err := Basis(o.owner, g, b, !transposed)
		return gorgonia.Nodes{n}, err
	}
	o := newOp(k, owner, x.Name()+"·B["+owner+"]", 1)
	o.coefficients = []float64{0}
	if transposed {
		o.coefficients[0] = 1
	}
	return Apply(o, x)
}

func basis[T Float](d, x Mat[T], b *mat.Dense, transposed bool) {
	for i := range d.R {
		for j := range d.C {
			var s float64
			for k, v := range x.row(i) {
				if transposed {
					s += float64(v) * b.At(j, k)
				} else {
					s += float64(v) * b.At(k, j)
				}
			}
			d.Data[i*d.C+j] = T(s)
		}
	}
}

// RowFunction returns f of each row of z: n×1, or n×d where wide. name says what it is.
func RowFunction(owner, name string, wide bool, z *gorgonia.Node, f func(dst, z []float64)) (*gorgonia.Node, error) {
	k := &both{is: KindRowFunction, size: func(in [][2]int) ([2]int, error) {
		if wide {
			return in[0], nil
		}
		return [2]int{in[0][0], 1}, nil
	}, tmp: func(in [][2]int) int { return 2 * in[0][1] },
		f64: func(d Mat[float64], in []Mat[float64], tmp []float64) { rowFunction(d, in[0], tmp, f) },
		f32: func(d Mat[float32], in []Mat[float32], tmp []float64) { rowFunction(d, in[0], tmp, f) }}
	k.back = unexpandable
	return Apply(newOp(k, owner, name, 1), z)
}

func rowFunction[T Float](d, z Mat[T], tmp []float64, f func(dst, z []float64)) {
	out := tmp[z.C : z.C+d.C]
	for i := range d.R {
		f(out, widen(tmp, z.row(i)))
		narrow(d.row(i), out)
	}
}

// unexpandable refuses to differentiate what has been opened for reading.
func unexpandable(o *Op, _ gorgonia.Nodes, _, _ *gorgonia.Node, _ []bool) (gorgonia.Nodes, error) {
	return nil, &NodeError{o.label, "an opened activation is not differentiated again; differentiate first and open then"}
}

// Spread returns a column, or a vector, like x whose entries are all the 1×1 s.
func Spread(owner string, x, s *gorgonia.Node) (*gorgonia.Node, error) { return spread(owner, x, s) }
