package identify

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/exact"
	"github.com/quivernet/quivernet/quiver"
)

// network is a representation laid out for the passes of this package: matrices as
// flat slices, the place of each number in the slab, slopes and kinks.
type network struct {
	w       *quiver.Rep
	q       *quiver.Quiver
	vs      []vertex
	inputs  []int // vertex positions in declared order
	outputs []int
	biases  []int
	watched [][]bool // units that parameters or inputs move and that lead to an output
	inDim   int      // Σ dim of the inputs: one sample is a row of this length
	outDim  int      // Σ dim of the outputs
	params  int      // length of the slab

	// rational stands for the slab in rational arithmetic where it is given.
	rational []exact.Rational
}

type vertex struct {
	name    string
	kind    quiver.Kind
	dim     int
	act     quiver.Activation
	point   quiver.PointJet // nil where the activation is not pointwise
	slopes  slopes          // where linear on each side
	pieces  bool            // slopes says what the activation does
	degree  float64         // of positive homogeneity; 0 where there is none
	kinks   []float64
	in      []edge
	out     []outgoing
	params  []float64
	paramAt int
	row     int // first row in the stack of the outputs, or -1
	col     int // first column in the stack of the inputs, or -1
}

// edge is an arrow seen from its target; m is dim(target)×dim(source), row-major.
type edge struct {
	arrow  int
	name   string
	source int
	cols   int
	m      []float64
	at     int // offset in the slab, -1 where the arrow is fixed
	tied   bool
	norms  []float64 // of the rows
}

// outgoing is an arrow seen from its source: edge number in of vertex target.
type outgoing struct{ target, in int }

func (v *vertex) isSource() bool { return v.kind == quiver.KindInput || v.kind == quiver.KindBias }
func (v *vertex) scalable() bool { return v.kind == quiver.KindHidden && v.degree > 0 }

// compile lays out w. Errors: quiver.InputError for a nil or zero representation, quiver.NonFiniteError.
func compile(w *quiver.Rep) (*network, error) {
	if err := w.CheckFinite(); err != nil {
		return nil, err
	}
	q := w.Quiver()
	net := &network{w: w, q: q, params: q.NumParams()}
	at := make(map[string]int)
	paramAt := make(map[string]int)
	o := 0
	for s, d := range w.Segments() {
		if s.Arrow != "" {
			at[s.Arrow] = o
		} else {
			paramAt[s.Vertex] = o
		}
		o += len(d)
	}
	arrows := q.Arrows()
	tied := make(map[string]bool)
	for _, a := range arrows {
		if a.TiedTo != "" {
			tied[a.Name], tied[a.TiedTo] = true, true
		}
	}
	known := make(map[string]vertex) // activations are examined once
	for i, qv := range q.Vertices() {
		v := vertex{name: qv.Name, kind: qv.Kind, dim: qv.Dim, act: qv.Act, row: -1, col: -1, params: w.ParamsAt(i), paramAt: paramAt[qv.Name]}
		if qv.Act != nil {
			k, ok := known[qv.Act.String()]
			if !ok {
				k.slopes, k.pieces = piecewiseLinear(qv.Act)
				k.degree, _ = degree(qv.Act)
				k.kinks = kinks(qv.Act)
				known[qv.Act.String()] = k
			}
			v.slopes, v.pieces, v.degree, v.kinks = k.slopes, k.pieces, k.degree, k.kinks
			if _, trained := qv.Act.(quiver.Parametric); !trained {
				v.point, _ = qv.Act.(quiver.PointJet)
			}
		}
		for _, a := range q.In(i) {
			arrow := arrows[a]
			e := edge{arrow: a, name: arrow.Name, source: arrow.Source, cols: arrow.Cols, at: -1, tied: tied[arrow.Name]}
			switch {
			case arrow.Rows*arrow.Cols == 0:
			case arrow.Fixed:
				e.m = mat.DenseCopyOf(w.Fixed(a)).RawMatrix().Data
			default:
				e.m = w.Block(a)
			}
			if !arrow.Fixed {
				root := arrow.Name
				if arrow.TiedTo != "" {
					root = arrow.TiedTo
				}
				e.at = at[root]
			}
			for r := range arrow.Rows {
				e.norms = append(e.norms, norm(e.m[r*e.cols:(r+1)*e.cols]))
			}
			v.in = append(v.in, e)
			net.vs[arrow.Source].out = append(net.vs[arrow.Source].out, outgoing{i, len(v.in) - 1})
		}
		if qv.Kind == quiver.KindBias {
			net.biases = append(net.biases, i)
		}
		net.vs = append(net.vs, v)
	}
	for _, name := range q.Inputs() {
		i, _ := q.VertexIndex(name)
		net.vs[i].col = net.inDim
		net.inputs = append(net.inputs, i)
		net.inDim += net.vs[i].dim
	}
	for _, name := range q.Outputs() {
		i, _ := q.VertexIndex(name)
		net.vs[i].row = net.outDim
		net.outputs = append(net.outputs, i)
		net.outDim += net.vs[i].dim
	}
	net.watch()
	return net, nil
}

