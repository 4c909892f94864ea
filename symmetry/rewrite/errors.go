package rewrite

import (
	"fmt"
	"strings"
)

// GraphError reports roots or a graph that cannot be rewritten.
type GraphError struct{ Node, Reason string }

func (e *GraphError) Error() string {
	if e.Node == "" {
		return "rewrite: " + e.Reason
	}
	return fmt.Sprintf("rewrite: node %q: %s", e.Node, e.Reason)
}

// UnknownRuleError reports a name in Disable that is no rule.
type UnknownRuleError struct {
	Rule  string
	Known []string
}

func (e *UnknownRuleError) Error() string {
	return fmt.Sprintf("rewrite: Disable: no rule %q; the rules are %s", e.Rule, strings.Join(e.Known, ", "))
}

// InputError reports an entry of Weights, Data or Fixed that is not an input of the graph.
type InputError struct{ List, Node, Reason string }

func (e *InputError) Error() string {
	if e.Node == "" {
		return fmt.Sprintf("rewrite: %s: a node %s", e.List, e.Reason)
	}
	return fmt.Sprintf("rewrite: %s: node %q %s", e.List, e.Node, e.Reason)
}

// CompressError reports that symmetry.Compress refused the lifted network or its options.
type CompressError struct{ Err error }

func (e *CompressError) Error() string {
	return fmt.Sprintf("rewrite: the lifted network cannot be compressed: %v", e.Err)
}

// Unwrap returns the cause.
func (e *CompressError) Unwrap() error { return e.Err }

// BuildError reports a node of the new graph that could not be made.
type BuildError struct {
	Node string
	Err  error
}

func (e *BuildError) Error() string {
	return fmt.Sprintf("rewrite: rebuilding node %q: %v", e.Node, e.Err)
}

// Unwrap returns the cause.
func (e *BuildError) Unwrap() error { return e.Err }

// ValueError reports values that do not fit the nodes of a lifted network; Node is "" where there
// are none.
type ValueError struct{ Node, Reason string }

func (e *ValueError) Error() string { return (*GraphError)(e).Error() }
