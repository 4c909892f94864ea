package layers

import (
	"fmt"

	"github.com/quivernet/quivernet/internal/scalar"
	"github.com/quivernet/quivernet/quiver"
)

// Parts says how an activation of this package is made, for those who look inside:
// printers, exporters, tools that open a vertex. Only the fields of its Kind are set.
type Parts struct {
	Kind   string            // "radial", "pointwise", "rmsnorm", "deadzone", "trainable", "gain", "blocks" or "rescaling"
	Func   Func              // of radial, pointwise, trainable and blocks
	Inner  quiver.Activation // of deadzone and gain, the radial activation; of blocks, that of one block
	Radius float64           // of deadzone
	Bias   bool              // of gain
	Sizes  []int             // of blocks
	D      int               // of rmsnorm, with Eps
	Eps    float64
	Lambda Lambda // of rescaling
}

// Inside returns the parts of an activation of this package, or false for another one.
func Inside(a quiver.Activation) (Parts, bool) {
	switch a := a.(type) {
	case *radial:
		p := Parts{Kind: "radial", Func: a.h}
		if n, _ := fmt.Sscanf(a.name, "rmsnorm(%d,%g)", &p.D, &p.Eps); n == 2 {
			p.Kind = "rmsnorm"
		}
		return p, true
	case *pointwise:
		return Parts{Kind: "pointwise", Func: a.h}, true
	case *deadZone:
		return Parts{Kind: "deadzone", Inner: a.in, Radius: a.tau}, true
	case *trainable:
		return Parts{Kind: "trainable", Func: a.start.h}, true
	case *gain:
		return Parts{Kind: "gain", Inner: a.in, Bias: a.bias}, true
	case *blocks:
		return Parts{Kind: "blocks", Func: a.h, Inner: a.one, Sizes: append([]int(nil), a.sizes...)}, true
	}
	if r, ok := a.(interface{ factor() Lambda }); ok {
		return Parts{Kind: "rescaling", Lambda: r.factor()}, true
	}
	return Parts{}, false
}

func (a *rescaling) factor() Lambda { return a.lambda }

// Scalar says how a function is made: a shift of another one, x ↦ Inner(x−Shift), where Inner is
// not nil, or a function of the catalogue, by name, with its constant if it has one.
type Scalar struct {
	Name     string
	Inner    Func
	Shift    float64
	Constant float64 // of leakyrelu and power
}

// Describe returns how a function of this package is made, or false for another one.
func Describe(h Func) (Scalar, bool) {
	if inner, s := scalar.Unshifted(h); s != 0 {
		return Scalar{Name: "shift", Inner: inner, Shift: s}, true
	}
	f, ok := h.(*scalar.Function)
	if !ok {
		return Scalar{}, false
	}
	s := Scalar{Name: f.Name}
	if len(f.Constants) == 1 {
		s.Constant = f.Constants[0]
	}
	return s, true
}
