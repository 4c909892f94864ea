package quiver

import (
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Eval computes the outputs for a batch, by the definition and nothing else: in
// topological order
//
//	x_v = ρ_v( Σ_{a into v} x_{s(a)} W_aᵀ ),
//
// one sample per row (arXiv 2107.02550 and 2207.12773). It is the oracle that
// everything faster is compared with.
//
// xs are the inputs in declared order, samples × dim; the results are the outputs
// in declared order. An input of dimension 0 and an empty batch are
// &mat.Dense{}; without inputs there is one sample. NaN and infinities
// propagate. A sample's result does not depend on the rest of its batch.
//
// A sum overflows where its value does, and not on the way: of finite numbers Σ x W is the sum of
// mathematics, up to the rounding of an ordinary sum, whatever the order of its terms, and ±Inf only
// where that is beyond the largest number. So a bounded activation never makes a finite and wrong
// value of an overflow.
//
// Errors: InputError, ShapeError.
func (w *Rep) Eval(xs ...*mat.Dense) ([]*mat.Dense, error) {
	if err := made(w); err != nil {
		return nil, err
	}
	n, x, _, err := w.forward(xs)
	if err != nil {
		return nil, err
	}
	var ys []*mat.Dense
	for _, v := range w.q.outputs {
		ys = append(ys, batch(n, w.q.vertices[v].Dim, x[v]))
	}
	return ys, nil
}

// Features returns the value x_v of every vertex, samples × dim, as Eval sees it.
func (w *Rep) Features(xs ...*mat.Dense) (map[string]*mat.Dense, error) {
	if err := made(w); err != nil {
		return nil, err
	}
	n, x, _, err := w.forward(xs)
	if err != nil {
		return nil, err
	}
	f := make(map[string]*mat.Dense, len(x))
	for v, data := range x {
		f[w.q.vertices[v].Name] = batch(n, w.q.vertices[v].Dim, data)
	}
	return f, nil
}

// VJP computes the gradient of Σ_outputs ⟨dy, F(x)⟩ by the chain rule, in
// reverse topological order: with δ_v the gradient at z_v = Σ x W_aᵀ,
//
//	g_v = dy_v + Σ_{a out of v} δ_{t(a)} W_a,  δ_v = Dρ_v(z_v)ᵀ g_v,  ∂/∂W_a = δ_{t(a)}ᵀ x_{s(a)}.
//
// dys are the gradients at the outputs, samples × dim; nil stands for zero. grad
// holds ∂/∂W, the gradients of tied arrows added; dxs are the gradients at the
// inputs, in declared order. Where each z_v is a number of double precision, an overflow on the way to
// an entry of the gradient leaves an infinity or a NaN there, never a finite number that is wrong;
// where some z_v is beyond them, the gradient is that at the infinity, such as 0 behind a tanh.
// Errors: InputError, ShapeError.
func (w *Rep) VJP(xs, dys []*mat.Dense) (grad *Rep, dxs []*mat.Dense, err error) {
	if err := made(w); err != nil {
		return nil, nil, err
	}
	n, x, z, err := w.forward(xs)
	if err != nil {
		return nil, nil, err
	}
	g := make([][]float64, len(x))
	for v := range g {
		g[v] = make([]float64, len(x[v]))
	}
	if err := w.q.load(n, "gradient at output", w.q.outputs, dys, g); err != nil {
		return nil, nil, err
	}
	grad = w.Like()
	for v := len(x) - 1; v >= 0; v-- {
		if w.q.vertices[v].source() {
			continue
		}
		w.activate(v, n, func(act Activation, row func([]float64) []float64) {
			act.VJP(row(g[v]), row(z[v]), row(g[v]))
		}, func(act Parametric, p []float64, row func([]float64) []float64) {
			act.VJPP(row(g[v]), grad.ParamsAt(v), row(z[v]), row(g[v]), p)
		})
		for _, a := range w.q.in[v] {
			arrow := &w.q.arrows[a]
			m, gm := w.flat(a), grad.Block(a)
			for s := range n {
				xs := x[arrow.Source][s*arrow.Cols : (s+1)*arrow.Cols]
				gs := g[arrow.Source][s*arrow.Cols : (s+1)*arrow.Cols]
				for i, d := range g[v][s*arrow.Rows : (s+1)*arrow.Rows] {
					floats.AddScaled(gs, d, m[i*arrow.Cols:(i+1)*arrow.Cols])
					if gm != nil {
						floats.AddScaled(gm[i*arrow.Cols:(i+1)*arrow.Cols], d, xs)
					}
				}
			}
		}
	}
	for _, v := range w.q.inputs {
		dxs = append(dxs, batch(n, w.q.vertices[v].Dim, g[v]))
	}
	return grad, dxs, nil
}

// forward returns the number of samples and, for each vertex, x_v and z_v,
// samples × dim, row-major.
func (w *Rep) forward(xs []*mat.Dense) (n int, x, z [][]float64, err error) {
	if n, err = w.q.samples(xs); err != nil {
		return n, nil, nil, err
	}
	x, z = make([][]float64, len(w.q.vertices)), make([][]float64, len(w.q.vertices))
	for v, vertex := range w.q.vertices {
		x[v] = make([]float64, n*vertex.Dim)
	}
	if err := w.q.load(n, "input", w.q.inputs, xs, x); err != nil {
		return n, nil, nil, err
	}
	for v, vertex := range w.q.vertices {
		if vertex.Kind == KindBias {
			for s := range x[v] {
				x[v][s] = 1
			}
		}
		if vertex.source() {
			continue
		}
		z[v] = make([]float64, len(x[v]))
		for _, a := range w.q.in[v] {
			arrow := &w.q.arrows[a]
			m := w.flat(a)
			for s := range n {
				xs := x[arrow.Source][s*arrow.Cols : (s+1)*arrow.Cols]
				for i := range arrow.Rows {
					z[v][s*arrow.Rows+i] += floats.Dot(m[i*arrow.Cols:(i+1)*arrow.Cols], xs)
				}
			}
		}
		for s := range n {
			w.settle(v, s, z[v][s*vertex.Dim:(s+1)*vertex.Dim], x)
		}
		w.activate(v, n, func(act Activation, row func([]float64) []float64) {
			act.Apply(row(x[v]), row(z[v]))
		}, func(act Parametric, p []float64, row func([]float64) []float64) {
			act.ApplyP(row(x[v]), row(z[v]), p)
		})
	}
	return n, x, z, nil
}

// activate calls plain, or trained where the activation has parameters, once for
// each sample; row cuts the sample's row out of a batch at v.
func (w *Rep) activate(v, n int, plain func(Activation, func([]float64) []float64), trained func(Parametric, []float64, func([]float64) []float64)) {
	act, d := w.q.vertices[v].Act, w.q.vertices[v].Dim
	if d == 0 {
		return // on ℝ⁰ there is nothing to do, whatever the activation
	}
	for s := range n {
		row := func(b []float64) []float64 { return b[s*d : (s+1)*d] }
		if p, ok := act.(Parametric); ok {
			trained(p, w.ParamsAt(v), row)
		} else {
			plain(act, row)
		}
	}
}

// flat returns the matrix of arrow i, row-major: the slab's, or the fixed one's, not to be written.
func (w *Rep) flat(i int) []float64 {
	if !w.q.arrows[i].Fixed {
		return w.Block(i)
	}
	if m, ok := w.fixed[i].(*constant); ok {
		return m.data
	}
	return dense(w.fixed[i]).RawMatrix().Data
}
