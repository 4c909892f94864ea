package regions

import (
	"strings"
	"unicode"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/ir"
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

// Network returns the lifted quiver with the numbers that the inputs hold.
func (l *Regions) Network() (*quiver.Rep, error) {
	var parts []quiver.Part
	biased := false
	for _, v := range l.Vertices {
		switch v.Kind {
		case quiver.KindInput:
			parts = append(parts, quiver.Input(v.Name, v.Dim))
		case quiver.KindHidden:
			parts = append(parts, quiver.Hidden(v.Name, v.Dim, v.Activation))
		default:
			parts = append(parts, quiver.Output(v.Name, v.Dim, v.Activation))
		}
	}
	owner := make(map[ownerKey]string)
	values := make(map[string]*mat.Dense)
	for _, v := range l.Vertices {
		for _, t := range v.Arrows {
			from := BiasVertex
			if t.Source != nil {
				from = t.Source.Name
			} else {
				biased = true
			}
			opts := []quiver.ArrowOption{quiver.Named(t.Name)}
			m, err := t.Matrix(v, t.Numbers())
			if err != nil {
				return nil, err
			}
			switch {
			case t.Weight == nil:
				opts = append(opts, quiver.Frozen(t.Constant()))
			case t.Weight.Role == ir.Fixed:
				opts = append(opts, quiver.Frozen(m))
			case owner[ownerKey{t.Weight, t.Lo}] != "":
				opts = append(opts, quiver.Tied(owner[ownerKey{t.Weight, t.Lo}]))
			default:
				owner[ownerKey{t.Weight, t.Lo}] = t.Name
				values[t.Name] = m
			}
			parts = append(parts, quiver.Connect(from, v.Name, opts...))
		}
	}
	if biased {
		parts = append(parts, quiver.Bias(BiasVertex))
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
	for _, v := range l.Vertices {
		if v.Params != nil {
			x, _ := inspect.Numbers(v.Params.Value)
			copy(w.Params(v.Name), x)
		}
	}
	return w, nil
}

// ownerKey names a trainable block: a weight, and where in it the block begins.
type ownerKey struct {
	w  *ir.Node
	lo int
}