// watch finds the units whose kinks matter: some entry leads to them, and they are
// outputs or lead to one.
func (net *network) watch() {
	net.watched = net.live(net.feeders())
	for i := range net.vs {
		v := &net.vs[i]
		for r := range v.dim {
			moved := false
			for k := range v.in {
				for c := range v.in[k].cols {
					moved = moved || v.in[k].exists(r, c)
				}
			}
			net.watched[i][r] = moved && (net.watched[i][r] || v.row >= 0)
		}
	}
}

// linearPieces returns an ActivationError unless every vertex is linear on each side
// of the origin; op names what was asked for.
func (net *network) linearPieces(op string) error {
	for i := range net.vs {
		if v := &net.vs[i]; !v.isSource() && !v.pieces {
			return &ActivationError{op, v.name, v.act.String(), "want a pointwise activation that is linear on each side of 0, such as ReLU, leaky ReLU, absolute value or identity"}
		}
	}
	return nil
}

// linearOutputs returns an ActivationError unless every output is linear with slope 1.
func (net *network) linearOutputs(op string) error {
	for _, o := range net.outputs {
		if v := &net.vs[o]; !v.pieces || v.slopes != (slopes{1, 1}) {
			return &ActivationError{op, v.name, v.act.String(), "want the identity at outputs"}
		}
	}
	return nil
}

// samples checks a batch and returns it as one row of length inDim per sample.
// Errors: quiver.InputError, quiver.ShapeError, quiver.NonFiniteError, EmptyError.
func (net *network) samples(xs []*mat.Dense) ([][]float64, error) {
	if len(xs) != len(net.inputs) {
		return nil, &quiver.InputError{Reason: fmt.Sprintf("%d input matrices, want %d (%v); give one per input in declared order", len(xs), len(net.inputs), net.q.Inputs())}
	}
	n := 1
	for k, v := range net.inputs {
		if xs[k] == nil {
			return nil, &quiver.InputError{Reason: fmt.Sprintf("input %q is nil; use &mat.Dense{} for an empty batch", net.vs[v].name)}
		}
		if net.vs[v].dim > 0 {
			n, _ = xs[k].Dims()
		}
	}
	if n == 0 {
		return nil, &EmptyError{"the batch has no samples"}
	}
	rows := make([][]float64, n)
	flat := make([]float64, n*net.inDim)
	for i := range rows {
		rows[i] = flat[i*net.inDim : (i+1)*net.inDim]
	}
	for k, p := range net.inputs {
		v := &net.vs[p]
		if v.dim == 0 {
			continue
		}
		r, c := xs[k].Dims()
		if r != n || c != v.dim {
			return nil, &quiver.ShapeError{Where: fmt.Sprintf("input %q", v.name), Rows: r, Cols: c, WantRows: n, WantCols: v.dim, Why: "samples × dim " + v.name}
		}
		for i := range n {
			for j := range c {
				x := xs[k].At(i, j)
				if math.IsNaN(x) || math.IsInf(x, 0) {
					return nil, &quiver.NonFiniteError{Where: fmt.Sprintf("input %q", v.name), Row: i, Col: j, Value: x}
				}
				rows[i][v.col+j] = x
			}
		}
	}
	return rows, nil
}

// batch is the inverse of samples: one matrix per input.
func (net *network) batch(rows [][]float64) []*mat.Dense {
	xs := make([]*mat.Dense, len(net.inputs))
	for k, p := range net.inputs {
		v := &net.vs[p]
		if v.dim == 0 || len(rows) == 0 {
			xs[k] = &mat.Dense{}
			continue
		}
		xs[k] = mat.NewDense(len(rows), v.dim, nil)
		for i, x := range rows {
			xs[k].SetRow(i, x[v.col:v.col+v.dim])
		}
	}
	return xs
}

// pair compiles two representations of one quiver. Errors: quiver.LayoutError, and those of
// compile.
func pair(a, b *quiver.Rep) (na, nb *network, err error) {
	if na, err = compile(a); err != nil {
		return nil, nil, err
	}
	if nb, err = compile(b); err != nil {
		return nil, nil, err
	}
	return na, nb, a.Fits(b)
}

// pathNet compiles w and checks that paths make sense for it.
func pathNet(w *quiver.Rep, op string) (*network, error) {
	net, err := compile(w)
	if err != nil {
		return nil, err
	}
	if err := net.linearPieces(op); err != nil {
		return nil, err
	}
	return net, net.linearOutputs(op)
}

// exactly compiles a representation that must be piecewise linear.
func exactly(w *quiver.Rep, op string) (*network, error) {
	net, err := compile(w)
	if err != nil {
		return nil, err
	}
	return net, net.linearPieces(op)
}
