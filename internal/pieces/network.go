package pieces

import (
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/exact"
	"github.com/quivernet/quivernet/quiver"
)

// Network is a representation laid out for passes: matrices as flat slices, the place of each
// number in the slab, the slopes and kinks of each activation. It shares the numbers of Rep: who
// changes them changes the network, except for RowNorms and Watched.
type Network struct {
	Rep      *quiver.Rep
	Vertices []Vertex // in topological order
	Inputs   []int    // places of the inputs in Vertices, in declared order
	Outputs  []int
	Biases   []int
	Watched  [][]bool // by vertex and unit: parameters or inputs move it, and it leads to an output
	InDim    int      // Σ dim of the inputs: one sample is a row of this length
	OutDim   int      // Σ dim of the outputs
	Params   int      // length of the slab

	// Rational stands for the slab in rational arithmetic, where it is given.
	Rational []exact.Rational
}

// Vertex is a vertex of a network, with what is known of its activation. A unit is one coordinate.
type Vertex struct {
	Name            string
	Kind            quiver.Kind
	Dim             int
	Act             quiver.Activation // nil at inputs and biases
	Jet             quiver.PointJet   // of a pointwise activation without parameters, else nil
	PiecewiseLinear bool              // linear on each side of 0, with these Slopes
	Slopes          Slopes
	Degree          float64   // of positive homogeneity; 0 where there is none
	Kinks           []float64 // where the activation has no derivative
	In              []Arrow
	Out             []Outgoing
	Params          []float64 // of the activation
	ParamOffset     int       // their place in the slab
	Row             int       // first row in the stack of the outputs, or -1
	Col             int       // first column in the stack of the inputs, or -1
}

// Arrow is an arrow seen from its target. W is dim(target) × dim(source), row-major.
type Arrow struct {
	Name     string
	Source   int // place in Vertices
	Cols     int // dim(source)
	W        []float64
	Offset   int       // place of W in the slab, -1 where the arrow is fixed
	Tied     bool      // another arrow has the same matrix
	RowNorms []float64 // ‖W[r,·]‖
}

// Outgoing is an arrow seen from its source: number In among the arrows into vertex Target.
type Outgoing struct{ Target, In int }

// IsSource reports whether nothing enters a vertex: an input or a bias.
func (v *Vertex) IsSource() bool { return v.Kind == quiver.KindInput || v.Kind == quiver.KindBias }

// Scalable reports whether the units of a vertex can be rescaled: it is hidden, and its activation
// positively homogeneous.
func (v *Vertex) Scalable() bool { return v.Kind == quiver.KindHidden && v.Degree > 0 }

