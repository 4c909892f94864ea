package rewrite

import (
	"strings"
	"unicode"

	"github.com/quivernet/quivernet/internal/ir"

	"github.com/quivernet/quivernet/internal/inspect"

	"github.com/quivernet/quivernet/quiver"
	"gonum.org/v1/gonum/mat"
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
			case t.w.Role == ir.Fixed:
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
			x, _ := inspect.Numbers(v.parms.Value)
			copy(w.Params(v.name), x)
		}
	}
	return w, nil
}

// ownerKey names a trainable block: a weight, and where in it the block begins.
type ownerKey struct {
	w  *ir.Node
	lo int
}
