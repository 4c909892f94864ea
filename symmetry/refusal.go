package symmetry

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/linalg"
	"github.com/quivernet/quivernet/quiver"
)

// refusal reports a vertex that keeps more directions than a rule asks of it.
type refusal struct {
	vertex        string
	enough, keeps int // the directions that would do, and those that it keeps
	why           string
}

func (e *refusal) Error() string {
	return fmt.Sprintf("vertex %q: %d directions would do, but it stays at width %d: %s", e.vertex, e.enough, e.keeps, e.why)
}

// falseClosure reports an activation whose Closure is not what it has to be.
type falseClosure struct{ vertex, activation, reason string }

func (e *falseClosure) Error() string {
	return fmt.Sprintf("vertex %q: Closure of the activation %s is not true: %s", e.vertex, e.activation, e.reason)
}

// demands says whether the rule asks a vertex to lose what is not rounding.
func (c *chooser) demands(vertex string) bool {
	k, ok := c.rule.(byError)
	if !ok {
		return false
	}
	_, asked := k.width[vertex]
	return asked || k.tol > 0
}

// refuse notes that a vertex keeps more than an option asks of it, where it does. a is what
// reaches it.
func (c *chooser) refuse(v int, a *mat.Dense, keeps int, why string) {
	vertex := c.vs[v]
	if !c.demands(vertex.Name) || c.err != nil || a.IsEmpty() {
		return
	}
	if w, ok := c.rule.(byError).width[vertex.Name]; ok && w >= keeps {
		return
	}
	if p := c.rule.span(vertex.Name, a); linalg.Width(p.b) < keeps {
		c.err = &refusal{vertex.Name, linalg.Width(p.b), keeps, why}
	}
}

// closes tests what Closure returned for b: an orthonormal basis of a space that contains span b.
func closes(vertex quiver.Vertex, b, k *mat.Dense) error {
	wrong := func(why string) error {
		return &falseClosure{vertex.Name, vertex.Act.String(), why}
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
