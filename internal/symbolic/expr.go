package symbolic

import (
	"slices"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/batch"
	"github.com/quivernet/quivernet/internal/fault"
	"github.com/quivernet/quivernet/internal/formula"
	"github.com/quivernet/quivernet/internal/interpreter"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// Expr is a symbolic expression: a node of an expression graph, read as a formula in the
// notation of the field. Values that several formulas use have names: z[h] is the
// pre-activation of vertex h, δ[h] the gradient at it, h itself the vertex's value; String explains
// the names that it uses. Every node knows its origin. An Expr is immutable
// and safe for concurrent use; Expand and Simplify return new ones, on graphs of their own, and Show returns one that
// prints a part.
type Expr struct {
	p         *Source
	e         *model.Expression
	name      *formula.Formula
	node      *gorgonia.Node
	labels    labels
	acts      map[*gorgonia.Node]quiver.Activation // of nodes whose activation is not their vertex's
	funcs     map[*gorgonia.Node]layers.Func       // of nodes that apply a scalar function
	direction *quiver.Rep
	others    *others // for other batches
	view      view    // what the printers show
}

func (s *Source) expr(e *model.Expression, n *gorgonia.Node, name *formula.Formula) *Expr {
	return &Expr{p: s, e: e, name: name, node: n, labels: labelsOf(s.model, e, n)}
}

// Node returns the node of the expression graph.
func (x *Expr) Node() *gorgonia.Node {
	fault.Must(x.made())
	return x.node
}

// Nodes returns the nodes that the expression needs, itself last, inputs before what uses them.
func (x *Expr) Nodes() gorgonia.Nodes {
	fault.Must(x.made())
	return op.Ancestors(gorgonia.Nodes{x.node})
}

// Arguments returns the inputs of a node in the order of the arguments of its operation, which
// Gorgonia's own lists do not keep; nil for nil and for a node of no graph.
func Arguments(n *gorgonia.Node) gorgonia.Nodes {
	if n == nil || n.Graph() == nil {
		return nil
	}
	return append(gorgonia.Nodes(nil), op.Children(n)...)
}

// Origin returns where a node of the expression comes from, or false for a node of another
// graph.
func (x *Expr) Origin(n *gorgonia.Node) (Origin, bool) {
	fault.Must(x.made())
	o, ok := x.labels.origin[n]
	return o, ok
}

// Along returns the expression with the direction V of its second derivatives, for Eval.
func (x *Expr) Along(v *quiver.Rep) *Expr {
	fault.Must(x.made())
	y := *x
	y.direction = v
	return &y
}

// Eval computes the expression, in the program's precision, for a batch of any size: where its graph is for
// another number of samples than the batch has, one for that number is made and kept. ys are the targets, nil where the
// expression has no loss in it. A SecondGradient needs a direction, see Along. Errors:
// RepError, DataError, LossError, OpError.
func (x *Expr) Eval(w *quiver.Rep, xs, ys []*mat.Dense) (*mat.Dense, error) {
	if err := x.made(); err != nil {
		return nil, err
	}
	n, err := batch.Samples(x.p.model, w, xs)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, &fault.DataError{What: "batch", Reason: "no samples; the expression graph of an empty batch does not exist"}
	}
	b := &batch.Batch{N: n, Inputs: xs, Targets: ys}
	if len(x.e.Target) > 0 {
		if err := x.p.load(b, w, xs, ys); err != nil {
			return nil, err
		}
	}
	size := extent{n, x.p.model.TargetWidths(nil)}
	if len(x.e.Target) > 0 {
		size.widths = x.p.model.TargetWidths(ys)
	}
	if x, err = x.at(size); err != nil {
		return nil, err
	}
	if err := x.checkDirection(w); err != nil {
		return nil, err
	}
	if x.p.model.Dtype == model.Dtype(true) {
		return evalExpr[float32](x, w, b)
	}
	return evalExpr[float64](x, w, b)
}

// checkDirection refuses a missing, another quiver's or a direction that is not finite.
func (x *Expr) checkDirection(w *quiver.Rep) error {
	if x.direction == nil {
		if slices.ContainsFunc(x.Nodes(), func(n *gorgonia.Node) bool { return slices.Contains(x.e.Tangent, n) }) {
			return &fault.RepError{Reason: "no direction for the second derivatives; give one with Along"}
		}
		return nil
	}
	if err := w.Fits(x.direction); err != nil {
		return &fault.RepError{Reason: "the direction does not fit the weights", Err: err}
	}
	if err := x.direction.CheckFinite(); err != nil {
		return &fault.RepError{Reason: "the direction is not finite", Err: err}
	}
	return nil
}

func evalExpr[T op.Float](x *Expr, w *quiver.Rep, b *batch.Batch) (*mat.Dense, error) {
	v, err := interpreter.Evaluate[T](x.e, gorgonia.Nodes{x.node})
	if err != nil {
		return nil, err
	}
	v.Weights(w)
	v.Inputs(b.Inputs, interpreter.InOrder)
	if len(x.e.Target) > 0 {
		v.Targets(b)
	}
	v.Set(x.e.Unit, []float64{1})
	if i := 0; x.direction != nil {
		for _, data := range x.direction.Segments() {
			if i < len(x.e.Tangent) {
				v.Set(x.e.Tangent[i], data)
			}
			i++
		}
	}
	if err := v.Run(); err != nil {
		return nil, err
	}
	return v.Matrix(x.node), nil
}
