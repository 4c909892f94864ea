package inspect

import (
	"reflect"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Numbers returns the numbers of a value in double precision, row by row, or false for another
// type.
func Numbers(v gorgonia.Value) (xs []float64, ok bool) {
	defer func() {
		if recover() != nil { // an empty tensor
			xs, ok = nil, false
		}
	}()
	if v == nil || reflect.ValueOf(v).Kind() == reflect.Pointer && reflect.ValueOf(v).IsNil() {
		return nil, false
	}
	var x []float64
	switch d := v.Data().(type) {
	case []float64:
		x = slices.Clone(d)
	case float64:
		return []float64{d}, true
	case []float32:
		for _, f := range d {
			x = append(x, float64(f))
		}
	case float32:
		return []float64{float64(d)}, true
	default:
		return nil, false
	}
	t, ok := v.(*tensor.Dense)
	if !ok || !t.RequiresIterator() {
		return x, true
	}
	var in []float64 // a transposed or cut tensor does not lie in order
	it := t.Iterator()
	for i, err := it.Start(); err == nil; i, err = it.Next() {
		in = append(in, x[i])
	}
	return in, true
}

// Copy returns a copy of a value that lies in order.
func Copy(v gorgonia.Value) (gorgonia.Value, error) {
	if t, ok := v.(*tensor.Dense); ok && t.RequiresIterator() && IsFloat(t.Dtype()) {
		x, _ := Numbers(t)
		return NewValue(t.Dtype(), t.Shape(), x), nil
	}
	return gorgonia.CloneValue(v)
}

// NewValue makes a value of numbers.
func NewValue(dt tensor.Dtype, shape tensor.Shape, x []float64) gorgonia.Value {
	if dt == tensor.Float32 {
		y := make([]float32, len(x))
		for i, f := range x {
			y[i] = float32(f)
		}
		if len(shape) == 0 {
			return gorgonia.NewF32(y[0])
		}
		return tensor.New(tensor.WithShape(shape.Clone()...), tensor.WithBacking(y))
	}
	if len(shape) == 0 {
		return gorgonia.NewF64(x[0])
	}
	return tensor.New(tensor.WithShape(shape.Clone()...), tensor.WithBacking(slices.Clone(x)))
}

// MustNumbers returns the numbers of a value, nil where there are none.
func MustNumbers(v gorgonia.Value) []float64 {
	x, _ := Numbers(v)
	return x
}

// DtypeOf returns the type of a node's numbers, or the zero type.
func DtypeOf(n *gorgonia.Node) (dt tensor.Dtype) {
	defer func() { _ = recover() }() // a type that Gorgonia cannot name
	return n.Dtype()
}

// IsFloat says that a type is one of floating point.
func IsFloat(dt tensor.Dtype) bool { return dt == tensor.Float64 || dt == tensor.Float32 }

// IsFinite says that a number is neither infinite nor NaN.
func IsFinite(x float64) bool { return x*0 == 0 }
