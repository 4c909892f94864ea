package rewrite

import (
	"fmt"
	"reflect"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// lists checks the lists of the Rewriter against the graph.
func (r Rewriter) lists(g *gorgonia.ExprGraph, a *arena) error {
	known := Rules()
	for _, name := range r.Disable {
		if !slices.ContainsFunc(known, func(k Rule) bool { return k.Name == name }) {
			var names []string
			for _, k := range known {
				names = append(names, k.Name)
			}
			return &UnknownRuleError{name, names}
		}
	}
	for _, l := range []struct {
		list  string
		nodes gorgonia.Nodes
	}{{"Weights", r.Weights}, {"Data", r.Data}, {"Fixed", r.Fixed}} {
		for _, n := range l.nodes {
			switch {
			case n == nil:
				return &InputError{l.list, "", "is nil"}
			case n.Graph() != g:
				return &InputError{l.list, nameOf(n), "belongs to another graph"}
			case n.Op() != nil:
				return &InputError{l.list, nameOf(n), "is not an input but the result of an operation"}
			case l.list != "Data" && n.Value() == nil:
				return &InputError{l.list, nameOf(n), "holds no value; give it one with gorgonia.Let"}
			case l.list != "Weights" && slices.Contains(r.Weights, n):
				return &InputError{l.list, nameOf(n), "is in Weights too"}
			case l.list == "Data" && slices.Contains(r.Fixed, n):
				return &InputError{l.list, nameOf(n), "is in Fixed too; a value that comes with each run does change"}
			}
		}
	}
	return nil
}

// input decides what an input is for.
func (r Rewriter) input(a *arena, e *expr) {
	n := e.old
	e.role, e.value = data, n.Value()
	switch {
	case e.op != nil && e.kind.name == "constant":
		e.role = fixed
	case e.op != nil: // random numbers
		e.value = nil
	case slices.Contains(r.Weights, n):
		e.role = weight
	case slices.Contains(r.Fixed, n):
		e.role = fixed
	case slices.Contains(r.Data, n) || e.value == nil || !isFloat(e.dt):
	case len(r.Weights) == 0:
		e.role = weight
	default:
		a.notes = append(a.notes, fmt.Sprintf("input %q holds a value and is in none of Weights, Data and Fixed; it is taken for data.", nameOf(n)))
	}
}

// numbers returns the numbers of a value in double precision, row by row, or false for another
// type.
func numbers(v gorgonia.Value) (xs []float64, ok bool) {
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

// copied returns a copy of a value that lies in order.
func copied(v gorgonia.Value) (gorgonia.Value, error) {
	if t, ok := v.(*tensor.Dense); ok && t.RequiresIterator() && isFloat(t.Dtype()) {
		x, _ := numbers(t)
		return tensorOf(t.Dtype(), t.Shape(), x), nil
	}
	return gorgonia.CloneValue(v)
}

// tensorOf makes a value of numbers.
func tensorOf(dt tensor.Dtype, shape tensor.Shape, x []float64) gorgonia.Value {
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
