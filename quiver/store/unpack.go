package store

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// unpacker hands out tensors and remembers which were asked for.
type unpacker struct {
	*settings
	tensors map[string]*tensor
	bases   map[string]around // restrictions that have been made, by the hash of the basis
	used    map[string]bool
	numbers int64        // in all tensors together
	fault   *FormatError // of the basis of an activation
}

// take returns the contents of a tensor of the given shape.
func (u *unpacker) take(name string, shape ...int) ([]float64, error) {
	t, ok := u.tensors[name]
	if !ok {
		return nil, bad(tensorAt(name), nextRepack, "is missing")
	}
	if !slices.Equal(t.shape, shape) {
		return nil, bad(tensorAt(name), nextRepack, "its shape is %v, want %v", t.shape, shape)
	}
	u.used[name] = true
	return t.data, nil
}

// quiver decodes the quiver and puts the fixed matrices in their places.
func (u *unpacker) quiver(meta map[string]string) (*quiver.Quiver, error) {
	text, ok := meta[metaQuiver]
	if !ok {
		return nil, bad("metadata", nextRepack, "no %s", metaQuiver)
	}
	q, err := quiver.DecodeJSON(strings.NewReader(text), func(s string) (quiver.Activation, error) {
		a, err := u.parseActivation(s, 0)
		if u.fault == nil {
			errors.As(err, &u.fault)
		}
		return a, err
	})
	if u.fault != nil {
		return nil, u.fault
	}
	if err != nil {
		e := &FormatError{At: "quiver", Reason: "cannot be read", Err: err}
		if errors.As(err, new(*layers.UnknownActivationError)) {
			e.Next = "for an activation of your own, give store.WithParser the function that makes it of this string"
		}
		return nil, e
	}
	if err := newProber(u.numbers + int64(len(text))).all(q); err != nil {
		return nil, err
	}
	as := q.Arrows()
	fixed := make(map[string]mat.Matrix)
	for _, name := range strings.Fields(meta[metaFixed]) {
		i, ok := q.ArrowIndex(name)
		if !ok || fixed[name] != nil {
			return nil, bad("metadata", nextRepack, "%s names %s, which is no arrow, or twice", metaFixed, short(name))
		}
		a := as[i]
		if !a.Fixed {
			return nil, bad("metadata", nextRepack, "%s names the arrow %s, which is trainable", metaFixed, short(name))
		}
		x, err := u.take(arrowName(name), a.Rows, a.Cols)
		if err != nil {
			return nil, err
		}
		fixed[name] = dense(a.Rows, a.Cols, x)
	}
	if len(fixed) == 0 {
		return q, nil
	}
	q, err = q.Derive(nil, func(a quiver.Arrow, m mat.Matrix) mat.Matrix {
		if f, ok := fixed[a.Name]; ok {
			return f
		}
		return m
	})
	if err != nil {
		return nil, &FormatError{At: "fixed matrices", Reason: "do not fit the quiver", Next: nextRepack, Err: err}
	}
	return q, nil
}

// weights fills a new representation of q.
func (u *unpacker) weights(q *quiver.Quiver) (*quiver.Rep, error) {
	if n := int64(q.NumParams()); n > u.numbers { // before the slab is made
		return nil, bad("quiver", nextRepack, "it has %d parameters, the tensors hold %d numbers", n, u.numbers)
	}
	w := quiver.Zero(q)
	for seg, data := range w.Segments() {
		name, shape := arrowName(seg.Arrow), []int{seg.Rows, seg.Cols}
		if seg.Arrow == "" {
			name, shape = paramsName(seg.Vertex), []int{seg.Cols}
		}
		x, err := u.take(name, shape...)
		if err != nil {
			return nil, err
		}
		copy(data, x)
	}
	if !u.nonFinite {
		if err := w.CheckFinite(); err != nil {
			return nil, &FormatError{Reason: "the weights are not finite", Next: "use AllowNonFinite to look at them", Err: err}
		}
	}
	return w, nil
}

