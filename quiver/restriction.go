package quiver

import (
	"fmt"
	"math"
	"sync"

	"gonum.org/v1/gonum/mat"
)

// Restriction is the activation that another one induces on a subspace it keeps.
type Restriction interface {
	Activation
	Inner() Activation // the activation on the large space
	Basis() *mat.Dense // B, n×k with orthonormal columns; a copy; &mat.Dense{} for k = 0
	Hash() string      // of the basis, as it stands in String
}

// Restricted returns the activation that inner induces on span b,
//
//	w ↦ bᵀ·inner(b·w),
//
// where b is n×k with orthonormal columns and inner maps span b into itself: the
// caller has asked. It prints as "restrict(inner,#hash)", and is Parametric, SecondOrder or both when
// inner is. A restriction of a restriction multiplies the bases; the identity as
// basis gives inner back. It panics with *ActivationError, *InputError or *ShapeError for a nil
// activation or basis, and for bases that cannot be multiplied.
func Restricted(inner Activation, b *mat.Dense) Activation {
	if isNil(inner) {
		panic(&ActivationError{Reason: "a restriction of no activation; use quiver.Identity for a linear vertex"})
	}
	if b == nil {
		panic(&InputError{"a restriction to a nil basis; use &mat.Dense{} for the subspace of dimension 0"})
	}
	if outer, ok := inner.(Restriction); ok && !b.IsEmpty() {
		o := outer.Basis() // empty for the point 0, which has no other subspace
		if r, c := b.Dims(); r != o.RawMatrix().Cols {
			panic(&ShapeError{"basis of a restriction", r, c, o.RawMatrix().Cols, -1, "as many rows as the basis inside has columns"})
		}
		var p mat.Dense
		p.Mul(o, b)
		inner, b = outer.Inner(), &p
	}
	if b.IsEmpty() {
		return newBasis(0, 0, nil).around(inner)
	}
	n, k := b.Dims()
	return newBasis(n, k, mat.DenseCopyOf(b).RawMatrix().Data).around(inner)
}

type restriction struct {
	inner Activation
	*basis
	pool sync.Pool // of *scratch
}

func (r *restriction) Inner() Activation { return r.inner }
func (r *restriction) Hash() string      { return r.hash }
func (r *restriction) String() string    { return fmt.Sprintf("restrict(%s,#%s)", r.inner, r.hash) }

func (r *restriction) Basis() *mat.Dense { return r.dense() }

// Around returns the restriction of another activation to the same subspace, whose basis it
// shares.
func (r *restriction) Around(inner Activation) Activation { return r.around(inner) }

// up stores b·w in x, down stores bᵀx in w.
func (r *restriction) up(x, w []float64) {
	if len(w) != r.k {
		panic(&ShapeError{"vector at " + r.String(), len(w), 1, r.k, 1, "the dimension of the subspace"})
	}
	for i := range x {
		var s float64
		for j, v := range r.b[i*r.k : (i+1)*r.k] {
			s += v * w[j]
		}
		x[i] = s
	}
}

func (r *restriction) down(w, x []float64) {
	if len(w) != r.k {
		panic(&ShapeError{"result at " + r.String(), len(w), 1, r.k, 1, "the dimension of the subspace"})
	}
	clear(w)
	for i, xi := range x {
		for j, v := range r.b[i*r.k : (i+1)*r.k] {
			w[j] += v * xi
		}
	}
}

// scratch is as many vectors of the large space as any method needs.
type scratch [5][]float64

// with lends some.
func (r *restriction) with(do func(x *scratch)) {
	x, _ := r.pool.Get().(*scratch)
	if x == nil {
		x = new(scratch)
		for i := range x {
			x[i] = make([]float64, r.n)
		}
	}
	do(x)
	r.pool.Put(x)
}

func (r *restriction) Apply(dst, z []float64) {
	if len(z) == 0 {
		return
	}
	r.with(func(x *scratch) {
		r.up(x[0], z)
		r.inner.Apply(x[0], x[0])
		r.down(dst, x[0])
	})
}

func (r *restriction) VJP(dst, z, g []float64) {
	if len(z) == 0 {
		return
	}
	r.with(func(x *scratch) {
		r.up(x[0], z)
		r.up(x[1], g)
		r.inner.VJP(x[1], x[0], x[1])
		r.down(dst, x[1])
	})
}

// Restrict composes the bases. It keeps what inner keeps, and nothing where b has another number of rows than
// the space has dimensions.
func (r *restriction) Restrict(b *mat.Dense) (Activation, bool) {
	if b.IsEmpty() {
		return r.inner.Restrict(&mat.Dense{})
	}
	if rows, _ := b.Dims(); rows != r.k {
		return nil, false
	}
	var p mat.Dense
	p.Mul(mat.NewDense(r.n, r.k, r.b), b)
	return r.inner.Restrict(&p)
}

// Lipschitz returns inner's constants, which bound those of the restriction, or
// infinities where inner does not know them.
func (r *restriction) Lipschitz(lo, hi float64) (lip, sup float64) {
	if l, ok := r.inner.(Lipschitz); ok {
		return l.Lipschitz(lo, hi)
	}
	return math.Inf(1), math.Inf(1)
}

type secondRestriction struct {
	*restriction
	in SecondOrder
}

func (r *secondRestriction) JVP(dst, z, u []float64) {
	if len(z) == 0 {
		return
	}
	r.with(func(x *scratch) {
		r.up(x[0], z)
		r.up(x[1], u)
		r.in.JVP(x[2], x[0], x[1])
		r.down(dst, x[2])
	})
}

func (r *secondRestriction) VJP2(dst, z, g, u []float64) {
	if len(z) == 0 {
		return
	}
	r.with(func(x *scratch) {
		r.up(x[0], z)
		r.up(x[1], g)
		r.up(x[2], u)
		r.in.VJP2(x[3], x[0], x[1], x[2])
		r.down(dst, x[3])
	})
}

// paramRestriction asks inner for the parameters of the large space.
type paramRestriction struct {
	*restriction
	in Parametric
}

func (r *paramRestriction) NumParams(int) int        { return r.in.NumParams(r.n) }
func (r *paramRestriction) InitParams(dst []float64) { r.in.InitParams(dst) }

func (r *paramRestriction) ApplyP(dst, z, p []float64) {
	if len(z) == 0 {
		return
	}
	r.with(func(x *scratch) {
		r.up(x[0], z)
		r.in.ApplyP(x[0], x[0], p)
		r.down(dst, x[0])
	})
}

func (r *paramRestriction) VJPP(dst, dp, z, g, p []float64) {
	if len(z) == 0 {
		return
	}
	r.with(func(x *scratch) {
		r.up(x[0], z)
		r.up(x[1], g)
		r.in.VJPP(x[1], dp, x[0], x[1], p)
		r.down(dst, x[1])
	})
}

type paramSecondRestriction struct {
	paramRestriction
	second ParametricSecondOrder
}

func (r *paramSecondRestriction) VJP2P(dz, dg, dp, z, g, p, u, v []float64) {
	if len(z) == 0 {
		return
	}
	r.with(func(x *scratch) {
		r.up(x[0], z)
		r.up(x[1], g)
		r.up(x[2], u)
		r.second.VJP2P(x[3], x[4], dp, x[0], x[1], p, x[2], v)
		r.down(dz, x[3])
		r.down(dg, x[4])
	})
}
