package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// script is the graph that somebody wrote with plain Gorgonia.
type script struct {
	c       config
	x, y    *gorgonia.Node
	weights gorgonia.Nodes
	cost    *gorgonia.Node
}

func newScript(c config) (s *script, err error) {
	s = &script{c: c}
	defer func() {
		if r := recover(); r != nil { // gorgonia.Must
			err = fmt.Errorf("the script: %v", r)
		}
	}()
	g := gorgonia.NewGraph()
	rng := rand.New(rand.NewPCG(1, 2))
	input := func(name string, rows, cols int, number func(i int) float64) *gorgonia.Node {
		x := make([]float64, rows*cols)
		for i := range x {
			x[i] = number(i)
		}
		return gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithName(name), gorgonia.WithShape(rows, cols),
			gorgonia.WithValue(tensor.New(tensor.WithShape(rows, cols), tensor.WithBacking(x))))
	}
	layer := func(x *gorgonia.Node, i, d int) *gorgonia.Node {
		k := x.Shape()[1]
		w := input(fmt.Sprintf("w%d", i), k, d, func(int) float64 { return rng.NormFloat64() / math.Sqrt(float64(k)) })
		b := input(fmt.Sprintf("b%d", i), 1, d, func(int) float64 { return 0.3 * rng.NormFloat64() })
		s.weights = append(s.weights, w, b)
		return gorgonia.Must(gorgonia.BroadcastAdd(gorgonia.Must(gorgonia.Mul(x, w)), b, nil, []byte{0}))
	}
	points := make([]float64, 2*c.samples)
	for i := range points {
		points[i] = 2 * rng.NormFloat64()
	}
	s.x = input("x", c.samples, 2, func(i int) float64 { return points[i] })
	s.y = input("y", c.samples, 1, func(i int) float64 { return math.Sin(points[2*i]) + 0.5*points[2*i+1] })

	h := radial(layer(s.x, 0, c.widths[0]))
	h = radial(layer(h, 1, c.widths[1]))
	p := layer(h, 2, 1)
	s.cost = gorgonia.Must(gorgonia.Mean(gorgonia.Must(gorgonia.Square(gorgonia.Must(gorgonia.Sub(p, s.y))))))
	return s, nil
}

// radial is v ↦ tanh|v|/|v|·v, row by row.
func radial(v *gorgonia.Node) *gorgonia.Node {
	n := gorgonia.Must(gorgonia.Norm(v, 1, 2))
	s := gorgonia.Must(gorgonia.HadamardDiv(gorgonia.Must(gorgonia.Tanh(n)), n))
	return gorgonia.Must(gorgonia.BroadcastHadamardProd(v, s, nil, []byte{1}))
}
