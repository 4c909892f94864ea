package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/data"
	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// network is a multilayer perceptron with a bias in each layer and the identity at the output,
// and how it is trained: full batches, plain gradient descent.
type network struct {
	name    string
	dims    []int
	act     string // radial-sigmoid or relu
	loss    string // mse or softmaxce
	float32 bool
	rate    float64
}

// The networks of the table: the one of the timing experiment of arXiv 2107.02550 (exp. 3),
// what compression leaves of it, and a wide classifier.
var (
	reduced = network{"reduced", []int{2, 3, 4, 5, 6, 2}, "radial-sigmoid", "mse", false, 0.01}
	full    = network{"full", []int{2, 16, 64, 128, 16, 2}, "radial-sigmoid", "mse", false, 0.01}
	wide    = network{"784", []int{784, 512, 512, 10}, "relu", "softmaxce", true, 0.02}
)

// kind is what is timed.
type kind uint8

const (
	training kind = iota // forward, backward and update
	arrows               // forward through the quiver with 192 arrows
)

// benchCase is a network with a batch size.
type benchCase struct {
	network
	batch int
	kind  kind
}

func (c benchCase) String() string {
	if c.kind == arrows {
		return "arrows"
	}
	return fmt.Sprintf("%s/%d", c.name, c.batch)
}

// allCases are the rows of the report, in its order.
var allCases = []benchCase{
	{reduced, 121, training}, {reduced, 1024, training},
	{full, 121, training}, {full, 1024, training},
	{wide, 128, training}, {wide, 1024, training},
	{network{name: "arrows"}, 121, arrows},
}

// findCase returns the case of a name.
func findCase(name string) (benchCase, error) {
	for _, c := range allCases {
		if c.String() == name {
			return c, nil
		}
	}
	return benchCase{}, &UnknownError{"case", name, names(allCases)}
}

func names[T fmt.Stringer](list []T) []string {
	var out []string
	for _, x := range list {
		out = append(out, x.String())
	}
	return out
}

// selectCases returns the cases of a comma-separated list of names, which may be the names of
// networks; "" is all.
func selectCases(list string) ([]benchCase, error) {
	if list == "" {
		return allCases, nil
	}
	var out []benchCase
	for _, name := range strings.Split(list, ",") {
		found := false
		for _, c := range allCases {
			if c.String() == name || c.name == name {
				found = true
				if !slices.ContainsFunc(out, func(d benchCase) bool { return d.String() == c.String() }) {
					out = append(out, c)
				}
			}
		}
		if !found {
			return nil, &UnknownError{"case", name, names(allCases)}
		}
	}
	return out, nil
}

// UnknownError is a name that the command does not know.
type UnknownError struct {
	What, Name string
	Known      []string
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("no %s %q; there are %s", e.What, e.Name, strings.Join(e.Known, ", "))
}

// quiver returns the network as a quiver.
func (n network) quiver() (*quiver.Quiver, error) {
	act := layers.Radial(layers.Sigmoid)
	if n.act == "relu" {
		act = layers.Pointwise(layers.ReLU)
	}
	return layers.MLP(act, n.dims...)
}

// options are those of graph.Compile.
func (n network) options(more ...graph.Option) []graph.Option {
	l := graph.MSE
	if n.loss == "softmaxce" {
		l = graph.SoftmaxCE
	}
	opts := append([]graph.Option{graph.Loss("y", l, 1)}, more...)
	if n.float32 {
		opts = append(opts, graph.Float32)
	}
	return opts
}

// instance makes weights and data of the case, always the same ones. The radial networks learn
// σ on each coordinate of a grid, as the program of arXiv 2107.02550 does; the classifier
// learns the largest of ten random linear functions of 784 normal numbers.
func (c benchCase) instance() (*instance, error) {
	q, err := c.quiver()
	if err != nil {
		return nil, err
	}
	w := quiver.Random(q, nil, rand.NewPCG(5, 20210726))
	in := &instance{network: c.network}
	from := "x"
	for i := range len(c.dims) - 1 {
		to := fmt.Sprintf("h%d", i+1)
		if i == len(c.dims)-2 {
			to = "y"
		}
		in.ws = append(in.ws, mat.DenseCopyOf(w.Arrow(from+"->"+to)))
		in.bs = append(in.bs, mat.DenseCopyOf(w.Arrow(layers.BiasName+"->"+to)))
		from = to
	}
	if c.loss == "softmaxce" {
		in.x, in.y = classes(c.batch, c.dims[0], c.dims[len(c.dims)-1])
		return in, nil
	}
	if c.batch == 121 {
		in.x, in.y = data.Grid(11, data.Sigmoid)
	} else {
		in.x, in.y = data.Grid(32, data.Sigmoid)
	}
	return in, nil
}

// classes returns n samples of d numbers with the class, 0 … k−1, of each.
func classes(n, d, k int) (x, y *mat.Dense) {
	rng := rand.New(rand.NewPCG(784, 512))
	teacher := mat.NewDense(k, d, nil)
	teacher.Apply(func(_, _ int, _ float64) float64 { return rng.NormFloat64() }, teacher)
	x, y = mat.NewDense(n, d, nil), mat.NewDense(n, 1, nil)
	x.Apply(func(_, _ int, _ float64) float64 { return float64(float32(rng.NormFloat64())) }, x) // exact in single precision
	var scores mat.Dense
	scores.Mul(x, teacher.T())
	for i := range n {
		best := 0
		for j, s := range scores.RawRowView(i) {
			if s > scores.At(i, best) {
				best = j
			}
		}
		y.Set(i, 0, float64(best))
	}
	return x, y
}
