package paths

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
)

// FromPathEmbedding returns the representation whose path embedding is phi and whose
// weights have the signs of signs, in outgoing-normal form: of the orbit of positive
// rescalings that phi and the signs determine (arXiv 2107.09370), the member in which the
// largest outgoing |weight| of each hidden unit is 1. Only the signs of signs matter,
// and only at nonzero weights; any representation on the right orbit will do. Without
// the signs phi does not determine the function: see the package documentation.
//
// From the last hidden vertex to the first: the rows of paths that end in a unit u form
// a matrix of rank one, (Φ of the paths to u) ⊗ (weights from u to the outputs). Its
// factor on the right gives the weights, the one on the left a column of the embedding
// of the quiver in which u is an output.
//
// The quiver must be piecewise linear, without fixed, tied or parallel arrows, with
// the identity at the outputs and nothing behind them. tol is the relative tolerance for "of
// rank one" and for the final comparison of the embedding of the result with phi; 0 means
// 1e-9. Errors: EmbeddingError where phi is not the embedding of any representation with
// these signs, or with a unit that all of phi leaves out, quiver.ShapeError,
// StructureError, ActivationError, LimitError.
func FromPathEmbedding(phi *mat.Dense, signs *quiver.Rep, tol float64) (*quiver.Rep, error) {
	const op = "reconstruction from the path embedding"
	if !(tol >= 0) || math.IsInf(tol, 0) {
		return nil, &identify.ParameterError{Name: "tol", Value: tol, Want: "a finite number, 0 or more"}
	}
	net, err := pieces.LinearToOutputs(signs, op)
	if err != nil {
		return nil, err
	}
	if err := plain(net, op); err != nil {
		return nil, err
	}
	ps, err := net.Paths(0, net.OutDim)
	if err != nil {
		return nil, err
	}
	if phi == nil {
		return nil, &EmbeddingError{Reason: "the matrix is nil; make one with PathEmbedding"}
	}
	if r, c := phi.Dims(); r != len(ps) || c != net.OutDim {
		return nil, &quiver.ShapeError{Where: "path embedding", Rows: r, Cols: c, WantRows: len(ps), WantCols: net.OutDim, Why: "paths × outputs"}
	}
	if tol == 0 {
		tol = 1e-9
	}
	p := newReconstruction(net, ps, phi, tol)
	for i := len(net.Vertices) - 1; i >= 0; i-- {
		if net.Vertices[i].Kind == quiver.KindHidden {
			for u := range net.Vertices[i].Dim {
				if err := p.unit(i, u); err != nil {
					return nil, err
				}
			}
		}
	}
	p.sources()
	back, err := embed(p.net, ps)
	if err != nil {
		return nil, err
	}
	if d := pieces.Distance(flat(phi), flat(back)); !(d <= tol) {
		return nil, &EmbeddingError{Reason: fmt.Sprintf("the result's embedding differs by %.3g of the largest entry: no representation with these signs has this embedding", d)}
	}
	return p.net.Rep, nil
}

// plain checks that hidden units are free, that there are no parallel arrows, no
// fixed or tied arrows at all, and that nothing leaves an output.
func plain(net *pieces.Network, op string) error {
	for i := range net.Vertices {
		v := &net.Vertices[i]
		from := make(map[int]string)
		for k := range v.In {
			e := &v.In[k]
			if err := e.CheckFree(op); err != nil {
				return err
			}
			if other, ok := from[e.Source]; ok {
				return &pieces.StructureError{Op: op, Where: fmt.Sprintf("arrow %q", e.Name), Reason: fmt.Sprintf("is parallel to %q, and only their sum shows; merge them", other)}
			}
			from[e.Source] = e.Name
		}
		if v.Row >= 0 && len(v.Out) > 0 {
			return &pieces.StructureError{Op: op, Where: fmt.Sprintf("output %q", v.Name), Reason: "has outgoing arrows; make it a hidden vertex"}
		}
	}
	return nil
}

// reconstruction is a path embedding from which hidden vertices are taken away one by one. entries
// holds the embedding of the remaining quiver: by truncated path, its value at each
// unit that is an output now.
type reconstruction struct {
	net     *pieces.Network // the result, in a copy of the signs
	signs   [][][]float64
	tol     float64
	size    float64 // largest |entry|
	paths   []pieces.Path
	key     map[string]int
	entries []map[Unit]float64
}

