package symbolic

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/fault"
	"github.com/quivernet/quivernet/internal/op"
)

// Rule is a rewriting of expressions that leaves their numbers as they are, up to the
// order of additions.
type Rule struct {
	Name string
	Text string // what becomes of what
	f    func(s *simplifier, o *op.Op, in gorgonia.Nodes) *gorgonia.Node
}

// rules is the table, in the order in which they are tried.
var rules = []Rule{
	{"seed", "1·x → x for the seed 1 of the sweep", seedRule},
	{"one", "1·x, 1·x + 0, x¹ → x", oneRule},
	{"zero", "0·x, 0∘x, diag(0)·x → 0; x + 0 → x", zeroRule},
	{"transpose", "(xᵀ)ᵀ → x", transposeRule},
	{"sums", "a + (b + c) → a + b + c", sumsRule},
	{"like terms", "2x + 3x → 5x", likeRule},
	{"affine", "2(3x + 1) → 6x + 2", affineRule},
	{"root", "(√x)² → x", rootRule},
	{"columns", "the columns of x, joined again → x; columns of columns → columns", columnsRule},
	{"basis", "x·Bᵀ·B → x for orthonormal columns B", basisRule},
	{"common", "two nodes that compute the same → one", nil}, // see simplifier.rule
}

// Rules returns the table of the rules of Simplify.
func Rules() []Rule { return slices.Clone(rules) }

// UnknownRuleError reports a rule that Simplify does not have.
type UnknownRuleError struct{ Rule string }

func (e *UnknownRuleError) Error() string {
	var known []string
	for _, r := range rules {
		known = append(known, r.Name)
	}
	return fmt.Sprintf("graph: no rule %q; the rules are %s", e.Rule, strings.Join(known, ", "))
}

// Simplify applies the rules until none applies any more, but for those disabled by name, and
// returns the expression on a graph of its own. Values with a name of the field (h, z, δ) stay
// nodes of their own. A product with a zero is zero, also where the other factor is not
// finite. Errors: UnknownRuleError, NodeError.
func (x *Expr) Simplify(disable ...string) (*Expr, error) {
	if x.none() {
		return nil, noExpr()
	}
	for _, d := range disable {
		if !slices.ContainsFunc(rules, func(r Rule) bool { return r.Name == d }) {
			return nil, &UnknownRuleError{d}
		}
	}
	from := x
	const passes = 1000 // every rule makes the graph smaller or a sum longer, which ends long before
	for range passes {
		s := &simplifier{disabled: disable, seen: make(map[string]*gorgonia.Node)}
		y, err := x.rebuild(s.rule)
		if err != nil {
			return nil, err
		}
		if x = y; s.applied == 0 {
			return x.then(from, func(x *Expr) (*Expr, error) { return x.Simplify(disable...) }), nil
		}
	}
	return nil, &fault.NodeError{Name: x.name.Text, Reason: "the rules do not come to an end"}
}

// simplifier is one pass of the rules over an expression.
type simplifier struct {
	disabled []string
	applied  int
	r        *rebuilder
	n        *gorgonia.Node            // the old node at hand
	seen     map[string]*gorgonia.Node // by what they compute
	err      error
}

func (s *simplifier) on(rule string) bool { return !slices.Contains(s.disabled, rule) }

// do keeps the first error.
func (s *simplifier) do(n *gorgonia.Node, err error) *gorgonia.Node {
	if s.err == nil {
		s.err = err
	}
	if s.err != nil {
		return nil
	}
	return n
}

func (s *simplifier) rule(r *rebuilder, n *gorgonia.Node, in gorgonia.Nodes) (*gorgonia.Node, error) {
	s.r, s.n = r, n
	if own, ok := n.Op().(*op.Op); ok {
		for _, rule := range rules {
			if rule.f == nil || !s.on(rule.Name) {
				continue
			}
			if m := rule.f(s, own, in); m != nil || s.err != nil {
				s.applied++
				return m, s.err
			}
		}
	}
	if !s.on("common") || len(in) == 0 {
		return nil, nil
	}
	key := s.key(n, in)
	if m := s.seen[key]; m != nil && key != "" {
		s.applied++
		return m, nil
	}
	m, err := r.copy(n, in)
	if key != "" {
		s.seen[key] = m
	}
	return m, err
}

