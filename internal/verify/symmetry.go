package verify

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// symmetry checks, at every vertex whose change of basis leaves the loss alone, that
//
//	M = Σ_{a into v} G_a W_aᵀ − Σ_{a out of v} W_aᵀ G_a
//
// is symmetric, and zero where the vertex is linear. G_a is the gradient at the matrix of the
// arrow by itself: the program's where the arrow has a matrix of its own, the reference's at
// tied and fixed arrows.
func (v *verifier) symmetry() error {
	q := v.Model.Quiver
	shared := make(map[string]bool)
	for _, a := range v.ref.as {
		if a.TiedTo != "" {
			shared[a.TiedTo] = true
		}
	}
	gradient := func(i int) *mat.Dense {
		a := v.ref.as[i]
		if !a.Fixed && a.TiedTo == "" && !shared[a.Name] {
			return mat.NewDense(a.Rows, a.Cols, v.compiled.Block(i))
		}
		sum, _ := v.ref.arrow(i)
		return mat.NewDense(a.Rows, a.Cols, sum)
	}
	for i, vertex := range v.ref.vs {
		linear := vertex.Act == quiver.Identity
		if !v.ref.active(i) || !commutes(vertex.Act) || vertex.Dim < 2 && !linear || v.hasLoss(i) {
			continue
		}
		m, abs := mat.NewDense(vertex.Dim, vertex.Dim, nil), mat.NewDense(vertex.Dim, vertex.Dim, nil)
		add := func(sign float64, a, b mat.Matrix) {
			var p mat.Dense
			p.Mul(a, b)
			p.Scale(sign, &p)
			m.Add(m, &p)
			p.Mul(entrywise(a), entrywise(b))
			abs.Add(abs, &p)
		}
		for _, k := range q.In(i) {
			if v.ref.as[k].Cols > 0 {
				add(1, gradient(k), v.w.Matrix(k).T())
			}
		}
		for _, k := range q.Out(i) {
			if v.ref.as[k].Rows > 0 {
				add(-1, v.w.Matrix(k).T(), gradient(k))
			}
		}
		law, note := "symmetry: Σ G Wᵀ − Σ Wᵀ G is symmetric", "the activation is not radial, or its VJP or an operation around the vertex is wrong"
		if linear {
			law, note = "symmetry: Σ G Wᵀ = Σ Wᵀ G (linear)", "an operation around the vertex is wrong"
		} else {
			m.Sub(m, mat.DenseCopyOf(m.T()))
		}
		size := mat.Max(abs)
		if size == 0 {
			v.undecided(law, vertexName(vertex.Name), "all gradients around the vertex are zero")
			continue
		}
		v.judge(law, vertexName(vertex.Name), mat.Max(entrywise(m))/size, v.tight, note)
	}
	return nil
}

// commutes says whether an activation claims to commute with rotations: by its radial jets, or as
// the trainable radial one, which has none.
func commutes(a quiver.Activation) bool {
	if _, ok := a.(quiver.RadialJet); ok {
		return true
	}
	p, _ := layers.Inside(a)
	return p.Kind == "trainable"
}

func (v *verifier) hasLoss(vertex int) bool {
	for _, at := range v.Model.LossAt {
		if at == vertex {
			return true
		}
	}
	return false
}

// entrywise returns the absolute values.
func entrywise(m mat.Matrix) *mat.Dense {
	var a mat.Dense
	a.Apply(func(_, _ int, x float64) float64 { return math.Abs(x) }, m)
	return &a
}