func newReconstruction(net *pieces.Network, ps []pieces.Path, phi *mat.Dense, tol float64) *reconstruction {
	p := &reconstruction{tol: tol, paths: ps, key: make(map[string]int)}
	for i := range net.Vertices {
		var ms [][]float64
		for k := range net.Vertices[i].In {
			ms = append(ms, net.Vertices[i].In[k].W)
		}
		p.signs = append(p.signs, ms)
	}
	p.net, _ = pieces.Of(net.Rep.Clone())
	clear(p.net.Rep.Data())
	for i, path := range ps {
		p.add(path)
		for _, o := range net.Outputs {
			for r := range net.Vertices[o].Dim {
				x := phi.At(i, net.Vertices[o].Row+r)
				p.entries[i][Unit{net.Vertices[o].Name, r}] = x
				p.size = max(p.size, math.Abs(x))
			}
		}
	}
	return p
}

func keyOf(p pieces.Path) string {
	var b strings.Builder
	for _, h := range p {
		fmt.Fprintf(&b, "%d.%d ", h.Vertex, h.Unit)
	}
	return b.String()
}

// add returns the row of a truncated path, a new one if need be.
func (p *reconstruction) add(path pieces.Path) int {
	k := keyOf(path)
	i, ok := p.key[k]
	if !ok {
		i = len(p.entries)
		p.key[k] = i
		if i >= len(p.paths) {
			p.paths = append(p.paths, path)
		}
		p.entries = append(p.entries, make(map[Unit]float64))
	}
	return i
}

// unit takes away unit u of vertex v: finds the weights that leave it and moves its
// paths into a column of its own.
func (p *reconstruction) unit(v, u int) error {
	name := p.net.Vertices[v].Name
	var rows []int
	for i, path := range p.paths {
		if end := path[len(path)-1]; end.Vertex == v && end.Unit == u {
			rows = append(rows, i)
		}
	}
	type target struct {
		at   Unit
		w, s *float64
	}
	var targets []target
	for _, o := range p.net.Vertices[v].Out {
		e := &p.net.Vertices[o.Target].In[o.In]
		for r := range p.net.Vertices[o.Target].Dim {
			targets = append(targets, target{Unit{p.net.Vertices[o.Target].Name, r}, &e.W[r*e.Cols+u], &p.signs[o.Target][o.In][r*e.Cols+u]})
		}
	}
	best, row, star := 0.0, -1, -1
	for _, i := range rows {
		for k, t := range targets {
			if x := math.Abs(p.entries[i][t.at]); x > best {
				best, row, star = x, i, k
			}
		}
	}
	if row < 0 {
		return &EmbeddingError{name, u, "all paths through it are 0, so its weights leave no trace; remove the unit"}
	}
	sign := math.Copysign(1, *targets[star].s)
	if *targets[star].s == 0 {
		return &EmbeddingError{name, u, fmt.Sprintf("the sign of its weight to %v is needed, and is 0 in signs", targets[star].at)}
	}
	top := p.entries[row][targets[star].at]
	for k := range targets {
		*targets[k].w = p.entries[row][targets[k].at] / top * sign
	}
	for _, i := range rows {
		x := p.entries[i][targets[star].at] / *targets[star].w
		for k := range targets {
			if gap := math.Abs(p.entries[i][targets[k].at] - x**targets[k].w); gap > p.tol*best {
				return &EmbeddingError{name, u, fmt.Sprintf("the entries of its paths are not of rank one (gap %.3g of the largest): this is no path embedding", gap/best)}
			}
		}
		path := p.paths[i]
		j := p.add(path[:len(path)-1])
		p.entries[j][Unit{name, u}] = x
	}
	return nil
}

// sources reads the weights that leave inputs and biases, once no hidden vertex is left.
func (p *reconstruction) sources() {
	for i := range p.net.Vertices {
		for k := range p.net.Vertices[i].In {
			e := &p.net.Vertices[i].In[k]
			if !p.net.Vertices[e.Source].IsSource() {
				continue
			}
			for r := range p.net.Vertices[i].Dim {
				for c := range e.Cols {
					if j, ok := p.key[keyOf(pieces.Path{{Vertex: e.Source, Unit: c, Arrow: -1}})]; ok {
						e.W[r*e.Cols+c] = p.entries[j][Unit{p.net.Vertices[i].Name, r}]
					}
				}
			}
		}
	}
}

// flat returns the entries row by row; nil for an empty matrix.
func flat(m *mat.Dense) []float64 {
	if m.IsEmpty() {
		return nil
	}
	return mat.DenseCopyOf(m).RawMatrix().Data
}