// pure are the kinds of operation that are functions of their inputs and of what key writes down.
var pure = []op.Kind{
	op.KindCombine, op.KindHadamard, op.KindRowDot, op.KindRowScale, op.KindDot, op.KindScale, op.KindRadialJet,
	op.KindPointJet, op.KindCrossEntropy, op.KindSoftmax, op.KindTotal, op.KindSpread, op.KindVertex, op.KindSum, op.KindAct,
	op.KindActVJP, op.KindActVJPParams, op.KindActJVP, op.KindActVJP2, op.KindActVJP2Params, op.KindArrowDW, op.KindArrowDX,
	op.KindMatMul, op.KindTranspose, op.KindFunction, op.KindPower, op.KindAffine, op.KindRowNorm, op.KindProfile,
	op.KindSlope, op.KindRatio, op.KindColumns, op.KindJoin, op.KindColScale, op.KindAddRow, op.KindColSum, op.KindBasis,
	op.KindRowFunction, op.KindUnit, op.KindFlat, op.KindStack,
}

// commutative are the kinds that are so to the last bit.
var commutative = []op.Kind{op.KindHadamard, op.KindRowDot, op.KindDot}

// key says what a node computes: equal keys, equal values. "" stands for what may not be
// merged: operations that draw random numbers, and operations that are neither ours nor Gorgonia's.
func (s *simplifier) key(n *gorgonia.Node, in gorgonia.Nodes) string {
	var b strings.Builder
	if own, ok := n.Op().(*op.Op); ok {
		if !slices.Contains(pure, own.Kind()) {
			return ""
		}
		fmt.Fprintf(&b, "%s %d %v", own.Kind(), own.Order(), own.Coefficients())
		switch own.Kind() {
		case op.KindFunction:
			fmt.Fprintf(&b, " %s", own)
		case op.KindRowFunction, op.KindBasis, op.KindActVJP2Params:
			fmt.Fprintf(&b, " %s %s", own, own.Owner())
		case op.KindArrowDX:
			if len(in) == 1 {
				fmt.Fprintf(&b, " %s", own.Owner())
			}
		}
		for _, t := range own.Terms() {
			if t.W == nil {
				fmt.Fprintf(&b, " %v", t.Fixed)
			} else {
				b.WriteString(" W")
			}
		}
		if a := s.activationOf(n, own); a != "" {
			fmt.Fprintf(&b, " %q", a)
		}
	} else {
		t := reflect.TypeOf(n.Op())
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t.PkgPath() != "gorgonia.org/gorgonia" || strings.Contains(t.Name(), "random") || strings.Contains(t.Name(), "dropout") {
			return ""
		}
		fmt.Fprintf(&b, "%s %v %#v %v", t.Name(), n.Op(), n.Op(), n.Shape())
	}
	var args []string
	for _, c := range in {
		args = append(args, fmt.Sprintf(" %p", c))
	}
	if own, ok := n.Op().(*op.Op); ok && slices.Contains(commutative, own.Kind()) {
		slices.Sort(args)
	}
	return b.String() + strings.Join(args, "")
}

// activationOf returns the string of the activation that a node applies, which is unique, or "".
func (s *simplifier) activationOf(n *gorgonia.Node, o *op.Op) string {
	switch o.Kind() {
	case op.KindVertex, op.KindAct, op.KindActVJP, op.KindActVJPParams, op.KindActJVP, op.KindActVJP2, op.KindActVJP2Params, op.KindRadialJet, op.KindPointJet, op.KindProfile, op.KindSlope:
	default:
		return ""
	}
	if a := s.r.from.acts[n]; a != nil {
		return a.String()
	}
	if v, ok := s.r.from.p.model.Quiver.VertexIndex(o.Owner()); ok {
		return s.r.from.p.model.Vertices[v].Act.String()
	}
	return "vertex " + o.Owner()
}

// inside returns the operation of a node of the new graph, if it is of the given kind, and its
// inputs.
func inside(n *gorgonia.Node, kind op.Kind) (*op.Op, gorgonia.Nodes) {
	if o, ok := n.Op().(*op.Op); ok && o.Kind() == kind {
		return o, o.Children()
	}
	return nil, nil
}

// bare says that a node of the new graph has no name of its own.
func (s *simplifier) bare(n *gorgonia.Node) bool { return s.r.to.labels.symbol[n] == nil }

// single says that input i of the node at hand is used there alone.
func (s *simplifier) single(i int) bool { return s.r.need[op.Children(s.n)[i]] == 1 }
