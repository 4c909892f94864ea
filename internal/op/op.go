package op

import (
	"encoding/binary"
	"fmt"
	"hash"
	"hash/fnv"
	"sync/atomic"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/quiver"
)

// Float is a precision.
type Float interface{ float32 | float64 }

// Mat is a row-major R×C matrix.
type Mat[T Float] struct {
	R, C int
	Data []T
}

func (m Mat[T]) row(i int) []T { return m.Data[i*m.C : (i+1)*m.C] }

// kernel is what one kind of operation adds to Op.
type kernel interface {
	kind() Kind
	shape(in [][2]int) ([2]int, error)
	scratch(in [][2]int) int // float64s needed by a run
	run64(dst Mat[float64], in []Mat[float64], scratch []float64) error
	run32(dst Mat[float32], in []Mat[float32], scratch []float64) error
	// sym returns the gradients at the inputs, nil where wanted is false.
	sym(o *Op, in gorgonia.Nodes, out, grad *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error)
}

// Op is an operation of this package: a Gorgonia Op with a symbolic derivative. Each
// Op belongs to one node.
type Op struct {
	kernel
	label    string
	owner    string
	arity    int
	vecIn    int          // how many leading inputs are vectors instead of matrices, as users' losses make them
	vecOut   bool         // so is the result
	dims     []int        // of the inputs, where they may have any number of axes; nil for matrices and vectors
	out      tensor.Shape // of the result then
	serial   uint64
	children gorgonia.Nodes

	coefficients []float64         // of a linear combination
	act          quiver.Activation // of a vertex or of its derivative
	fixed        quiver.Inclusion  // of a product with a structured matrix
}

var serials atomic.Uint64

func newOp(k kernel, owner, label string, arity int) *Op {
	return &Op{kernel: k, owner: owner, label: label, arity: arity, serial: serials.Add(1)}
}

// Owner returns the vertex ("h1") or arrow ("x->h1") that the operation belongs to.
func (o *Op) Owner() string { return o.owner }

// Kind returns the name of the kind of operation, "vertex" for example.
func (o *Op) Kind() Kind { return o.kind() }

// Children returns the inputs of the node, in order.
func (o *Op) Children() gorgonia.Nodes { return o.children }

// Coefficients returns the constants of a linear combination, nil for another operation.
func (o *Op) Coefficients() []float64 { return o.coefficients }

// Activation returns the activation of a vertex or of its derivative, nil for another operation
// and for a plain sum.
func (o *Op) Activation() quiver.Activation { return o.act }

// Inclusion returns the structured matrix M of the product δ·M that has one input.
func (o *Op) Inclusion() quiver.Inclusion { return o.fixed }

// Shape returns the size of the result for inputs of the given sizes, or an error
// that names the owner.
func (o *Op) Shape(in [][2]int) ([2]int, error) {
	s, err := o.shape(in)
	if err != nil {
		return s, fmt.Errorf("graph: %s of %q: %w", o.Kind(), o.owner, err)
	}
	return s, nil
}

// ScratchLen returns how many float64s Run64 and Run32 need.
func (o *Op) ScratchLen(in [][2]int) int { return o.scratch(in) }

// Run64 computes the operation into dst, overwriting it, without allocating.
func (o *Op) Run64(dst Mat[float64], in []Mat[float64], scratch []float64) error {
	return o.run64(dst, in, scratch)
}

// Run32 is Run64 in single precision; activations are computed in double.
func (o *Op) Run32(dst Mat[float32], in []Mat[float32], scratch []float64) error {
	return o.run32(dst, in, scratch)
}

// The methods below make Op a gorgonia.Op and a gorgonia.SDOp.

// Arity returns the number of inputs.
func (o *Op) Arity() int { return o.arity }

// Type returns the type matrix → … → matrix, made afresh because Gorgonia takes it
// apart. One type variable for all makes mixed precisions an error.
func (o *Op) Type() hm.Type {
	t := func(vec bool) gorgonia.TensorType {
		d := 2
		if vec {
			d = 1
		}
		return gorgonia.TensorType{Dims: d, Of: hm.TypeVariable('a')}
	}
	ts := make([]hm.Type, o.arity+1)
	for i := range o.arity {
		if o.dims == nil {
			ts[i] = operand{t(i < o.vecIn)}
			continue
		}
		ts[i] = typeOf(o.dims[i])
		if matrix, ok := ts[i].(gorgonia.TensorType); ok {
			ts[i] = operand{matrix}
		}
	}
	ts[o.arity] = t(o.vecOut)
	if o.dims != nil {
		ts[o.arity] = typeOf(len(o.out))
	}
	return hm.NewFnType(ts...)
}

