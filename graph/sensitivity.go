package graph

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/builtin"
	"github.com/quivernet/quivernet/internal/interpreter"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/quiver"
)

// sensitivity is the graph of Δ_v = ∂y/∂z_v for m rows a sample, one per coordinate of the
// outputs.
type sensitivity struct {
	*interpreter.Evaluation[float64]
	samples int
	m       int
	delta   []*gorgonia.Node // at z_v, by vertex; nil where no output depends on it
	back    []*gorgonia.Node // at x_v, for parameters
	in      [][]int          // the arrows into each vertex
	block   []int            // where a row holds an arrow's matrix
	param   []int            // and a vertex's parameters
	scratch []float64
}

func newSensitivity(p *model.Model, samples int) (*sensitivity, error) {
	s := &sensitivity{samples: samples, m: p.OutputWidth()}
	s.block, s.param = p.Offsets()
	e, err := p.BuildAs(samples*s.m, tensor.Float64, true)
	if err != nil {
		return nil, err
	}
	var outs, seeds, wrt gorgonia.Nodes
	var fill []int
	at := 0
	for _, v := range p.Outputs {
		d := p.Vertices[v].Dim
		if d == 0 {
			continue
		}
		seed, err := e.Input("dy["+p.Vertices[v].Name+"]", e.Rows, d)
		if err != nil {
			return nil, err
		}
		outs, seeds, fill = append(outs, e.Vertex[v]), append(seeds, seed), append(fill, at)
		at += d
	}
	for v, z := range e.Sum {
		if z != nil {
			wrt = append(wrt, z)
			if e.Params[v] != nil {
				wrt = append(wrt, e.Vertex[v])
			}
		}
	}
	grads, err := builtin.Backprop(outs, seeds, wrt)
	if err != nil {
		return nil, err
	}
	of := make(map[*gorgonia.Node]*gorgonia.Node)
	var wanted gorgonia.Nodes
	for i, n := range wrt {
		if of[n] = grads[i]; grads[i] != nil {
			wanted = append(wanted, grads[i])
		}
	}
	for v := range e.Vertex {
		d, in := of[e.Sum[v]], p.Quiver.In(v)
		s.in = append(s.in, in)
		s.delta, s.back = append(s.delta, d), append(s.back, of[e.Vertex[v]])
		if d == nil {
			continue
		}
		wanted = append(wanted, e.Sum[v])
		for _, i := range in {
			if x := e.Vertex[p.Arrows[i].Source]; x != nil {
				wanted = append(wanted, x)
			}
		}
	}
	if s.Evaluation, err = interpreter.Evaluate[float64](e, wanted); err != nil {
		return nil, err
	}
	for i, seed := range seeds {
		b, d := s.Buffer(seed), seed.Shape()[1]
		for k := fill[i]; b != nil && k < e.Rows; k += s.m {
			for j := range d {
				b[(k+j)*d+j] = 1
			}
		}
	}
	return s, nil
}

// row stores row i of the sweep in dst, of length NumParams.
func (s *sensitivity) row(dst []float64, w *quiver.Rep, i int) {
	clear(dst)
	for v, n := range s.delta {
		if n == nil {
			continue
		}
		d := s.Expression.Model.Vertices[v].Dim
		delta := s.Value(n)[i*d : (i+1)*d]
		for _, k := range s.in[v] {
			a := &s.Expression.Model.Arrows[k]
			x := s.Expression.Vertex[a.Source]
			if a.Fixed || x == nil {
				continue
			}
			block := dst[s.block[k]:]
			xi := s.Value(x)[i*a.Cols : (i+1)*a.Cols]
			for r, y := range delta {
				out := block[r*a.Cols : (r+1)*a.Cols]
				for c, z := range xi {
					out[c] += y * z
				}
			}
		}
		if act, ok := s.Expression.Model.Vertices[v].Act.(quiver.Parametric); ok { // the gradient comes to z through the vertex
			s.scratch = append(s.scratch[:0], s.Value(s.back[v])[i*d:(i+1)*d]...)
			act.VJPP(s.scratch, dst[s.param[v]:s.param[v]+s.Expression.Model.NumParams[v]], s.Value(s.Expression.Sum[v])[i*d:(i+1)*d], s.scratch, w.ParamsAt(v))
		}
	}
}
