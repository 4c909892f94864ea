package layers

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// BiasName is the name of the bias vertex in the networks that this package builds.
const BiasName = "one"

// MLP returns the multilayer perceptron of the given widths: vertices "x", "h1", …,
// "y", the activation on the hidden ones, the identity on the output, and a bias
// vertex "one" that feeds all but the input (arXiv 2107.02550, §3). With two widths
// it is an affine map. It needs at least two widths.
func MLP(act quiver.Activation, dims ...int) (*quiver.Quiver, error) {
	if len(dims) < 2 {
		return nil, refusal("MLP", fmt.Sprintf("widths %v", dims), "want at least an input and an output")
	}
	parts := []quiver.Part{quiver.Input("x", dims[0]), quiver.Bias(BiasName)}
	from := "x"
	for i, d := range dims[1:] {
		name := fmt.Sprintf("h%d", i+1)
		if i == len(dims)-2 {
			name = "y"
			parts = append(parts, quiver.Output(name, d, nil))
		} else {
			parts = append(parts, quiver.Hidden(name, d, act))
		}
		parts = append(parts, Affine(from, name)...)
		from = name
	}
	return quiver.New(parts...)
}

// Affine returns the arrow from → to and a bias arrow into to.
func Affine(from, to string) []quiver.Part {
	return []quiver.Part{quiver.Connect(from, to), quiver.Connect(BiasName, to)}
}

// ResidualBlock returns a vertex name of dimension dim, which must be that of
// from, that computes act(from + W·u) with u = act(V·from + b) of dimension inner.
// The skip is a fixed identity; u is named name.u. After compression the skip is a
// fixed matrix and in general no identity any more.
func ResidualBlock(name, from string, dim, inner int, act quiver.Activation) []quiver.Part {
	u := name + ".u"
	return append(append([]quiver.Part{quiver.Hidden(u, inner, act), quiver.Hidden(name, dim, act)}, Affine(from, u)...),
		quiver.Connect(from, name, quiver.Frozen(quiver.Eye(dim))), quiver.Connect(u, name))
}

// Residual returns a residual network: x → h0 of width dim, then blocks residual
// blocks b1, b2, … with inner width inner, then an affine output y.
func Residual(act quiver.Activation, in, dim, inner, blocks, out int) (*quiver.Quiver, error) {
	if blocks < 0 || blocks > 1<<24 {
		return nil, refusal("Residual", fmt.Sprintf("%d blocks", blocks), "want 0 or more, and at most 16777216")
	}
	parts := append([]quiver.Part{quiver.Input("x", in), quiver.Bias(BiasName), quiver.Hidden("h0", dim, act)}, Affine("x", "h0")...)
	from := "h0"
	for i := range blocks {
		name := fmt.Sprintf("b%d", i+1)
		parts = append(parts, ResidualBlock(name, from, dim, inner, act)...)
		from = name
	}
	return quiver.New(append(append(parts, quiver.Output("y", out, nil)), Affine(from, "y")...)...)
}

// DenseBlock returns hidden vertices of the given widths, named name1, name2, …,
// each fed by all of froms, by all earlier ones and by the bias.
func DenseBlock(name string, froms []string, act quiver.Activation, dims ...int) []quiver.Part {
	froms = append([]string(nil), froms...)
	var parts []quiver.Part
	for i, d := range dims {
		v := fmt.Sprintf("%s%d", name, i+1)
		parts = append(parts, quiver.Hidden(v, d, act), quiver.Connect(BiasName, v))
		for _, f := range froms {
			parts = append(parts, quiver.Connect(f, v))
		}
		froms = append(froms, v)
	}
	return parts
}

