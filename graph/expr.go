package graph

import (
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/symbolic"
)

// Expr is a symbolic expression: a node of an expression graph, read as a formula in the
// notation of the field. Values that several formulas use have names: z[h] is the
// pre-activation of vertex h, δ[h] the gradient at it, h itself the vertex's value; String explains
// the names that it uses. Every node knows its origin. An Expr is immutable
// and safe for concurrent use. Its methods:
//
//	String, LaTeX, DOT    the formulas as text, as LaTeX that breaks over pages, and as a picture for Graphviz
//	Show(views…)          the same expression, of which these print a part; see View
//	Eval(w, xs, ys)       its value, for a batch of any size; Along(V) gives the direction of a SecondGradient
//	Expand(vertex)        activations opened by one level, at all vertices for ""; ExpandAll, as far as it goes
//	Simplify(disabled…)   rewritten by the rules of Rules, but for those disabled by name
//	Node, Nodes           the node of the graph, and all that it needs, inputs first
//	Origin(node)          the vertex or arrow that a node belongs to
type Expr = symbolic.Expr

// Arguments returns the inputs of a node in the order of the arguments of its operation, which
// Gorgonia's own lists do not keep; nil for nil and for a node of no graph.
func Arguments(n *gorgonia.Node) gorgonia.Nodes { return symbolic.Arguments(n) }

// Origin says where a node of an expression comes from: its Vertex (of an arrow its target, of a loss its output), its Arrow, where the
// node is its matrix or a product with it, and its Pass. Its String is `vertex "h1", backward`, for example.
type Origin = symbolic.Origin

// Pass is a part of the computation. Its String is "forward", "loss", "backward" or "second".
type Pass = symbolic.Pass

// What depends on the weights and inputs alone is forward; on targets too, loss; on the
// seed of the reverse sweep, backward; on the direction of a second derivative, second.
const (
	ForwardPass  = symbolic.ForwardPass
	LossPass     = symbolic.LossPass
	BackwardPass = symbolic.BackwardPass
	SecondPass   = symbolic.SecondPass
)

// View chooses what the printers of an expression show; see Only, Depth, NoLegend, Boxes and Backward. They
// are functions, called with or without arguments.
type View = symbolic.View

// Only shows the lines of the named values and vertices alone: "δ[h1]", or "h1" for z[h1], h1, δ[h1] and all else of
// that vertex.
func Only(names ...string) View { return symbolic.Only(names...) }

// Depth shows the expression, or what Only names, and the values that are at most n references away from
// it: with 0 its line alone, with 1 those of the values that stand in it, and so on.
func Depth(n int) View { return symbolic.Depth(n) }

// NoLegend leaves the explanation of the symbols out.
func NoLegend() View { return symbolic.NoLegend() }

// Boxes makes DOT draw named values, one box each with its formula inside, however many they are.
func Boxes() View { return symbolic.Boxes() }

// Backward makes DOT draw the quiver backward, however small it is; of an expression that has no gradient
// in it, boxes.
func Backward() View { return symbolic.Backward() }

// Rule is a rewriting of expressions that leaves their numbers as they are, up to the order of additions: its Name, and as Text what
// becomes of what.
type Rule = symbolic.Rule

// Rules returns the table of the rules of Expr.Simplify.
func Rules() []Rule { return symbolic.Rules() }

// ExpandError says why the nodes of a Vertex, "" for all, cannot be opened further: the Reason, and whether it is an Opaque activation, of
// which nothing is known but its values; else all is open already.
type ExpandError = symbolic.ExpandError

// UnknownRuleError reports a Rule that Simplify does not have.
type UnknownRuleError = symbolic.UnknownRuleError

// UnknownValueError reports a Name that an expression does not have, with the Known ones.
type UnknownValueError = symbolic.UnknownValueError

// DepthError reports a Depth below zero.
type DepthError = symbolic.DepthError
