package tape

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/quiver"
)

// TestLossStages: every loss of the library is one stage with its gradient; the weighted sum and the gradient are what it makes, and the
// sum of two losses is one number more.
func TestLossStages(t *testing.T) {
	for _, c := range []struct {
		loss  model.Loss
		text  string
		flops int // for each number of the output
	}{{model.MSE, "Σ(y−t)² at y", 4}, {model.SumSquares, "Σ(y−t)² at y", 4}, {model.SoftmaxCE, "CE(softmax(y), t) at y", 20}, {model.BCE, "CE(sigmoid(y), t) at y", 20}} {
		q, err := quiver.New(quiver.Input("x", 2), quiver.Output("y", 3, nil), quiver.Output("v", 2, nil), quiver.Connect("x", "y"), quiver.Connect("x", "v"))
		require.NoError(t, err)
		p, err := model.New(q, []model.Term{{Output: "y", Loss: c.loss, Weight: 1}, {Output: "v", Loss: model.MSE, Weight: 2}}, tensor.Float64)
		require.NoError(t, err)
		const n = 5
		e := withLoss(t, p, n)
		for _, grads := range []bool{true, false} {
			want := e.Gradient
			if !grads {
				want = nil
			}
			tape, err := Fuse[float64](e, gorgonia.Nodes{e.Loss}, want, nil)
			require.NoError(t, err)
			losses, numbers := 0, 0
			for _, s := range tape.stages {
				a := s.about()
				switch a.kind {
				case "loss":
					if losses++; a.owner != "y" {
						continue
					}
					s := s.(*loss[float64])
					text := c.text
					reads := []int{s.y, s.target, s.c}
					if grads {
						text += " and its gradient"
						reads = append(reads, s.s)
						assert.Same(t, s.l.grad, a.nodes[len(a.nodes)-1], "its result stands last")
						for _, n := range a.nodes[:len(a.nodes)-1] {
							assert.NotSame(t, s.l.grad, n)
						}
					}
					assert.Equal(t, text, a.text)
					assert.Equal(t, reads, a.reads)
					assert.Equal(t, []result{{s.sum, s.l.scaled}, {s.grad, s.l.grad}}, a.makes)
					assert.Equal(t, []int{c.flops * n * 3, 3 * n * 3}, []int{a.flops, a.moved})
				case "number":
					numbers++
					assert.Equal(t, []int{1, 3}, []int{a.flops, a.moved}, "one addition; two numbers are read and one is written")
				case "operation":
					t.Errorf("%v: %s runs by itself", c.loss.Name, a.text)
				}
			}
			assert.Equal(t, []int{2, 1}, []int{losses, numbers}, c.loss.Name)
		}
	}
}