// DenseNet returns the network in which every vertex feeds every later one, with
// names as in MLP.
func DenseNet(act quiver.Activation, dims ...int) (*quiver.Quiver, error) {
	if len(dims) < 2 {
		return nil, refusal("DenseNet", fmt.Sprintf("widths %v", dims), "want at least an input and an output")
	}
	last := len(dims) - 1
	parts := []quiver.Part{quiver.Input("x", dims[0]), quiver.Bias(BiasName)}
	parts = append(parts, DenseBlock("h", []string{"x"}, act, dims[1:last]...)...)
	parts = append(parts, quiver.Output("y", dims[last], nil), quiver.Connect("x", "y"), quiver.Connect(BiasName, "y"))
	for i := 1; i < last; i++ {
		parts = append(parts, quiver.Connect(fmt.Sprintf("h%d", i), "y"))
	}
	return quiver.New(parts...)
}

// UNet returns a chain with lateral skips between mirrored hidden vertices, h1 to
// the last, h2 to the last but one, and so on, the bottom one without; names as in MLP. It
// needs an odd number of widths, at least three.
func UNet(act quiver.Activation, dims ...int) (*quiver.Quiver, error) {
	if len(dims) < 3 || len(dims)%2 == 0 {
		return nil, refusal("UNet", fmt.Sprintf("widths %v", dims), "want an odd number of widths, at least three")
	}
	chain, err := MLP(act, dims...)
	if err != nil {
		return nil, err
	}
	parts := chain.Parts()
	for i, j := 1, len(dims)-2; i < j; i, j = i+1, j-1 {
		parts = append(parts, Lateral(fmt.Sprintf("h%d", i), fmt.Sprintf("h%d", j)))
	}
	return quiver.New(parts...)
}

// Lateral returns a trainable skip from → to.
func Lateral(from, to string) quiver.Part { return quiver.Connect(from, to) }

// Branch names a vertex and its dimension, for Concat and Split.
type Branch struct {
	Name string
	Dim  int
}

// Concat returns a hidden vertex that stacks the branches in order and applies act
// to the stack: fixed inclusions, no numbers.
func Concat(name string, act quiver.Activation, branches ...Branch) []quiver.Part {
	n := 0
	for _, b := range branches {
		n += b.Dim
	}
	parts := []quiver.Part{quiver.Hidden(name, n, act)}
	at := 0
	for _, b := range branches {
		parts = append(parts, quiver.Connect(b.Name, name, quiver.Frozen(quiver.Inclusion{Rows: n, Cols: b.Dim, Row: at, K: b.Dim})))
		at += b.Dim
	}
	return parts
}

// Split returns one hidden vertex per branch that takes its run of coordinates of
// from, in order, and applies act. dim is the dimension of from.
func Split(from string, dim int, act quiver.Activation, branches ...Branch) []quiver.Part {
	var parts []quiver.Part
	at := 0
	for _, b := range branches {
		parts = append(parts, quiver.Hidden(b.Name, b.Dim, act),
			quiver.Connect(from, b.Name, quiver.Frozen(quiver.Inclusion{Rows: b.Dim, Cols: dim, Col: at, K: b.Dim})))
		at += b.Dim
	}
	return parts
}

// LayerNorm returns a hidden vertex name that normalises from, of dimension d: a fixed
// centring arrow I − 11ᵀ/d, then RMSNorm(d, eps). With affine a trainable gain and bias
// per coordinate follow inside the activation ([Gain]), and the vertex keeps its width under
// compression. Without, the arrows that leave the vertex take over the gain, and their target's
// bias the bias: the same functions, trained differently, and the vertex compresses, d staying the
// constant of the norm. It panics with *ConstantError as RMSNorm does.
func LayerNorm(name, from string, d int, eps float64, affine bool) []quiver.Part {
	act := RMSNorm(d, eps)
	if d > 1<<16 {
		panic(refusal("layernorm", fmt.Sprint(d), "want a dimension of at most 65536: the centring arrow is d×d"))
	}
	c := mat.NewDense(max(d, 1), max(d, 1), nil)
	c.Apply(func(i, j int, _ float64) float64 {
		x := -1 / float64(d)
		if i == j {
			x++
		}
		return x
	}, c)
	if affine {
		act = Gain(act, true)
	}
	return []quiver.Part{quiver.Hidden(name, d, act), quiver.Connect(from, name, quiver.Frozen(c))}
}
