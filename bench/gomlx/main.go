// Command gomlx trains the networks of the benchmarks with GoMLX on its pure Go backend. It is a module
// of its own, so that nothing of it reaches the library. The benchmarks build it
// and talk with it; see ../README.md.
package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	//lint:ignore ST1001 programs with GoMLX are written so
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/nn"
)

var backend compute.Backend

// net is a network in training: one compiled graph with forward, backward and update, whose weights are
// donated to it and come back new.
type net struct {
	step, value *Graph
	start       []*tensors.Tensor
	params      []*tensors.Tensor
	data        []compute.Buffer // x and y
	last        *tensors.Tensor
	bufs        []compute.Buffer
	donate      []bool
}

// forward is the network; params are W0, b0, W1, …, W in×out.
func forward(in *instance, params []*Node, x *Node) *Node {
	for i := range in.layers {
		x = nn.Dense(x, params[2*i], params[2*i+1], compute.DenseLayoutInputOutputs)
		switch {
		case i == in.layers-1:
		case in.act == "relu":
			x = Max(x, ZerosLike(x))
		default: // ρ(v) = σ(|v|)/|v|·v
			r := L2Norm(x, -1)
			x = Mul(x, Div(Sigmoid(r), r))
		}
	}
	return x
}

func criterion(in *instance, out, y *Node) *Node {
	if in.loss == "softmaxce" {
		n := out.Shape().Dimensions[0]
		return MulScalar(ReduceAllSum(Mul(LogSoftmax(out), y)), -1/float64(n))
	}
	return ReduceAllMean(Square(Sub(out, y)))
}

func newNet(in *instance) (*net, error) {
	n := &net{}
	of := dtypes.Float64
	if in.single {
		of = dtypes.Float32
	}
	make2 := func(a array, transposed, vector bool) *tensors.Tensor {
		r, c := a.shape[0], a.shape[1]
		data := a.data
		if transposed {
			data = make([]float64, len(a.data))
			for i := range r {
				for j := range c {
					data[j*r+i] = a.data[i*c+j]
				}
			}
			r, c = c, r
		}
		dims := []int{r, c}
		if vector {
			dims = []int{r * c}
		}
		if !in.single {
			return tensors.FromFlatDataAndDimensions(data, dims...)
		}
		s := make([]float32, len(data))
		for i, v := range data {
			s[i] = float32(v)
		}
		return tensors.FromFlatDataAndDimensions(s, dims...)
	}
	for i := range in.layers {
		n.start = append(n.start, make2(in.arrays[fmt.Sprintf("W%d", i)], true, false), make2(in.arrays[fmt.Sprintf("b%d", i)], false, true))
	}
	y := in.arrays["y"]
	if in.loss == "softmaxce" {
		k := n.start[len(n.start)-1].Shape().Dimensions[0]
		hot := array{[2]int{y.shape[0], k}, make([]float64, y.shape[0]*k)}
		for i, c := range y.data {
			hot.data[i*k+int(c)] = 1
		}
		y = hot
	}
	data := []*tensors.Tensor{make2(in.arrays["x"], false, false), make2(y, false, false)}
	for _, t := range data {
		b, err := t.Buffer(backend, 0)
		if err != nil {
			return nil, err
		}
		n.data = append(n.data, b)
	}
	declare := func(g *Graph) (params []*Node, loss *Node) {
		node := func(name string, t *tensors.Tensor) *Node {
			return Parameter(g, name, shapes.Make(of, t.Shape().Dimensions...))
		}
		for i, t := range n.start {
			params = append(params, node(fmt.Sprintf("p%d", i), t))
		}
		x, y := node("x", data[0]), node("y", data[1])
		return params, criterion(in, forward(in, params, x), y)
	}
	n.step = NewGraph(backend, "step")
	params, loss := declare(n.step)
	var outs []*Node
	for i, g := range Gradient(loss, params...) {
		outs = append(outs, Sub(params[i], MulScalar(g, in.rate)))
	}
	if err := n.step.Compile(append(outs, loss)...); err != nil {
		return nil, err
	}
	n.value = NewGraph(backend, "value")
	_, loss = declare(n.value)
	if err := n.value.Compile(loss); err != nil {
		return nil, err
	}
	n.bufs, n.donate = make([]compute.Buffer, len(n.start)+2), make([]bool, len(n.start)+2)
	copy(n.bufs[len(n.start):], n.data)
	for i := range n.start {
		n.donate[i] = true
	}
	n.reset()
	return n, nil
}

func (n *net) reset() {
	n.params = nil
	for _, t := range n.start {
		c, err := t.OnDeviceClone(backend, 0)
		if err != nil {
			panic(err)
		}
		n.params = append(n.params, c)
	}
}

func (n *net) run(steps int) {
	for range steps {
		for i, p := range n.params {
			b, err := p.DonateBuffer(backend, 0)
			if err != nil {
				panic(err)
			}
			n.bufs[i] = b
		}
		if n.last != nil {
			n.last.MustFinalizeAll()
		}
		outs := n.step.RunWithBuffers(n.bufs, n.donate, 0)
		n.params, n.last = outs[:len(n.params)], outs[len(n.params)]
	}
}

// loss evaluates at the current weights.
func (n *net) loss() float64 {
	for i, p := range n.params {
		b, err := p.Buffer(backend, 0)
		if err != nil {
			panic(err)
		}
		n.bufs[i] = b
	}
	v := n.value.RunWithBuffers(n.bufs, make([]bool, len(n.bufs)), 0)[0]
	if f, ok := v.Value().(float32); ok {
		return float64(f)
	}
	return v.Value().(float64)
}

func main() {
	var err error
	// One operation after the other: with one thread there is nothing to overlap.
	if backend, err = gobackend.New("ops_sequential"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	version, experiment := "(devel)", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			if d.Path == "github.com/gomlx/gomlx" {
				version = d.Version
			}
		}
		for _, s := range info.Settings {
			if s.Key == "GOEXPERIMENT" {
				experiment = ", GOEXPERIMENT=" + s.Value
			}
		}
	}
	variant := "gomlx"
	if len(os.Args) > 1 {
		variant = os.Args[1]
	}
	serve(variant, map[string]any{
		"version": fmt.Sprintf("gomlx %s, %s%s", version, runtime.Version(), experiment),
		"threads": runtime.GOMAXPROCS(0), "blas": "its own, in Go",
	})
}
