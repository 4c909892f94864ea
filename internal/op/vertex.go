package op

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/blas"
	"github.com/quivernet/quivernet/quiver"
)

// Term is what one arrow brings to its target, x·Wᵀ: x is n×c, W is r×c. Where W is nil
// the matrix is Fixed, whose product is a copy.
type Term struct {
	X, W  *gorgonia.Node
	Fixed quiver.Inclusion
	Arrow string
}

// vertex is the n-ary operation z = Σ x_a W_aᵀ and, with an activation, x = ρ(z).
// Its inputs are x₁, W₁, x₂, …, a structured matrix having no input, and last the
// parameters of the activation, 1×p.
type vertex struct {
	act    quiver.Activation // nil: the sum itself
	params bool
	terms  []Term
	sum    *gorgonia.Node // the node of z, once it exists
}

func (k *vertex) kind() Kind {
	if k.act == nil {
		return KindSum
	}
	return KindVertex
}

// Vertex returns ρ(Σ x_a W_aᵀ), n×d, as one node. params is 1×p, or nil where the
// activation has none. There is at least one term.
func Vertex(owner, label string, act quiver.Activation, terms []Term, params *gorgonia.Node) (*gorgonia.Node, error) {
	return makeVertex(&vertex{act: act, params: params != nil, terms: terms}, owner, label, params)
}

// Sum returns Σ x_a W_aᵀ, n×d.
func Sum(owner, label string, terms []Term) (*gorgonia.Node, error) {
	return makeVertex(&vertex{terms: terms}, owner, label, nil)
}

func makeVertex(k *vertex, owner, label string, params *gorgonia.Node) (*gorgonia.Node, error) {
	var in gorgonia.Nodes
	for _, t := range k.terms {
		in = append(in, t.X)
		if t.W != nil {
			in = append(in, t.W)
		}
	}
	if params != nil {
		in = append(in, params)
	}
	o := newOp(k, owner, label, len(in))
	o.act = k.act
	return Apply(o, in...)
}

// Twin returns the node of the pre-activation z if a derivative has asked for it.
// An executor computes z once and the vertex from it, with FromSum.
func (o *Op) Twin() *gorgonia.Node {
	if k, ok := o.kernel.(*vertex); ok {
		return k.sum
	}
	return nil
}

func (k *vertex) shape(in [][2]int) ([2]int, error) {
	var out [2]int
	i := 0
	for j, t := range k.terms {
		n, c := in[i][0], in[i][1]
		r, wc := t.Fixed.Rows, t.Fixed.Cols
		if i++; t.W != nil {
			r, wc = in[i][0], in[i][1]
			i++
		}
		if c != wc {
			return out, fmt.Errorf("arrow %q: source is %d×%d, matrix is %d×%d", t.Arrow, n, c, r, wc)
		}
		if j > 0 && out != [2]int{n, r} {
			return out, fmt.Errorf("arrow %q brings %d×%d, the others %d×%d", t.Arrow, n, r, out[0], out[1])
		}
		out = [2]int{n, r}
	}
	if k.params {
		if p, want := in[i], k.act.(quiver.Parametric).NumParams(out[1]); p != [2]int{1, want} {
			return out, fmt.Errorf("parameters are %d×%d, want 1×%d", p[0], p[1], want)
		}
	}
	return out, nil
}

func (k *vertex) scratch(in [][2]int) int {
	s, err := k.shape(in)
	if k.act == nil || err != nil {
		return 0
	}
	n := s[1]
	if k.params {
		n += in[len(in)-1][1]
	}
	return n
}

func (k *vertex) run64(d Mat[float64], in []Mat[float64], tmp []float64) error {
	total(k, d, in)
	activate(k, d, in, tmp)
	return nil
}

func (k *vertex) run32(d Mat[float32], in []Mat[float32], tmp []float64) error {
	total(k, d, in)
	activate(k, d, in, tmp)
	return nil
}

func total[T Float](k *vertex, d Mat[T], in []Mat[T]) {
	clear(d.Data)
	i := 0
	for _, t := range k.terms {
		x := in[i]
		if i++; t.W == nil {
			include(d, x, t.Fixed)
			continue
		}
		blas.NT(d.Data, x.Data, in[i].Data, x.R, d.C, x.C)
		i++
	}
}

// activate applies the activation in place.
func activate[T Float](k *vertex, d Mat[T], in []Mat[T], tmp []float64) {
	if k.act == nil {
		return
	}
	if k.params {
		p := in[len(in)-1]
		applyRows(k.act, d, d, p.Data, tmp)
		return
	}
	applyRows(k.act, d, d, nil, tmp)
}

// FromSum64 computes the vertex from z, which is what its Twin holds.
func (o *Op) FromSum64(d, z Mat[float64], in []Mat[float64], tmp []float64) {
	fromSum(o, d, z, in, tmp)
}

// FromSum32 is FromSum64 in single precision.
func (o *Op) FromSum32(d, z Mat[float32], in []Mat[float32], tmp []float64) {
	fromSum(o, d, z, in, tmp)
}

func fromSum[T Float](o *Op, d, z Mat[T], in []Mat[T], tmp []float64) {
	k := o.kernel.(*vertex)
	copy(d.Data, z.Data)
	activate(k, d, in, tmp)
}

// sym: δ = Dρ(z)ᵀg, then δᵀx for each matrix and δW for each source.
func (k *vertex) sym(o *Op, in gorgonia.Nodes, _, grad *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
	var b Builder
	delta := grad
	back := make(gorgonia.Nodes, len(in))
	if k.act != nil {
		if k.sum == nil {
			k.sum = b.Put(Sum(o.owner, "z["+o.owner+"]", k.terms))
		}
		var params *gorgonia.Node
		if k.params {
			params = in[len(in)-1]
		}
		last := len(in) - 1
		if b.Err == nil && k.params && wanted[last] {
			back[last] = b.Put(ActVJPParams(o.owner, "∂L/∂p["+o.owner+"]", k.act, k.sum, grad, params))
		}
		some := false
		for i, w := range wanted {
			some = some || w && !(k.params && i == last)
		}
		if b.Err != nil || !some {
			return back, b.Err
		}
		delta = b.Put(ActVJP(o.owner, "δ["+o.owner+"]", k.act, k.sum, grad, params))
	}
	i := 0
	for _, t := range k.terms {
		if b.Err != nil {
			break
		}
		if wanted[i] {
			back[i] = b.Put(ArrowDX(arrowOr(t, o), delta.Name()+"·"+matrixName(t), delta, t))
		}
		if i++; t.W == nil {
			continue
		}
		if b.Err == nil && wanted[i] {
			back[i] = b.Put(ArrowDW(arrowOr(t, o), delta.Name()+"ᵀ·"+t.X.Name(), delta, t.X))
		}
		i++
	}
	return back, b.Err
}

func arrowOr(t Term, o *Op) string {
	if t.Arrow != "" {
		return t.Arrow
	}
	return o.owner
}

func matrixName(t Term) string {
	if t.W == nil {
		return "I[" + t.Arrow + "]"
	}
	return t.W.Name()
}

// Terms returns the terms of a vertex or a sum, nil for another operation.
func (o *Op) Terms() []Term {
	if k, ok := o.kernel.(*vertex); ok {
		return k.terms
	}
	return nil
}

// linear says that the operation is a vertex without activation.
func (o *Op) linear() bool {
	k, ok := o.kernel.(*vertex)
	return ok && k.act == quiver.Identity
}
