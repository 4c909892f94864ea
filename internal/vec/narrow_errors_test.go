package vec

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestNarrowAllocates(t *testing.T) {
	everyLevel(t, func(t testing.TB) {
		rng := rand.New(rand.NewPCG(21, 6))
		y, p := newLayer[float64](rng, 6, 5, 32, 32), Profile{Kind: Tanh}
		z, d, l := make([]float64, 6*32), make([]float64, 5*32), make([]float64, 32)
		gw := make([]float64, 30)
		assert.Zero(t, testing.AllocsPerRun(20, func() {
			Layer(z, y.w.x, nil, y.x.x, 6, 5, 32, 32)
			RadialLayer(&p, z, z, l, nil, y.w.x, y.b.x, y.x.x, 6, 5, 32, 32)
			RadialBack(d, y.w.x, y.e.x, y.x.x, l, l, 6, 5, 32, 32)
			LayerGrad(gw, nil, y.e.x, y.x.x, 6, 5, 32, 32)
		}))
	})
}

func TestNarrowErrors(t *testing.T) {
	everyLevel(t, func(t testing.TB) {
		p, x, s := &Profile{}, make([]float64, 48), make([]float64, 15)
		const r, c, n = 3, 2, 16
		for name, f := range map[string]func(){
			"z":       func() { Layer(x[:47], x, x, x, r, c, n, n) },
			"w":       func() { Layer(x, x[:5], x, x, r, c, n, n) },
			"b":       func() { Layer(x, x, x[:2], x, r, c, n, n) },
			"x":       func() { Layer(x, x, x, x[:31], r, c, n, n) },
			"c":       func() { Layer(x, x, x, x, r, -1, n, n) },
			"c grows": func() { Layer(x, x, x, x, r, math.MaxInt, n, n) },
			"lanes":   func() { Layer(x, x, x, x, 2, 2, 17, 17) },
			"radial":  func() { RadialLayer(p, x, x[:47], x, x, x, x, x, r, c, n, n) },
			"λ":       func() { RadialLayer(p, x, x, s, nil, x, x, x, r, c, n, n) },
			"λ₁":      func() { RadialLayer(p, x, x, x, s, x, x, x, r, c, n, n) },
			"back":    func() { RadialBack(x[:31], x, x, x, x, x, r, c, n, n) },
			"back w":  func() { RadialBack(x, x[:5], x, x, x, x, r, c, n, n) },
			"back e":  func() { RadialBack(x, x, x[:47], x, x, x, r, c, n, n) },
			"back z":  func() { RadialBack(x, x, x, x[:31], x, x, r, c, n, n) },
			"back λ₁": func() { RadialBack(x, x, x, x, x, s, r, c, n, n) },
			"gw":      func() { LayerGrad(x[:5], x, x, x, r, c, n, n) },
			"gb":      func() { LayerGrad(x, x[:2], x, x, r, c, n, n) },
			"grad e":  func() { LayerGrad(x, x, x[:47], x, r, c, n, n) },
			"grad x":  func() { LayerGrad(x, x, x, x[:31], r, c, n, n) },
		} {
			func() {
				defer func() {
					_, ok := recover().(*ShapeError)
					assert.True(t, ok, name)
				}()
				f()
			}()
		}
		for op, fs := range map[string][]func(){
			"Layer":       {func() { Layer(x, x, x, x, 9, 2, 0, 0) }},
			"RadialLayer": {func() { RadialLayer(p, x, x, x, x, x, x, x, 9, 2, 0, 0) }},
			"RadialBack":  {func() { RadialBack(x, x, x, x, x, x, 2, 9, 0, 0) }},
			"LayerGrad":   {func() { LayerGrad(x, x, x, x, 9, 2, 0, 0) }, func() { LayerGrad(x, x, x, x, 2, 9, 0, 0) }},
		} {
			for _, f := range fs {
				assert.PanicsWithError(t, "vec: "+op+": there is no narrow width 9; want 0…8", f)
			}
		}
	})
}
