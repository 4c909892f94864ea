package main

import (
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// The quiver with 192 arrows: three layers of eight vertices of dimension 16 after eight inputs, each
// vertex fed by all of the layer before and by the bias, radial sigmoid at each vertex. Its
// steps are forward passes; its loss is the mean square of the outputs.
const (
	arrowLayers = 3
	arrowWidth  = 8
	arrowDim    = 16
)

func vertexName(layer, i int) string { return fmt.Sprintf("v%d.%d", layer, i) }

// arrowQuiver returns the quiver with weights and a batch of n samples.
func arrowQuiver(n int) (w *quiver.Rep, xs []*mat.Dense, err error) {
	parts := []quiver.Part{quiver.Bias(layers.BiasName)}
	act := layers.Radial(layers.Sigmoid)
	for l := range arrowLayers + 1 {
		for i := range arrowWidth {
			v := vertexName(l, i)
			switch l {
			case 0:
				parts = append(parts, quiver.Input(v, arrowDim))
				continue
			case arrowLayers:
				parts = append(parts, quiver.Output(v, arrowDim, act))
			default:
				parts = append(parts, quiver.Hidden(v, arrowDim, act))
			}
			parts = append(parts, quiver.Connect(layers.BiasName, v))
			for j := range arrowWidth {
				parts = append(parts, quiver.Connect(vertexName(l-1, j), v))
			}
		}
	}
	q, err := quiver.New(parts...)
	if err != nil {
		return nil, nil, err
	}
	rng := rand.New(rand.NewPCG(192, 16))
	for range arrowWidth {
		x := mat.NewDense(n, arrowDim, nil)
		x.Apply(func(_, _ int, _ float64) float64 { return rng.NormFloat64() }, x)
		xs = append(xs, x)
	}
	return quiver.Random(q, nil, rand.NewPCG(8, 8)), xs, nil
}

// meanSquare is the mean of the squares of all outputs.
func meanSquare(ys [][]float64) float64 {
	var s float64
	n := 0
	for _, y := range ys {
		for _, v := range y {
			s += v * v
		}
		n += len(y)
	}
	return s / float64(n)
}

// oursArrows is the forward pass of this library.
type oursArrows struct {
	p       *graph.Program
	w       *quiver.Rep
	xs, dst []*mat.Dense
}

func newOursArrows(n int) (*oursArrows, error) {
	w, xs, err := arrowQuiver(n)
	if err != nil {
		return nil, err
	}
	p, err := graph.Compile(w.Quiver())
	if err != nil {
		return nil, err
	}
	o := &oursArrows{p: p, w: w, xs: xs}
	for range arrowWidth {
		o.dst = append(o.dst, mat.NewDense(n, arrowDim, nil))
	}
	return o, nil
}

func (o *oursArrows) reset() error { return nil }

func (o *oursArrows) run(steps int) error {
	for range steps {
		if err := o.p.ForwardTo(o.dst, o.w, o.xs...); err != nil {
			return err
		}
	}
	return nil
}

func (o *oursArrows) loss() (float64, error) {
	var ys [][]float64
	for _, y := range o.dst {
		ys = append(ys, y.RawMatrix().Data)
	}
	return meanSquare(ys), nil
}

// builtinArrows is the same graph from Gorgonia's own nodes, run by its TapeMachine.
type builtinArrows struct {
	vm   gorgonia.VM
	outs []gorgonia.Value
}

func newBuiltinArrows(n int) (_ *builtinArrows, err error) {
	defer recovered(&err)
	w, xs, err := arrowQuiver(n)
	if err != nil {
		return nil, err
	}
	g := gorgonia.NewGraph()
	var layer gorgonia.Nodes
	for i, x := range xs {
		layer = append(layer, gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithName(vertexName(0, i)), gorgonia.WithShape(n, arrowDim), gorgonia.WithValue(dense(x))))
	}
	for l := 1; l <= arrowLayers; l++ {
		var next gorgonia.Nodes
		for i := range arrowWidth {
			v := vertexName(l, i)
			var z *gorgonia.Node
			for j, x := range layer {
				name := vertexName(l-1, j) + "->" + v
				m := gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithName(name), gorgonia.WithShape(arrowDim, arrowDim), gorgonia.WithValue(dense(w.Arrow(name).T())))
				if p := gorgonia.Must(gorgonia.Mul(x, m)); z == nil {
					z = p
				} else {
					z = gorgonia.Must(gorgonia.Add(z, p))
				}
			}
			name := layers.BiasName + "->" + v
			b := gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithName(name), gorgonia.WithShape(1, arrowDim), gorgonia.WithValue(dense(w.Arrow(name).T())))
			next = append(next, radialNodes(gorgonia.Must(gorgonia.BroadcastAdd(z, b, nil, []byte{0}))))
		}
		layer = next
	}
	b := &builtinArrows{outs: make([]gorgonia.Value, len(layer))}
	for i, y := range layer {
		gorgonia.Read(y, &b.outs[i])
	}
	b.vm = gorgonia.NewTapeMachine(g)
	return b, nil
}

func (b *builtinArrows) reset() error { return nil }

func (b *builtinArrows) run(steps int) error {
	for range steps {
		if err := b.vm.RunAll(); err != nil {
			return err
		}
		b.vm.Reset()
	}
	return nil
}

func (b *builtinArrows) loss() (float64, error) {
	var ys [][]float64
	for _, v := range b.outs {
		ys = append(ys, v.Data().([]float64))
	}
	return meanSquare(ys), nil
}
