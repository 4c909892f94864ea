package symbolic

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/formula"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/trials"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver/quivertest"
)

// TestExplained: the legend knows the symbols of every kind of expression, closed and opened.
func TestExplained(t *testing.T) {
	known := map[string]bool{"√": true} // reads itself
	for _, head := range []string{"vertex", "z", "ρ", "W", "F", "I", "p", "t", "c", "r", "L", "∂L", "∂²L", "Hessian", "function", "rowfunction", "foreign"} {
		known[head] = true
	}
	for _, m := range meanings {
		for _, head := range m.heads {
			known[head] = true
		}
	}
	own := model.CustomLoss(func(y, t *gorgonia.Node) (*gorgonia.Node, error) {
		n, err := gorgonia.Sub(y, t)
		if err != nil {
			return nil, err
		}
		if n, err = gorgonia.Tanh(n); err != nil {
			return nil, err
		}
		return gorgonia.Max(n, 1)
	})
	acts := []quivertest.Act{{Activation: layers.Radial(layers.Tanh), Size: 1.2}, {Activation: layers.Trainable(layers.Tanh, 0.3, 1.1), Size: 1.2},
		{Activation: layers.RMSNorm(5, 0.1), Size: 1.2}, {Activation: layers.Pointwise(layers.GELU), Size: 1.2}}
	seen := map[string]bool{}
	for seed := range uint64(trials.Count(20, 200)) {
		q := quivertest.Generate(seed, acts...).Rep.Quiver()
		p := sourceOf(t, q, model.Term{Output: q.Outputs()[0], Loss: []model.Loss{model.MSE, model.SoftmaxCE, own, model.BCE}[seed%4], Weight: 1})
		a := q.Arrows()
		for _, f := range []func() (*Expr, error){
			func() (*Expr, error) { return p.Gradient(a[0].Name) },
			func() (*Expr, error) { return p.SecondGradient(a[0].Name, a[len(a)-1].Name) },
			func() (*Expr, error) { return p.ParamGradient(q.Vertices()[len(q.Vertices())/2].Name) },
		} {
			x, err := f()
			if err != nil {
				continue // no gradient there
			}
			open, err := x.ExpandAll()
			require.NoError(t, err)
			for _, x := range []*Expr{x, open} {
				s := &symbols{has: make(map[string]*formula.Formula), of: make(map[string][]string), seen: make(map[[2]string]bool)}
				for _, l := range x.equations() {
					s.add(l.left)
					s.add(l.right)
				}
				for head, f := range s.has {
					assert.True(t, known[head], "%q of %v", head, f)
					seen[head] = true
				}
			}
		}
	}
	for _, head := range []string{"δ", "δ′", "Dρ", "λ", "λ₁", "V", "foreign", "function", "t", "c"} {
		assert.True(t, seen[head], head)
	}
	assert.False(t, known["nonsense"])
}
