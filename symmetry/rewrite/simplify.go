package rewrite

import "fmt"

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
