package rewrite

import (
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// role says what an input of the graph is for.
type role uint8

const (
	noRole role = iota // not an input
	data               // a value that comes with each run
	weight             // a trainable matrix or vector
	fixed              // a matrix that never changes
)

// expr is a node of the graph while it is rewritten. in are the inputs after the
// rules were applied; old is the node that it stands for, nil for one that a rule made.
type expr struct {
	old   *gorgonia.Node
	op    gorgonia.Op
	kind  kind
	in    []*expr
	shape tensor.Shape
	dt    tensor.Dtype
	uses  []*expr // who reads it, each once
	root  bool
	role  role
	moved bool           // the new value is not that of the node: a normalisation went in or out
	value gorgonia.Value // of an input or a constant
	same  *expr          // a simpler expression of the same value
	rule  string         // that found it
	id    int
	read  int            // how often the old graph reads it
	label *gorgonia.Node // the node that a made expression stands for
}

func (e *expr) name() string {
	if e.old == nil {
		return nameOf(e.label)
	}
	return nameOf(e.old)
}

// scalar says whether the node has no axes in Gorgonia's types.
func (e *expr) scalar() bool { return len(e.shape) == 0 }

// number returns the value of a scalar constant, or of a scalar input with a value.
func (e *expr) number() (float64, bool) {
	if !e.scalar() || e.value == nil {
		return 0, false
	}
	switch x := e.value.Data().(type) {
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

// sameType says whether two expressions have the same shape and precision.
func sameType(x, y *expr) bool {
	return len(x.shape) == len(y.shape) && slices.Equal(x.shape, y.shape) && x.dt == y.dt
}

// madeOfWeights says whether a value depends on weights and fixed numbers alone, and on a weight.
func madeOfWeights(e *expr) bool {
	some := false
	seen := make(map[*expr]bool)
	var only func(e *expr) bool
	only = func(e *expr) bool {
		if seen[e] {
			return true
		}
		if seen[e] = true; len(e.in) == 0 {
			some = some || e.role == weight
			return e.role == weight || e.role == fixed
		}
		return len(seen) < 64 && !slices.ContainsFunc(e.in, func(c *expr) bool { return !only(c) })
	}
	return only(e) && some
}

// isMatrix says whether an expression is a weight or a fixed matrix.
func isMatrix(e *expr) bool { return e.role == weight || e.role == fixed && len(e.shape) > 0 }

// usable says whether a weight or a fixed matrix has finite numbers, in the shape of its node: a value
// can be reshaped behind Gorgonia's back.
func usable(w *expr) bool {
	if w.value == nil || !isFloat(w.dt) || !w.value.Shape().Eq(w.shape) {
		return false
	}
	x, ok := numbers(w.value)
	return ok && len(x) == w.shape.TotalSize() && !slices.ContainsFunc(x, func(f float64) bool { return !finite(f) })
}
