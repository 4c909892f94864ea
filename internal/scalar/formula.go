package scalar

// A Formula is an expression in x: how a function of the catalogue, or a derivative of it, is written in elementary functions.
// It is a tree that readers walk; a node that stands at two places is one value.
type Formula struct {
	Op   FormulaOp
	Args []*Formula
	A, B float64   // constants of Op
	Of   *Function // of a DerivativeOf: which function; nil for the one that the formula belongs to
	K    int       // of a DerivativeOf: its order
}

// FormulaOp is what a node of a Formula computes.
type FormulaOp int

// The operations; f and g are the arguments.
const (
	Variable     FormulaOp = iota // x
	Affine                        // A·f + B
	PowerOf                       // fᴬ
	Times                         // f·g
	Plus                          // f + g
	Minus                         // f − g
	Over                          // f/g, and A where g is 0
	ExpOf                         // exp f
	LogOf                         // log f
	CosOf                         // cos f
	ErfOf                         // erf f
	Above                         // 1 where f > A, 0 elsewhere
	AtLeast                       // 1 where f ≥ A, 0 elsewhere
	DerivativeOf                  // Of⁽ᴷ⁾ at f
)

// X is the variable.
var X = &Formula{Op: Variable}

func (f *Formula) affine(a, b float64) *Formula {
	return &Formula{Op: Affine, Args: []*Formula{f}, A: a, B: b}
}

func (f *Formula) power(p float64) *Formula {
	return &Formula{Op: PowerOf, Args: []*Formula{f}, A: p}
}

func (f *Formula) with(op FormulaOp, g ...*Formula) *Formula {
	return &Formula{Op: op, Args: append([]*Formula{f}, g...)}
}

func (f *Formula) times(g *Formula) *Formula { return f.with(Times, g) }
func (f *Formula) plus(g *Formula) *Formula  { return f.with(Plus, g) }
func (f *Formula) minus(g *Formula) *Formula { return f.with(Minus, g) }
func (f *Formula) over(g *Formula) *Formula  { return f.with(Over, g) }
func (f *Formula) exp() *Formula             { return f.with(ExpOf) }

func (f *Formula) above(a float64) *Formula { return &Formula{Op: Above, Args: []*Formula{f}, A: a} }
func (f *Formula) atLeast(a float64) *Formula {
	return &Formula{Op: AtLeast, Args: []*Formula{f}, A: a}
}

// derivative is f⁽ᵏ⁾(x), and own that of the function that the formula belongs to.
func derivative(f *Function, k int) *Formula {
	return &Formula{Op: DerivativeOf, Args: []*Formula{X}, Of: f, K: k}
}

func own(k int) *Formula { return derivative(nil, k) }

// lorentzian is 1/(1+x²)ᵖ.
func lorentzian(p float64) *Formula { return X.power(2).affine(1, 1).power(-p) }

// Formula returns h⁽ᵏ⁾ in elementary functions, or nil where h is one or nobody has written it.
func (f *Function) Formula(k int) *Formula {
	switch {
	case k < len(f.formulas):
		return f.formulas[k]
	case len(f.formulas) > 0 && f.everywhereLinear():
		return X.affine(0, 0)
	}
	return nil
}

// everywhereLinear reports whether f is a line around each point.
func (f *Function) everywhereLinear() bool {
	if f.piece == nil {
		return false
	}
	for _, x := range []float64{-1.5, 0.25, 1.5} {
		if _, _, ok := f.piece(x); !ok {
			return false
		}
	}
	return true
}
