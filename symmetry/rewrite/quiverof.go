package rewrite

import (
	"strings"
	"unicode"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// word returns a name that a quiver takes, or "".
func word(s string) string {
	if s == "" || len(s) > 200 || strings.Contains(s, "->") || strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar || strings.ContainsRune("\"'`", r)
	}) {
		return ""
	}
	return s
}

// network returns the lifted quiver with the numbers that the inputs hold.
func (l *lifter) network() (*quiver.Rep, error) {
	var parts []quiver.Part
	biased := false
	for _, v := range l.vertices {
		switch v.kind {
		case quiver.KindInput:
			parts = append(parts, quiver.Input(v.name, v.dim))
		case quiver.KindHidden:
			parts = append(parts, quiver.Hidden(v.name, v.dim, v.act))
		default:
			parts = append(parts, quiver.Output(v.name, v.dim, v.act))
		}
	}
	owner := make(map[ownerKey]string)
	values := make(map[string]*mat.Dense)
	for _, v := range l.vertices {
		for _, t := range v.terms {
			from := biasVertex
			if t.source != nil {
				from = t.source.name
			} else {
				biased = true
			}
			opts := []quiver.ArrowOption{quiver.Named(t.arrow)}
			m, err := t.matrix(v, t.value())
			if err != nil {
				return nil, err
			}
			switch {
			case t.w == nil:
				opts = append(opts, quiver.Frozen(t.inclusion()))
			case t.w.role == fixed:
				opts = append(opts, quiver.Frozen(m))
			case owner[ownerKey{t.w, t.lo}] != "":
				opts = append(opts, quiver.Tied(owner[ownerKey{t.w, t.lo}]))
			default:
				owner[ownerKey{t.w, t.lo}] = t.arrow
				values[t.arrow] = m
			}
			parts = append(parts, quiver.Connect(from, v.name, opts...))
		}
	}
	if biased {
		parts = append(parts, quiver.Bias(biasVertex))
	}
	q, err := quiver.New(parts...)
	if err != nil {
		return nil, err
	}
	w := quiver.Zero(q)
	for arrow, m := range values {
		if err := w.Set(arrow, m); err != nil {
			return nil, err
		}
	}
	for _, v := range l.vertices {
		if v.parms != nil {
			x, _ := numbers(v.parms.value)
			copy(w.Params(v.name), x)
		}
	}
	return w, nil
}

// ownerKey names a trainable block: a weight, and where in it the block begins.
type ownerKey struct {
	w  *expr
	lo int
}

// value returns the numbers that the term's weight holds.
func (t *term) value() []float64 {
	if t.w == nil {
		return nil
	}
	x, _ := numbers(t.w.value)
	return x
}

// matrix returns the arrow's matrix, dim(target) × dim(source), from the numbers of the
// weight; nil for a copy.
func (t *term) matrix(v *vertex, x []float64) (*mat.Dense, error) {
	if t.w == nil {
		return nil, nil
	}
	if len(x) != t.w.shape.TotalSize() {
		return nil, &ValueError{t.w.name(), "the value does not have the node's shape"}
	}
	var m *mat.Dense
	switch {
	case t.diag:
		m = mat.NewDense(v.dim, v.dim, nil)
		for i, y := range x {
			m.Set(i, i, y)
		}
	case t.source == nil:
		m = mat.NewDense(v.dim, 1, x)
	case t.over:
		m = mat.DenseCopyOf(mat.NewDense(len(x)/v.dim, v.dim, x).Slice(t.lo, t.hi, 0, v.dim).T())
	default:
		m = mat.DenseCopyOf(mat.NewDense(v.dim, len(x)/v.dim, x).Slice(0, v.dim, t.lo, t.hi))
	}
	if t.outer != 1 {
		m.Scale(t.outer, m)
	}
	return m, nil
}

// inclusion returns the matrix of a copy.
func (t *term) inclusion() mat.Matrix {
	if t.dense != nil {
		return t.dense
	}
	if t.outer == 1 {
		return t.fixed
	}
	m := mat.DenseCopyOf(t.fixed)
	m.Scale(t.outer, m)
	return m
}

// inner returns what stands at the term's place in the graph for the arrow's matrix m: signs
// and constants behind it stay in the graph.
func (t *term) inner(m *mat.Dense) *mat.Dense {
	if t.outer == 1 {
		return m
	}
	var n mat.Dense
	n.Scale(1/t.outer, m)
	return &n
}

// store writes the arrow's matrix, or its diagonal, back into the numbers of the weight, for a target of
// rows and sources of cols in all, the term's beginning at lo.
func (t *term) store(x []float64, m mat.Matrix, rows, cols, lo int) {
	r, c := m.Dims()
	if t.diag {
		for i := range x {
			x[i] = m.At(i, i) / t.outer
		}
		return
	}
	for i := range r {
		for j := range c {
			if y := m.At(i, j) / t.outer; t.over {
				x[(lo+j)*rows+i] = y
			} else {
				x[i*cols+lo+j] = y
			}
		}
	}
}