// Of lays out w. Errors: quiver.InputError for a nil or zero representation, quiver.NonFiniteError.
func Of(w *quiver.Rep) (*Network, error) {
	if err := w.CheckFinite(); err != nil {
		return nil, err
	}
	q := w.Quiver()
	net := &Network{Rep: w, Params: q.NumParams()}
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
	known := make(map[string]Vertex) // activations are examined once
	for i, qv := range q.Vertices() {
		v := Vertex{Name: qv.Name, Kind: qv.Kind, Dim: qv.Dim, Act: qv.Act, Row: -1, Col: -1, Params: w.ParamsAt(i), ParamOffset: paramAt[qv.Name]}
		if qv.Act != nil {
			k, ok := known[qv.Act.String()]
			if !ok {
				k.Slopes, k.PiecewiseLinear = SlopesOf(qv.Act)
				k.Degree, _ = DegreeOf(qv.Act)
				k.Kinks = KinksOf(qv.Act)
				known[qv.Act.String()] = k
			}
			v.Slopes, v.PiecewiseLinear, v.Degree, v.Kinks = k.Slopes, k.PiecewiseLinear, k.Degree, k.Kinks
			if _, trained := qv.Act.(quiver.Parametric); !trained {
				v.Jet, _ = qv.Act.(quiver.PointJet)
			}
		}
		for _, a := range q.In(i) {
			arrow := arrows[a]
			e := Arrow{Name: arrow.Name, Source: arrow.Source, Cols: arrow.Cols, Offset: -1, Tied: tied[arrow.Name]}
			switch {
			case arrow.Rows*arrow.Cols == 0:
			case arrow.Fixed:
				e.W = mat.DenseCopyOf(w.Fixed(a)).RawMatrix().Data
			default:
				e.W = w.Block(a)
			}
			if !arrow.Fixed {
				root := arrow.Name
				if arrow.TiedTo != "" {
					root = arrow.TiedTo
				}
				e.Offset = at[root]
			}
			for r := range arrow.Rows {
				e.RowNorms = append(e.RowNorms, Norm(e.W[r*e.Cols:(r+1)*e.Cols]))
			}
			v.In = append(v.In, e)
			net.Vertices[arrow.Source].Out = append(net.Vertices[arrow.Source].Out, Outgoing{i, len(v.In) - 1})
		}
		if qv.Kind == quiver.KindBias {
			net.Biases = append(net.Biases, i)
		}
		net.Vertices = append(net.Vertices, v)
	}
	for _, name := range q.Inputs() {
		i, _ := q.VertexIndex(name)
		net.Vertices[i].Col = net.InDim
		net.Inputs = append(net.Inputs, i)
		net.InDim += net.Vertices[i].Dim
	}
	for _, name := range q.Outputs() {
		i, _ := q.VertexIndex(name)
		net.Vertices[i].Row = net.OutDim
		net.Outputs = append(net.Outputs, i)
		net.OutDim += net.Vertices[i].Dim
	}
	net.watch()
	return net, nil
}

// watch finds the units whose kinks matter: some entry leads to them, and they are
// outputs or lead to one.
func (net *Network) watch() {
	net.Watched = net.live(net.Feeders())
	for i := range net.Vertices {
		v := &net.Vertices[i]
		for r := range v.Dim {
			moved := false
			for k := range v.In {
				for c := range v.In[k].Cols {
					moved = moved || v.In[k].exists(r, c)
				}
			}
			net.Watched[i][r] = moved && (net.Watched[i][r] || v.Row >= 0)
		}
	}
}

// CheckLinear returns an ActivationError unless every vertex is linear on each side
// of the origin; op names what was asked for.
func (net *Network) CheckLinear(op string) error {
	for i := range net.Vertices {
		if v := &net.Vertices[i]; !v.IsSource() && !v.PiecewiseLinear {
			return &ActivationError{op, v.Name, v.Act.String(), "want a pointwise activation that is linear on each side of 0, such as ReLU, leaky ReLU, absolute value or identity"}
		}
	}
	return nil
}

// CheckOutputs returns an ActivationError unless every output is linear with slope 1.
func (net *Network) CheckOutputs(op string) error {
	for _, o := range net.Outputs {
		if v := &net.Vertices[o]; !v.PiecewiseLinear || v.Slopes != (Slopes{1, 1}) {
			return &ActivationError{op, v.Name, v.Act.String(), "want the identity at outputs"}
		}
	}
	return nil
}

// Pair lays out two representations of one quiver. Errors: quiver.LayoutError, and those of Of.
func Pair(a, b *quiver.Rep) (na, nb *Network, err error) {
	if na, err = Of(a); err != nil {
		return nil, nil, err
	}
	if nb, err = Of(b); err != nil {
		return nil, nil, err
	}
	return na, nb, a.Fits(b)
}

// LinearToOutputs is Linear for a representation whose outputs are the identity, too.
func LinearToOutputs(w *quiver.Rep, op string) (*Network, error) {
	net, err := Of(w)
	if err != nil {
		return nil, err
	}
	if err := net.CheckLinear(op); err != nil {
		return nil, err
	}
	return net, net.CheckOutputs(op)
}

// Linear lays out a representation that must be piecewise linear at every vertex; op names what was
// asked for. Errors: ActivationError, and those of Of.
func Linear(w *quiver.Rep, op string) (*Network, error) {
	net, err := Of(w)
	if err != nil {
		return nil, err
	}
	return net, net.CheckLinear(op)
}
