package rewrite

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"
)

// Rule is one way in which the rewriter changes a graph.
type Rule struct{ Name, Doc string }

// rule is a row of the table: a name, what it does, and one function.
type rule struct {
	Rule
	always bool // it cannot be switched off

	simplify  func(*arena, *expr) *expr            // a simpler expression of the value of a node, or nil
	recognise func(*scanner, *expr) form           // a node as a part of a quiver, or nil
	bias      func(e *expr, l layout, d int) *bias // an operand of a sum as a bias of d features, or nil
	fold      func(*arena)                         // a change of the whole graph
}

// table holds the rules, a row for each. The order of the rows means nothing: of two simplifications at most one applies to a
// node, and of what a node can be recognised as that with the most nodes is taken.
var table = []rule{
	{Rule: Rule{"identity", "the identity operation, a linear combination 1·x, and a dropout that does not train are their input"}, simplify: identity},
	{Rule: Rule{"reshape", "a reshape to the shape that is there already, also after another reshape, is dropped"}, simplify: reshape},
	{Rule: Rule{"transpose", "a transposition that undoes the one before it is dropped"}, simplify: transpose},
	{Rule: Rule{"neutral", "x+0, x−0, x∘1, x÷1, x^1 and −(−x) are x"}, simplify: neutral},
	{Rule: Rule{"slice", "a slice of the whole axis is its input"}, simplify: wholeSlice},
	{Rule: Rule{"concat", "a concatenation of one value is that value"}, simplify: singleConcat},
	{Rule: Rule{"fixed", "products and transposes of fixed matrices are computed now; (x·F)·G becomes x·(F·G) where that is no more work"}, simplify: fixedProduct},
	{Rule: Rule{"gain", "a number for each feature times that feature is an arrow with a diagonal matrix, which may become full; switch it off for trainings that are to be equal"}, recognise: recogniseGain},
	{Rule: Rule{"decay", "the sum of the squares of a weight in a cost is that of the smaller weight plus a constant"}, recognise: recogniseDecay},
	{Rule: Rule{"sample bias", "a weight with a bias for each sample has as many directions as samples"}, bias: matchSampleBias},
	{Rule: Rule{"batch norm", "a batch normalisation that does not train is taken into the gain and the shift behind it, or into the weight and the bias before it"}, fold: (*arena).foldNorms},
	{Rule: Rule{"dead", "what no root needs is not carried over"}},
	{Rule: Rule{"compress", "hidden vertices of quiver regions shrink as symmetry.Compress decides"}},

	{Rule: Rule{"product", "x·W, x·Wᵀ, W·x, W·v and x·(A·B), with constants and trained numbers beside W, are arrows"}, recognise: recogniseProduct, always: true},
	{Rule: Rule{"sum", "a sum or a difference of features, or of features and a bias, is the sum of a vertex"}, recognise: recogniseSum, always: true},
	{Rule: Rule{"bias", "a weight of d numbers, repeated over the samples or for one sample, is an arrow from the bias"}, bias: matchBias, always: true},
	{Rule: Rule{"scaling", "c·x, x÷c and −x with a constant c multiply the matrices of the arrows"}, recognise: recogniseScaling, always: true},
	{Rule: Rule{"concatenation", "features side by side are a vertex with inclusions for arrows"}, recognise: recogniseConcat, always: true},
	{Rule: Rule{"part", "a slice of the features is a vertex with a projection for its arrow"}, recognise: recogniseSlice, always: true},
	{Rule: Rule{"centring", "v less its mean is the arrow αI + β·11ᵀ/d"}, recognise: recogniseCentring, always: true},
	{Rule: Rule{"operation", "vertices and sums of this library are vertices"}, recognise: recogniseOperation, always: true},
	{Rule: Rule{"elementwise", "Gorgonia's elementwise functions that the catalogue of layers has are activations"}, recognise: spelled(matchElementwise), always: true},
	{Rule: Rule{"relu", "x∘(x ≥ 0) is the activation ReLU"}, recognise: spelled(matchRectify), always: true},
	{Rule: Rule{"leaky relu", "x∘(x ≥ 0) + a·(x∘(x < 0)) is the activation LeakyReLU(a)"}, recognise: spelled(matchLeaky), always: true},
	{Rule: Rule{"silu", "x∘sigmoid(x) is the activation SiLU"}, recognise: spelled(matchGated), always: true},
	{Rule: Rule{"radial", "v∘s and v÷s with a function s of the norm of v are a radial activation"}, recognise: spelled(matchRadial), always: true},
}

// Rules lists the rules that can be switched off by name, in Rewriter.Disable.
func Rules() []Rule {
	var rs []Rule
	for _, r := range table {
		if !r.always {
			rs = append(rs, r.Rule)
		}
	}
	return rs
}

// off says whether a rule is switched off.
func (r Rewriter) off(rule string) bool { return slices.Contains(r.Disable, rule) }

// simplify looks for a simpler expression of the value of e.
func (a *arena) simplify(e *expr) {
	for _, r := range a.rules {
		if r.simplify == nil || a.off[r.Name] {
			continue
		}
		s := r.simplify(a, e)
		if s == nil {
			continue
		}
		if s.same != nil {
			s = s.same
		}
		e.same, e.rule = s, r.Name
		return
	}
}

