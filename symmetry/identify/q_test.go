package identify

import (
	"fmt"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"gonum.org/v1/gonum/mat"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"
)

func TestSpeed(t *testing.T) {
	runtime.GOMAXPROCS(1)
	for _, D := range []int{5, 10} {
		dims := []int{D, D, D, D, 1}
		q, _ := layers.MLP(layers.Pointwise(layers.ReLU), dims...)
		w := quiver.Random(q, quiver.He, rand.NewPCG(1, 2))
		n := 50 * q.NumParams()
		if D == 10 {
			n = 20 * q.NumParams()
		}
		x := mat.NewDense(n, D, nil)
		rng := rand.New(rand.NewPCG(3, 4))
		for i := range x.RawMatrix().Data {
			x.RawMatrix().Data[i] = rng.NormFloat64()
		}
		t0 := time.Now()
		r := NewReducer(q.NumParams())
		EachRow(w, []*mat.Dense{x}, Options{Drop: true}, func(i int, m *mat.Dense) error { return nil })
		t1 := time.Now()
		EachRow(w, []*mat.Dense{x}, Options{Drop: true}, func(i int, m *mat.Dense) error { r.Add(m.RawRowView(0)); return nil })
		t2 := time.Now()
		fmt.Println(D, t1.Sub(t0), t2.Sub(t1))
		rep := r.Rank()
		rep.Singular = nil
		fmt.Println(rep, time.Since(t2))
	}
}
