package quivertest

import (
	"fmt"
	"math/rand/v2"

	"github.com/quivernet/quivernet/quiver"
)

// Sensitivity says why an instance would not notice a mistake, or returns "": a
// change of the weights by 1e-3 of their size in a random direction must move the output by
// more than 1e-9 and by less than its own size, and to replace the activation of any one hidden
// vertex by the identity must move it by more than 1e-3.
func Sensitivity(in Instance) string {
	base, err := in.Rep.Eval(in.Inputs...)
	if err != nil {
		return err.Error()
	}
	rng := rand.New(rand.NewPCG(9, 9))
	d := in.Rep.Like()
	for i := range d.Data() {
		d.Data()[i] = rng.NormFloat64()
	}
	w := in.Rep.Clone()
	if n := d.Norm(); n > 0 {
		w.AddScaled(1e-3*w.Norm()/n, d)
	}
	moved, err := w.Eval(in.Inputs...)
	if err != nil {
		return err.Error()
	}
	if g := Gap(base, moved); !(g > 1e-9) {
		return fmt.Sprintf("a change of the weights moves the output by %.1e", g)
	} else if !(g < 1) {
		return fmt.Sprintf("a small change of the weights moves the output by %.1e of its size", g)
	}
	for _, v := range in.Rep.Quiver().Vertices() {
		if v.Kind != quiver.KindHidden || v.Act == quiver.Identity || v.Dim == 0 || !observed(in.Rep.Quiver(), v.Name) {
			continue
		}
		u, err := in.Rep.ReplaceActivation(v.Name, quiver.Identity)
		if err != nil {
			return err.Error()
		}
		y, err := u.Eval(in.Inputs...)
		if err != nil {
			return err.Error()
		}
		if g := Gap(base, y); !(g > 1e-3) {
			return fmt.Sprintf("to make vertex %s linear moves the output by %.1e", v.Name, g)
		}
	}
	return ""
}

// observed says whether a path leads from the vertex to an output.
func observed(q *quiver.Quiver, name string) bool {
	vs, as := q.Vertices(), q.Arrows()
	seen := make([]bool, len(vs))
	i, _ := q.VertexIndex(name)
	seen[i] = true
	for v := i; v < len(vs); v++ {
		if !seen[v] {
			continue
		}
		if vs[v].Kind == quiver.KindOutput {
			return true
		}
		for _, a := range q.Out(v) {
			seen[as[a].Target] = true
		}
	}
	return false
}
