package op

import (
	"fmt"

	"gorgonia.org/gorgonia"
)

// Unit returns the matrix of the size of x that is 1 at (i, j) and 0 elsewhere.
func Unit(owner string, x *gorgonia.Node, i, j int) (*gorgonia.Node, error) {
	k := &both{is: KindUnit, size: func(in [][2]int) ([2]int, error) {
		if i < 0 || j < 0 || i >= in[0][0] || j >= in[0][1] {
			return in[0], fmt.Errorf("entry (%d,%d) of %d×%d", i, j, in[0][0], in[0][1])
		}
		return in[0], nil
	},
		f64: func(d Mat[float64], _ []Mat[float64], _ []float64) { unit(d, i, j) },
		f32: func(d Mat[float32], _ []Mat[float32], _ []float64) { unit(d, i, j) }}
	k.back = func(*Op, gorgonia.Nodes, *gorgonia.Node, *gorgonia.Node, []bool) (gorgonia.Nodes, error) {
		return gorgonia.Nodes{nil}, nil // constant
	}
	o := newOp(k, owner, fmt.Sprintf("E%d,%d", i+1, j+1), 1)
	o.coefficients = []float64{float64(i), float64(j)}
	return Apply(o, x)
}

func unit[T Float](d Mat[T], i, j int) {
	clear(d.Data)
	d.Data[i*d.C+j] = 1
}

// Flat returns the entries of x as one row, row by row.
func Flat(owner string, x *gorgonia.Node) (*gorgonia.Node, error) {
	k := &both{is: KindFlat, size: func(in [][2]int) ([2]int, error) { return [2]int{1, in[0][0] * in[0][1]}, nil },
		f64: func(d Mat[float64], in []Mat[float64], _ []float64) { copy(d.Data, in[0].Data) },
		f32: func(d Mat[float32], in []Mat[float32], _ []float64) { copy(d.Data, in[0].Data) }}
	k.back = unexpandable
	return Apply(newOp(k, owner, "vec("+x.Name()+")", 1), x)
}

// Stack puts the rows of matrices with equally many columns below each other.
func Stack(owner string, xs ...*gorgonia.Node) (*gorgonia.Node, error) {
	k := &both{is: KindStack, size: func(in [][2]int) ([2]int, error) {
		s := [2]int{0, in[0][1]}
		for _, t := range in {
			if s[0] += t[0]; t[1] != s[1] {
				return s, fmt.Errorf("%d and %d columns below each other", s[1], t[1])
			}
		}
		return s, nil
	}, f64: stack[float64], f32: stack[float32]}
	k.back = unexpandable
	return Apply(newOp(k, owner, "stack", len(xs)), xs...)
}

func stack[T Float](d Mat[T], in []Mat[T], _ []float64) {
	at := 0
	for _, x := range in {
		at += copy(d.Data[at:], x.Data)
	}
}
