package rebuild

import (
	"encoding/binary"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/ir"
	"github.com/quivernet/quivernet/internal/op"
)

// name returns a name that no input of either graph has.
func (b *Builder) name(want string) string {
	name := want
	for i := 2; b.names[name]; i++ {
		name = fmt.Sprintf("%s.%d", want, i)
	}
	b.names[name] = true
	return name
}

// number returns a scalar constant. Gorgonia takes constants of one name for one, so the name
// holds the precision.
func (b *Builder) number(dt tensor.Dtype, x float64) *gorgonia.Node {
	return b.scalar(inspect.NewValue(dt, nil, []float64{x}))
}

func (b *Builder) scalar(v gorgonia.Value) *gorgonia.Node {
	return b.Graph.AddNode(gorgonia.NewConstant(v, gorgonia.WithName(fmt.Sprintf("%v %v", v.Dtype(), v.Data()))))
}

// matrix returns an input with fixed numbers, r×c; equal matrices are one.
func (b *Builder) matrix(name string, dt tensor.Dtype, m mat.Matrix) (*gorgonia.Node, error) {
	r, c := m.Dims()
	h := []byte(fmt.Sprint(dt, r, c, ":"))
	for i := range r {
		for j := range c {
			h = binary.LittleEndian.AppendUint64(h, math.Float64bits(m.At(i, j)))
		}
	}
	k := string(h)
	if n := b.shared[k]; n != nil {
		return n, nil
	}
	n, err := b.newMatrix(name, dt, m)
	if err == nil {
		b.shared[k] = n
		b.Fixed = append(b.Fixed, n)
	}
	return n, err
}

// newMatrix adds an input, r×c.
func (b *Builder) newMatrix(name string, dt tensor.Dtype, m mat.Matrix) (*gorgonia.Node, error) {
	r, c := m.Dims()
	x := make([]float64, 0, r*c)
	for i := range r {
		for j := range c {
			x = append(x, m.At(i, j))
		}
	}
	n, err := op.Input(b.Graph, dt, b.name(name), r, c)
	if err != nil {
		return nil, err
	}
	return n, gorgonia.Let(n, inspect.NewValue(dt, []int{r, c}, x))
}

// input makes an input or a constant.
func (b *Builder) input(e *ir.Node) (*gorgonia.Node, error) {
	if l := b.changed[e]; l != nil {
		b.altered[e] = true
		n, err := b.variable(inspect.GivenName(e.Old), e.Old, l.Shape)
		if err != nil {
			return nil, err
		}
		b.weights[e] = n
		return n, gorgonia.Let(n, inspect.NewValue(e.Dtype, l.Shape, l.Numbers))
	}
	switch {
	case e.Old == nil:
		return b.matrix("fixed product", e.Dtype, mat.NewDense(e.Shape[0], e.Shape[1], inspect.MustNumbers(e.Value)))
	case e.Kind.Name == "constant" && e.IsScalar():
		v, err := inspect.Copy(e.Value)
		if err != nil {
			return nil, err
		}
		return b.scalar(v), nil
	case e.Kind.Name == "constant": // never a constant tensor: Gorgonia merges those by their abbreviated text
		n, err := b.variable(b.name("constant"), e.Old, e.Shape)
		if err != nil {
			return nil, err
		}
		b.Fixed = append(b.Fixed, n)
		return n, let(n, e.Value)
	case e.Op != nil:
		return gorgonia.NewUniqueNode(gorgonia.WithOp(e.Op), gorgonia.In(b.Graph), gorgonia.WithType(e.Old.Type()), gorgonia.WithName(e.Old.Name()), gorgonia.WithShape(e.Shape...)), nil
	}
	n, err := b.variable(inspect.GivenName(e.Old), e.Old, e.Shape)
	if err != nil {
		return nil, err
	}
	switch e.Role {
	case ir.Weight:
		b.weights[e] = n
	case ir.Fixed:
		b.Fixed = append(b.Fixed, n)
	}
	if e.Value == nil {
		return n, nil
	}
	return n, let(n, e.Value)
}

// let gives a node a copy of a value.
func let(n *gorgonia.Node, v gorgonia.Value) error {
	c, err := inspect.Copy(v)
	if err != nil {
		return err
	}
	return gorgonia.Let(n, c)
}

// variable adds an input of the type of old and another shape. Inputs of one name are told apart by
// their shapes in Gorgonia; where two have one shape now, the second gets another name.
func (b *Builder) variable(name string, old *gorgonia.Node, shape []int) (n *gorgonia.Node, err error) {
	if name == "" {
		name = b.name("input")
	}
	if k := fmt.Sprint(name, old.Type(), shape); b.made[k] {
		name = b.name(name)
	} else {
		b.made[k] = true
	}
	defer func() {
		if r := recover(); r != nil {
			n, err = nil, fmt.Errorf("%v", r)
		}
	}()
	opts := []gorgonia.NodeConsOpt{gorgonia.In(b.Graph), gorgonia.WithType(old.Type()), gorgonia.WithName(name)}
	if len(shape) > 0 {
		opts = append(opts, gorgonia.WithShape(shape...))
	}
	before := len(b.Graph.AllNodes())
	if len(shape) == 2 && len(old.Shape()) == 1 { // a diagonal that became a matrix
		n = gorgonia.NewMatrix(b.Graph, inspect.DtypeOf(old), gorgonia.WithName(name), gorgonia.WithShape(shape...))
	} else {
		n = gorgonia.NewUniqueNode(opts...)
	}
	if len(b.Graph.AllNodes()) != before+1 {
		return nil, fmt.Errorf("the new graph has an input of that name, type and shape already")
	}
	return n, nil
}