// InferShape is Shape for Gorgonia.
func (o *Op) InferShape(ds ...gorgonia.DimSizer) (tensor.Shape, error) {
	in := make([][2]int, len(ds))
	for i, d := range ds {
		s, _ := d.(tensor.Shape) // the length of an axis comes as itself: a number
		var err error
		if in[i], err = size(s); err != nil {
			return nil, err
		}
	}
	s, err := o.Shape(in)
	switch {
	case o.dims != nil:
		return o.out.Clone(), err
	case o.vecOut:
		return tensor.Shape{s[0]}, err
	}
	return tensor.Shape{s[0], s[1]}, err
}

// size reads a shape as rows and columns: a number is 1×1, a vector a column, and of more
// axes all but the first are columns.
func size(s tensor.Shape) ([2]int, error) {
	switch len(s) {
	case 0:
		return [2]int{1, 1}, nil
	case 1:
		return [2]int{s[0], 1}, nil
	}
	return [2]int{s[0], s[1:].TotalSize()}, nil
}

// Do runs the operation on Gorgonia's machines.
func (o *Op) Do(vs ...gorgonia.Value) (v gorgonia.Value, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("graph: %s of %q: %v", o.Kind(), o.owner, r)
		}
	}()
	in := make([][2]int, len(vs))
	for i, v := range vs {
		if in[i], err = size(v.Shape()); err != nil {
			return nil, err
		}
	}
	out, err := o.Shape(in)
	if err != nil {
		return nil, err
	}
	shape := []int{out[0], out[1]}
	switch {
	case o.dims != nil:
		shape = o.out
	case o.vecOut:
		shape = shape[:1]
	}
	scratch := make([]float64, o.scratch(in))
	switch vs[0].Data().(type) {
	case []float64, float64:
		ms, dst := mats[float64](vs, in), make([]float64, out[0]*out[1])
		err = o.run64(Mat[float64]{out[0], out[1], dst}, ms, scratch)
		if len(shape) == 0 {
			return gorgonia.NewF64(dst[0]), err
		}
		return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(dst)), err
	case []float32, float32:
		ms, dst := mats[float32](vs, in), make([]float32, out[0]*out[1])
		err = o.run32(Mat[float32]{out[0], out[1], dst}, ms, scratch)
		if len(shape) == 0 {
			return gorgonia.NewF32(dst[0]), err
		}
		return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(dst)), err
	}
	return nil, fmt.Errorf("graph: %s of %q: values of type %T, want float64 or float32", o.Kind(), o.owner, vs[0].Data())
}

// mats wraps Gorgonia values. A 1×1 tensor may give its number instead of a slice.
func mats[T Float](vs []gorgonia.Value, in [][2]int) []Mat[T] {
	ms := make([]Mat[T], len(vs))
	for i, v := range vs {
		d, ok := v.Data().([]T)
		if !ok {
			d = []T{v.Data().(T)}
		}
		ms[i] = Mat[T]{in[i][0], in[i][1], d}
	}
	return ms
}

// ReturnsPtr says that the result is a tensor.
func (o *Op) ReturnsPtr() bool { return true }

// CallsExtern says that nothing foreign is called.
func (o *Op) CallsExtern() bool { return false }

// OverwritesInput says that no input is overwritten.
func (o *Op) OverwritesInput() int { return -1 }

// WriteHash writes the serial number, so that no two operations look alike.
func (o *Op) WriteHash(h hash.Hash) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], o.serial)
	h.Write(b[:])
}

// Hashcode hashes the serial number.
func (o *Op) Hashcode() uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}

// String returns the value's name in the notation of the field, "δ[h1]" for example.
func (o *Op) String() string { return o.label }

// DiffWRT says that every input may be differentiated.
func (o *Op) DiffWRT(n int) []bool {
	d := make([]bool, n)
	for i := range d {
		d[i] = true
	}
	return d
}

// SymDiff returns the gradients at all inputs.
func (o *Op) SymDiff(in gorgonia.Nodes, out, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	return o.SymDiffWanted(in, out, grad, o.DiffWRT(len(in)))
}

// SymDiffWanted returns the gradients at the wanted inputs and nil elsewhere.
func (o *Op) SymDiffWanted(in gorgonia.Nodes, out, grad *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
	return o.sym(o, in, out, grad, wanted)
}

// DoDiff refuses a LispMachine's backward pass: without this method that machine
// takes every gradient for 0 and says nothing.
func (o *Op) DoDiff(gorgonia.ExecutionContext, gorgonia.Nodes, *gorgonia.Node) error {
	return &NodeError{o.label, "it has a symbolic derivative only; add the gradient to the graph with a reverse sweep"}
}

// OrderError says that an activation cannot be differentiated often enough.
type OrderError struct {
	Order  int
	Vertex string
	Act    string
}

func (e *OrderError) Error() string {
	return fmt.Sprintf("graph: order %d unavailable at vertex %q: activation %s has no derivatives of that order; implement quiver.RadialJet, quiver.PointJet or quiver.SecondOrder", e.Order, e.Vertex, e.Act)
}
