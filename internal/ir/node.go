package ir

import (
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/inspect"
)

// Role says what an input of the graph is for.
type Role uint8

// The purposes of an input.
const (
	NotInput Role = iota // the result of an operation
	Data                 // a value that comes with each run
	Weight               // a trainable matrix, vector or number
	Fixed                // a matrix or a number that never changes
)

// Node is a node of a graph that is being rewritten.
type Node struct {
	Old   *gorgonia.Node // the node that it stands for; nil for one that a rule made
	Label *gorgonia.Node // for such a one, the node whose name tells of it
	Op    gorgonia.Op
	Kind  inspect.Kind
	In    []*Node // the inputs, after simplification
	Uses  []*Node // who reads it, each once
	Shape tensor.Shape
	Dtype tensor.Dtype
	ID    int // the place in Graph.Nodes
	Reads int // how often the old graph reads it
	Root  bool
	Role  Role
	Value gorgonia.Value // of an input or a constant
	Same  *Node          // a simpler node of the same value, found by the rule of the name Rule
	Rule  string
	Moved bool // the new value is not that of the old node: a normalisation was folded in or out
}

// Name returns the name of the node for a person.
func (e *Node) Name() string {
	if e.Old == nil {
		return inspect.NameOf(e.Label)
	}
	return inspect.NameOf(e.Old)
}

// IsScalar says whether the node has no axes in Gorgonia's types.
func (e *Node) IsScalar() bool { return len(e.Shape) == 0 }

// Number returns the value of a scalar constant, or of a scalar input with a value.
func (e *Node) Number() (float64, bool) {
	if !e.IsScalar() || e.Value == nil {
		return 0, false
	}
	switch x := e.Value.Data().(type) {
	case float64:
		return x, true
	case float32:
		return float64(x), true
	case []float64:
		return x[0], len(x) == 1
	case []float32:
		return float64(x[0]), len(x) == 1
	}
	return 0, false
}

// Factor reads −x, c·x, x·c and x÷c with a number c that has one of the roles, x of the shape of e, and returns x and
// the factor; nil for anything else.
func (e *Node) Factor(roles ...Role) (x *Node, c float64) {
	switch e.Kind.Name {
	case "neg":
		return e.In[0], -1
	case "⊙", "÷":
		for i, k := range e.In {
			c, ok := k.Number()
			if !ok || !slices.Contains(roles, k.Role) || i == 0 && e.Kind.Name == "÷" || !SameType(e.In[1-i], e) {
				continue
			}
			if e.Kind.Name == "÷" {
				c = 1 / c
			}
			return e.In[1-i], c
		}
	}
	return nil, 0
}

// SameType says whether two nodes have the same shape and precision.
func SameType(x, y *Node) bool {
	return len(x.Shape) == len(y.Shape) && slices.Equal(x.Shape, y.Shape) && x.Dtype == y.Dtype
}

// IsMadeOfWeights says whether a value depends on weights and fixed numbers alone, and on a weight.
func IsMadeOfWeights(e *Node) bool {
	some := false
	seen := make(map[*Node]bool)
	var only func(e *Node) bool
	only = func(e *Node) bool {
		if seen[e] {
			return true
		}
		if seen[e] = true; len(e.In) == 0 {
			some = some || e.Role == Weight
			return e.Role == Weight || e.Role == Fixed
		}
		return len(seen) < 64 && !slices.ContainsFunc(e.In, func(c *Node) bool { return !only(c) })
	}
	return only(e) && some
}

// IsMatrix says whether a node is a weight or a fixed matrix.
func IsMatrix(e *Node) bool { return e.Role == Weight || e.Role == Fixed && len(e.Shape) > 0 }

// IsUsable says whether a weight or a fixed matrix has finite numbers, in the shape of its node: a value
// can be reshaped behind Gorgonia's back.
func IsUsable(w *Node) bool {
	if w.Value == nil || !inspect.IsFloat(w.Dtype) || !w.Value.Shape().Eq(w.Shape) {
		return false
	}
	x, ok := inspect.Numbers(w.Value)
	return ok && len(x) == w.Shape.TotalSize() && !slices.ContainsFunc(x, func(f float64) bool { return !inspect.IsFinite(f) })
}
