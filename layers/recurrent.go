package layers

import (
	"fmt"

	"github.com/quivernet/quivernet/quiver"
)

// Recurrent returns a recurrent network unrolled over steps moments, with one set of weights
// for all of them: inputs "x1", …, each of dimension in, hidden vertices "h1", … of
// dimension dim with
//
//	h_t = act(W·h_{t−1} + U·x_t + b),  h_0 = 0,
//
// and an affine output "y" of dimension out after the last. The arrows of later moments are
// tied to "x1->h1" (U), "one->h1" (b) and "h1->h2" (W). All hidden vertices share one subspace
// under compression: the smallest that contains the columns of U and b and that W maps into
// itself (the Krylov space), which for a generic W is everything. It needs at least one moment.
func Recurrent(act quiver.Activation, in, dim, out, steps int) (*quiver.Quiver, error) {
	if steps < 1 || steps > 1<<24 {
		return nil, refusal("Recurrent", fmt.Sprintf("%d moments", steps), "want at least one, and at most 16777216")
	}
	parts := []quiver.Part{quiver.Bias(BiasName)}
	for t := 1; t <= steps; t++ {
		x, h := fmt.Sprint("x", t), fmt.Sprint("h", t)
		parts = append(parts, quiver.Input(x, in), quiver.Hidden(h, dim, act))
		var u, b, w []quiver.ArrowOption
		if t > 1 {
			u, b = append(u, quiver.Tied("x1->h1")), append(b, quiver.Tied(BiasName+"->h1"))
		}
		if t > 2 {
			w = append(w, quiver.Tied("h1->h2"))
		}
		parts = append(parts, quiver.Connect(x, h, u...), quiver.Connect(BiasName, h, b...))
		if t > 1 {
			parts = append(parts, quiver.Connect(fmt.Sprint("h", t-1), h, w...))
		}
	}
	parts = append(parts, quiver.Output("y", out, nil))
	return quiver.New(append(parts, Affine(fmt.Sprint("h", steps), "y")...)...)
}
