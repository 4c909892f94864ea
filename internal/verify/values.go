package verify

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/batch"
	"github.com/quivernet/quivernet/internal/interpreter"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/quiver"
)

// values compares the value of every vertex in the compiled graph with the reference, and the
// outputs of Forward. Of vertices that follow from a wrong one nothing is said.
func (v *verifier) values() error {
	var got []*mat.Dense
	var err error
	if v.Model.Dtype == model.Dtype(true) {
		got, err = vertexValues[float32](v)
	} else {
		got, err = vertexValues[float64](v)
	}
	if err != nil {
		return err
	}
	bad := make([]bool, len(got))
	q := v.Model.Quiver
	room := v.rounding()
	for i, vertex := range v.ref.vs {
		if !v.ref.active(i) {
			continue
		}
		follows := false
		for _, k := range q.In(i) {
			follows = follows || bad[v.ref.as[k].Source]
		}
		if bad[i] = follows; !follows {
			bad[i] = !v.judge("value: compiled = reference", vertexName(vertex.Name), rowsGap(got[i], v.ref.x[i], room.value[i]), v.tight,
				fmt.Sprintf("the operation of the vertex computes another function than %s", vertex.Act))
		}
	}
	ys, err := v.Forward(v.w, v.xs...)
	if err != nil {
		return err
	}
	for k, i := range v.Model.Outputs {
		if v.Model.Vertices[i].Dim > 0 {
			v.judge("output: Forward = reference", fmt.Sprintf("output %q", v.Model.Vertices[i].Name), rowsGap(ys[k], v.ref.x[i], room.value[i]), v.tight, "the compiled program computes another function than quiver.Rep.Eval")
		}
	}
	return nil
}

func vertexValues[T op.Float](v *verifier) ([]*mat.Dense, error) {
	e, err := v.Model.Build(v.n)
	if err != nil {
		return nil, err
	}
	var wanted gorgonia.Nodes
	for _, n := range e.Vertex {
		if n != nil {
			wanted = append(wanted, n)
		}
	}
	ev, err := interpreter.Evaluate[T](e, wanted)
	if err != nil {
		return nil, err
	}
	ev.Weights(v.w)
	ev.Inputs(v.xs, interpreter.InOrder)
	if err := ev.Run(); err != nil {
		return nil, err
	}
	out := make([]*mat.Dense, len(e.Vertex))
	for i, n := range e.Vertex {
		if n != nil {
			out[i] = ev.Matrix(n)
		}
	}
	return out, nil
}

// rowsGap returns max|got−want| / max|want|, without what rounding explains; 0/0 is 0.
func rowsGap(got *mat.Dense, want [][]float64, rounding float64) float64 {
	var diff, size float64
	for s, row := range want {
		diff = max(diff, floats.Distance(got.RawRowView(s), row, math.Inf(1)))
		size = max(size, floats.Norm(row, math.Inf(1)))
	}
	if diff <= rounding {
		return 0
	}
	return (diff - rounding) / size
}

// gradients compares the program's gradient of the loss with the reference, segment by segment,
// relative to the sum of the absolute values of what is added up.
func (v *verifier) gradients() error {
	dy := make(map[int]*mat.Dense)
	for i, l := range v.loss {
		at := v.Model.LossAt[i]
		if dy[at] == nil {
			dy[at] = mat.NewDense(v.n, v.Model.Vertices[at].Dim, nil)
		}
		dy[at].Add(dy[at], l.dy)
	}
	v.ref.back(dy)
	grad := v.w.Like()
	if _, err := v.LossGrad(grad, v.w, v.xs, v.ys); err != nil {
		return err
	}
	dys := make([]*mat.Dense, len(v.Model.Outputs))
	for k, i := range v.Model.Outputs {
		dys[k] = dy[i]
	}
	want, _, err := v.w.VJP(v.xs, dys)
	if err != nil {
		return err
	}
	largest := floats.Norm(want.Data(), math.Inf(1))
	room, err := v.rounding().gradient(dy)
	if err != nil {
		return err
	}
	at := 0
	k := -1
	for s, ref := range want.Segments() {
		got := grad.Data()[at : at+len(ref)]
		at += len(ref)
		k++
		if len(ref) == 0 {
			continue
		}
		size := max(floats.Norm(ref, math.Inf(1)), 1e-3*largest)
		for i, a := range v.ref.as {
			if s.Arrow != "" && (a.Name == s.Arrow || a.TiedTo == s.Arrow) {
				_, abs := v.ref.arrow(i)
				size = max(size, floats.Norm(abs, math.Inf(1)))
			}
		}
		gap := floats.Distance(got, ref, math.Inf(1))
		if gap -= room[k]; gap > 0 {
			gap /= size
		}
		gap = max(gap, 0)
		v.judge("gradient: compiled = reference", model.SegmentName(s), gap, v.tight, "the compiled backward operations and quiver.Rep.VJP disagree; the line of differences below says whether the reference is right")
	}
	v.compiled = grad
	return nil
}

// differences compares the reference gradient with differences of the reference outputs,
// segment by segment and sample by sample, for random gradients at the outputs.
func (v *verifier) differences() error {
	rows := v.chosen()
	xs := batch.Pick(v.xs, rows)
	r, err := newReference(v.w, xs, len(rows))
	if err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(3, 0xd1ff))
	dy := make(map[int]*mat.Dense)
	for _, i := range v.Model.Outputs {
		if d := v.Model.Vertices[i].Dim; d > 0 {
			dy[i] = mat.NewDense(len(rows), d, nil)
			dy[i].Apply(func(int, int, float64) float64 { return rng.NormFloat64() }, dy[i])
		}
	}
	r.back(dy)
	floor := make([]float64, len(rows))
	for i, x := range v.roundingOf(doubleRounding).value {
		for s := range floor {
			if dy[i] != nil {
				floor[s] += x * floats.Norm(dy[i].RawRowView(s), 1)
			}
		}
	}
	for s, data := range v.w.Segments() {
		if len(data) == 0 {
			continue
		}
		u := r.direction(rng, func(t quiver.Segment) bool { return t == s })
		var failed error
		d := differentiateAbove(floor, false, func(t float64) []float64 {
			w := v.w.Clone()
			w.AddScaled(t, u)
			out := make([]float64, len(rows))
			ys, err := w.Eval(xs...)
			if failed = err; err != nil {
				return out
			}
			for k, i := range v.Model.Outputs {
				for s := range out {
					if dy[i] != nil {
						out[s] += floats.Dot(dy[i].RawRowView(s), ys[k].RawRowView(s))
					}
				}
			}
			return out
		})
		if failed != nil {
			return failed
		}
		v.settle("gradient: reference = differences", model.SegmentName(s), "some activation between here and the outputs has a wrong VJP; see above which", d, r.alongWeights(u))
	}
	return nil
}

// alongWeights returns, for each sample, the derivative of Σ⟨dy, y⟩ in direction u.
func (r *reference) alongWeights(u *quiver.Rep) []float64 {
	out := make([]float64, r.n)
	for s := range out {
		for i, a := range r.as {
			m := u.Block(i)
			for k, d := range r.dz[a.Target][s] {
				if m != nil && a.Cols > 0 {
					out[s] += d * floats.Dot(m[k*a.Cols:(k+1)*a.Cols], r.x[a.Source][s])
				}
			}
		}
		for v := range r.vs {
			if p := u.ParamsAt(v); p != nil {
				dp := make([]float64, len(p))
				r.vjp(v, make([]float64, r.vs[v].Dim), dp, r.z[v][s], r.g[v][s])
				out[s] += floats.Dot(p, dp)
			}
		}
	}
	return out
}
