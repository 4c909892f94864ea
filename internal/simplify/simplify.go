package simplify

import (
	"fmt"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/ir"
	"github.com/quivernet/quivernet/internal/op"
)

// Identity: the identity operation, 1·x, and a dropout that does not train are their input.
func Identity(a *ir.Graph, e *ir.Node) *ir.Node {
	if len(e.In) == 1 && inspect.PassesThrough(e.Op) {
		a.Notes = append(a.Notes, fmt.Sprintf("dropout %q does not train and is left out; to keep it, set it to training before.", e.Name()))
		return e.In[0]
	}
	if e.Kind.Name == "identity" && len(e.In) == 1 {
		return e.In[0]
	}
	if o := e.Kind.Own; o != nil && o.Kind() == op.KindCombine && len(e.In) == 1 && o.Coefficients()[0] == 1 {
		return e.In[0]
	}
	return nil
}

// Reshape: a reshape to the shape that is there already, also after another reshape, is its input.
func Reshape(_ *ir.Graph, e *ir.Node) *ir.Node {
	if e.Kind.Name != "reshape" {
		return nil
	}
	for x := e.In[0]; ; x = x.In[0] {
		if ir.SameType(x, e) {
			return x
		}
		if x.Kind.Name != "reshape" {
			return nil
		}
	}
}

// Transpose: a transposition that undoes the one before it is what that one reads.
func Transpose(_ *ir.Graph, e *ir.Node) *ir.Node {
	if e.Kind.Name != "transpose" {
		return nil
	}
	p := e.Kind.Axes
	if ordered(p) {
		return e.In[0]
	}
	x := e.In[0]
	if x.Kind.Name != "transpose" || len(x.Kind.Axes) != len(p) {
		return nil
	}
	q := make([]int, len(p))
	for i := range p {
		q[i] = x.Kind.Axes[p[i]]
	}
	if ordered(q) {
		return x.In[0]
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

// Neutral: x+0, x−0, x∘1, x÷1, x^1 and −(−x) are x. But x + 0 turns −0 into +0, which a later division would notice.
func Neutral(a *ir.Graph, e *ir.Node) *ir.Node {
	if e.Kind.Name == "neg" && e.In[0].Kind.Name == "neg" {
		return e.In[0].In[0]
	}
	if len(e.In) != 2 {
		return nil
	}
	is := func(i int, c float64) bool {
		x, ok := e.In[i].Number()
		return ok && e.In[i].Role == ir.Fixed && x == c && ir.SameType(e.In[1-i], e)
	}
	switch k := e.Kind.Name; {
	case (k == "⊙" || k == "÷" || k == "^") && is(1, 1), k == "-" && is(1, 0), k == "+" && is(1, 0) && !a.Divides:
		return e.In[0]
	case k == "⊙" && is(0, 1), k == "+" && is(0, 0) && !a.Divides:
		return e.In[1]
	}
	return nil
}

// WholeSlice: a slice of the whole axis is its input.
func WholeSlice(_ *ir.Graph, e *ir.Node) *ir.Node {
	if k := e.Kind; k.Name == "slice" && ir.SameType(e.In[0], e) && (k.Hi == 0 || k.Lo == 0 && k.Hi == e.In[0].Shape[k.Axes[0]]) {
		return e.In[0]
	}
	return nil
}

// SingleConcat: a concatenation of one value is that value.
func SingleConcat(_ *ir.Graph, e *ir.Node) *ir.Node {
	if e.Kind.Name == "concat" && len(e.In) == 1 {
		return e.In[0]
	}
	return nil
}
