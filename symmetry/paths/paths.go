package paths

import (
	"fmt"
	"math/big"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/quiver"
)

// Unit is one coordinate of a vertex.
type Unit struct {
	Vertex string `json:"vertex"`
	Index  int    `json:"index"`
}

// String returns "h1[2]".
func (u Unit) String() string { return fmt.Sprintf("%s[%d]", u.Vertex, u.Index) }

// Path is a path through the units of a quiver, from an input coordinate or a bias to
// a unit that feeds an output. The output itself is not part of it: it is a column
// index of the path embedding. Arrows[i] leads from Units[i] to Units[i+1].
type Path struct {
	Units  []Unit   `json:"units"`
	Arrows []string `json:"arrows"`
}

// String returns "x[0] h1[1] h2[0]".
func (p Path) String() string {
	var s []string
	for _, u := range p.Units {
		s = append(s, u.String())
	}
	return strings.Join(s, " ")
}

// name turns a path into a Path.
func named(net *pieces.Network, p pieces.Path) Path {
	var out Path
	for i, h := range p {
		out.Units = append(out.Units, Unit{net.Vertices[h.Vertex].Name, h.Unit})
		if i > 0 {
			out.Arrows = append(out.Arrows, net.Vertices[h.Vertex].In[h.Arrow].Name)
		}
	}
	return out
}

// NumPaths returns the number of paths, which grows like the product of the widths.
func NumPaths(w *quiver.Rep) (*big.Int, error) {
	net, err := pieces.Of(w)
	if err != nil {
		return nil, err
	}
	return net.CountPaths(net.Feeders()), nil
}

// Paths returns the paths in the order of the rows of PathEmbedding. limit bounds their
// number; 0 means 2·10⁶. Errors: LimitError, which carries the number.
func Paths(w *quiver.Rep, limit int) ([]Path, error) {
	net, err := pieces.Of(w)
	if err != nil {
		return nil, err
	}
	ps, err := net.Paths(limit, 1)
	if err != nil {
		return nil, err
	}
	out := make([]Path, len(ps))
	for i, p := range ps {
		out[i] = named(net, p)
	}
	return out, nil
}

// wrap makes a matrix of r×c numbers; &mat.Dense{} where there are none.
func wrap(r, c int, data []float64) *mat.Dense {
	if r == 0 || c == 0 {
		return &mat.Dense{}
	}
	return mat.NewDense(r, c, data)
}