func identity(a *arena, e *expr) *expr {
	if len(e.in) == 1 && passes(e.op) {
		a.notes = append(a.notes, fmt.Sprintf("dropout %q does not train and is left out; to keep it, set it to training before.", e.name()))
		return e.in[0]
	}
	if e.kind.name == "identity" && len(e.in) == 1 {
		return e.in[0]
	}
	if o := e.kind.own; o != nil && o.Kind() == "combine" && len(e.in) == 1 && o.Coefficients()[0] == 1 {
		return e.in[0]
	}
	return nil
}

func reshape(_ *arena, e *expr) *expr {
	if e.kind.name != "reshape" {
		return nil
	}
	for x := e.in[0]; ; x = x.in[0] {
		if sameType(x, e) {
			return x
		}
		if x.kind.name != "reshape" {
			return nil
		}
	}
}

// sameType says whether two expressions have the same shape and precision.
func sameType(x, y *expr) bool {
	return len(x.shape) == len(y.shape) && slices.Equal(x.shape, y.shape) && x.dt == y.dt
}

func transpose(_ *arena, e *expr) *expr {
	if e.kind.name != "transpose" {
		return nil
	}
	p := e.kind.axes
	if ordered(p) {
		return e.in[0]
	}
	x := e.in[0]
	if x.kind.name != "transpose" || len(x.kind.axes) != len(p) {
		return nil
	}
	q := make([]int, len(p))
	for i := range p {
		q[i] = x.kind.axes[p[i]]
	}
	if ordered(q) {
		return x.in[0]
	}
	return nil
}

func ordered(p []int) bool {
	for i, x := range p {
		if i != x {
			return false
		}
	}
	return len(p) > 0
}

// neutral: x + 0 turns −0 into +0, which a later division would notice.
func neutral(a *arena, e *expr) *expr {
	if e.kind.name == "neg" && e.in[0].kind.name == "neg" {
		return e.in[0].in[0]
	}
	if len(e.in) != 2 {
		return nil
	}
	is := func(i int, c float64) bool {
		x, ok := e.in[i].number()
		return ok && e.in[i].role == fixed && x == c && sameType(e.in[1-i], e)
	}
	switch k := e.kind.name; {
	case (k == "⊙" || k == "÷" || k == "^") && is(1, 1), k == "-" && is(1, 0), k == "+" && is(1, 0) && !a.divides:
		return e.in[0]
	case k == "⊙" && is(0, 1), k == "+" && is(0, 0) && !a.divides:
		return e.in[1]
	}
	return nil
}

func wholeSlice(_ *arena, e *expr) *expr {
	if k := e.kind; k.name == "slice" && sameType(e.in[0], e) && (k.hi == 0 || k.lo == 0 && k.hi == e.in[0].shape[k.axes[0]]) {
		return e.in[0]
	}
	return nil
}

func singleConcat(_ *arena, e *expr) *expr {
	if e.kind.name == "concat" && len(e.in) == 1 {
		return e.in[0]
	}
	return nil
}

func fixedProduct(a *arena, e *expr) *expr {
	constants := isFloat(e.dt) && len(e.in) > 0
	for _, c := range e.in {
		constants = constants && c.role == fixed && c.value != nil && len(c.shape) > 0
	}
	switch {
	case constants && (e.kind.name == "matmul" || e.kind.name == "transpose" && !ordered(e.kind.axes)):
		v, err := do(e.op, e.in)
		if err != nil {
			return nil
		}
		return a.put(&expr{shape: e.shape, dt: e.dt, role: fixed, value: v, kind: kind{name: "input"}, label: e.old})
	case e.kind.name != "matmul" || e.kind.transA || e.kind.transB || e.in[1].role != fixed:
		return nil
	}
	p := e.in[0]
	if p.kind.name != "matmul" || p.kind.transA || p.kind.transB || p.in[1].role != fixed || p.read != 1 {
		return nil
	}
	f, g := p.in[1], e.in[1]
	n, i, j, k := p.shape[0], f.shape[0], f.shape[1], g.shape[1]
	if n*i*k > n*j*(i+k) {
		return nil
	}
	v, err := do(e.op, []*expr{f, g})
	if err != nil {
		return nil
	}
	fg := a.put(&expr{shape: []int{i, k}, dt: e.dt, role: fixed, value: v, kind: kind{name: "input"}, label: e.old})
	return a.put(&expr{op: e.op, kind: e.kind, in: []*expr{p.in[0], fg}, shape: e.shape, dt: e.dt, label: e.old, read: e.read})
}

func (a *arena) put(e *expr) *expr {
	a.add(e)
	return e
}

// do runs an operation on copies of its inputs' values.
func do(o gorgonia.Op, in []*expr) (gorgonia.Value, error) {
	var vs []gorgonia.Value
	for _, c := range in {
		v, err := copied(c.value)
		if err != nil {
			return nil, err
		}
		vs = append(vs, v)
	}
	return run(o, vs)
}
