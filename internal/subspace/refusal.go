package subspace

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/linalg"
	"github.com/quivernet/quivernet/quiver"
)

// Refusal reports a vertex that keeps more directions than a rule asks of it.
type Refusal struct {
	Vertex        string
	Enough, Keeps int // the directions that would do, and those that it keeps
	Why           string
}

func (e *Refusal) Error() string {
	return fmt.Sprintf("vertex %q: %d directions would do, but it stays at width %d: %s", e.Vertex, e.Enough, e.Keeps, e.Why)
}

// FalseClosure reports an activation whose Closure is not what it has to be.
type FalseClosure struct{ Vertex, Activation, Reason string }

func (e *FalseClosure) Error() string {
	return fmt.Sprintf("vertex %q: Closure of the activation %s is not true: %s", e.Vertex, e.Activation, e.Reason)
}

// demands says whether the rule asks a vertex to lose what is not rounding.
func (c *Chooser) demands(vertex string) bool {
	k, ok := c.rule.(ByError)
	if !ok {
		return false
	}
	_, asked := k.Width[vertex]
	return asked || k.Tol > 0
}

// refuse notes that a vertex keeps more than an option asks of it, where it does. a is what
// reaches it.
func (c *Chooser) refuse(v int, a *mat.Dense, keeps int, why string) {
	vertex := c.vs[v]
	if !c.demands(vertex.Name) || c.Err != nil || a.IsEmpty() {
		return
	}
	if w, ok := c.rule.(ByError).Width[vertex.Name]; ok && w >= keeps {
		return
	}
	if p := c.rule.span(vertex.Name, a); linalg.Width(p.b) < keeps {
		c.Err = &Refusal{vertex.Name, linalg.Width(p.b), keeps, why}
	}
}

// closes tests what Closure returned for b: an orthonormal basis of a space that contains span b.
func closes(vertex quiver.Vertex, b, k *mat.Dense) error {
	wrong := func(why string) error {
		return &FalseClosure{vertex.Name, vertex.Act.String(), why}
	}
	if k.IsEmpty() {
		if b.IsEmpty() {
			return nil
		}
		return wrong("it returned an empty basis for a space that is not")
	}
	if n, _ := k.Dims(); n != vertex.Dim {
		return wrong(fmt.Sprintf("its basis has %d rows, want %d", n, vertex.Dim))
	}
	if slices.ContainsFunc(linalg.Entries(k), func(x float64) bool { return x-x != 0 }) {
		return wrong("its basis holds what is not finite")
	}
	gram := linalg.Product(k, true, k, nil)
	for i := range linalg.Width(k) {
		gram.Set(i, i, gram.At(i, i)-1)
	}
	if d := mat.Norm(gram, 2); d > 1e-9 {
		return wrong(fmt.Sprintf("its basis is %.2g away from orthonormal", d))
	}
	if b.IsEmpty() {
		return nil
	}
	var rest mat.Dense
	rest.Sub(b, linalg.Product(k, false, linalg.Product(k, true, b, nil), nil))
	if d := mat.Norm(&rest, 2); d > 1e-9 {
		return wrong(fmt.Sprintf("a part of length %.2g of the given space lies outside", d))
	}
	return nil
}