// parseActivation reads the string of an activation: restrictions with the basis that
// stands beside the weights, all else with the parsers given.
func (u *unpacker) parseActivation(s string, depth int) (quiver.Activation, error) {
	inner, hash, ok := cutRestriction(s)
	if !ok {
		a, err := u.activation(s)
		if err == nil && a.String() != s {
			return nil, fmt.Errorf("the parser made the activation %s of %s", short(a.String()), short(s))
		}
		return a, err
	}
	if depth == 32 {
		return nil, fmt.Errorf("the activation %s is nested more than 32 deep", short(s))
	}
	in, err := u.parseActivation(inner, depth+1)
	if err != nil {
		return nil, err
	}
	t, ok := u.tensors[basisName(hash)]
	if !ok {
		return nil, bad(tensorAt(basisName(hash)), nextRepack, "is missing; the activation %s needs it", short(s))
	}
	a, err := u.restricted(in, hash, t)
	if err != nil {
		return nil, err
	}
	if a.String() != s {
		return nil, bad(tensorAt(t.name), nextCopy, "its contents make the activation %s, want %s", short(a.String()), short(s))
	}
	return a, nil
}

// restricted returns the restriction of an activation to a basis. Restrictions to the same basis
// share it, so that a file pays for each once.
func (u *unpacker) restricted(in quiver.Activation, hash string, t *tensor) (quiver.Activation, error) {
	if _, nested := in.(quiver.Restriction); nested && len(t.data) > 0 { // no file of this package: their bases are multiplied
		return nil, bad(tensorAt(t.name), nextRepack, "it restricts a restriction; want one, to the product of their bases")
	}
	if r := u.bases[hash]; r != nil {
		return r.Around(in), nil
	}
	b, err := basis(t)
	if err != nil {
		return nil, err
	}
	u.used[t.name] = true
	a := quiver.Restricted(in, b)
	if r, ok := a.(around); ok {
		if _, nested := in.(quiver.Restriction); !nested {
			u.bases[hash] = r
		}
	}
	return a, nil
}

// around is what the restrictions of package quiver can do.
type around interface {
	Around(quiver.Activation) quiver.Activation
}

// cutRestriction splits "restrict(inner,#hash)".
func cutRestriction(s string) (inner, hash string, ok bool) {
	s, ok = strings.CutPrefix(s, "restrict(")
	if !ok {
		return "", "", false
	}
	s, ok = strings.CutSuffix(s, ")")
	i := strings.LastIndex(s, ",#")
	if !ok || i < 0 {
		return "", "", false
	}
	return s[:i], s[i+2:], true
}

// basis returns a tensor as a matrix with orthonormal columns. For that it looks at
// the columns' lengths and at bᵀ(bv) = v for three sign vectors v, which takes a time
// proportional to the tensor's size.
func basis(t *tensor) (*mat.Dense, error) {
	if len(t.shape) != 2 || len(t.data) == 0 && t.shape[1] != 0 || t.shape[1] > t.shape[0] {
		return nil, bad(tensorAt(t.name), nextRepack, "its shape is %v, want n×k with k ≤ n", t.shape)
	}
	n, k := t.shape[0], t.shape[1]
	b := dense(n, k, t.data)
	const tol = 1e-6
	fail := func(what string, x float64) (*mat.Dense, error) {
		return nil, bad(tensorAt(t.name), nextRepack, "its columns are not orthonormal: %s %.3g", what, x)
	}
	sums := make([]float64, k)
	for i, x := range t.data {
		sums[i%k] += x * x
	}
	for _, s := range sums {
		if !(math.Abs(s-1) <= tol) {
			return fail("a squared length is", s)
		}
	}
	for seed := range 3 {
		v := make([]float64, k)
		state := uint64(seed)*0x9e3779b97f4a7c15 + 1
		for j := range v {
			state = state*6364136223846793005 + 1442695040888963407
			v[j] = 1 - 2*float64(state>>63)
		}
		var bv, back mat.VecDense
		if k > 0 {
			bv.MulVec(b, mat.NewVecDense(k, v))
			back.MulVec(b.T(), &bv)
		}
		for j := range v {
			if d := math.Abs(back.AtVec(j) - v[j]); !(d <= tol) {
				return fail("bᵀ(bv) − v reaches", d)
			}
		}
	}
	return b, nil
}
