package main

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// stock trains with Gorgonia alone, the way its examples do: builtin operations, Grad, a TapeMachine
// with dual values, a solver.
type stock struct {
	vm     gorgonia.VM
	solver gorgonia.Solver
	params gorgonia.Nodes
	pairs  []gorgonia.ValueGrad
	start  []tensor.Tensor
	cost   gorgonia.Value
}

// recovered turns a panic of Gorgonia's Must into an error.
func recovered(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("gorgonia: %v", r)
	}
}

// dense returns m as a tensor of doubles.
func dense(m mat.Matrix) *tensor.Dense {
	d := mat.DenseCopyOf(m)
	r, c := d.Dims()
	return tensor.New(tensor.WithShape(r, c), tensor.WithBacking(d.RawMatrix().Data))
}

// singles returns m as a tensor of single precision.
func singles(m mat.Matrix) *tensor.Dense {
	d := mat.DenseCopyOf(m)
	r, c := d.Dims()
	x := make([]float32, r*c)
	for i, v := range d.RawMatrix().Data {
		x[i] = float32(v)
	}
	return tensor.New(tensor.WithShape(r, c), tensor.WithBacking(x))
}

// radialNodes is ρ(z) = σ(|z|)/|z|·z by row.
func radialNodes(z *gorgonia.Node) *gorgonia.Node {
	n := z.Shape()[0]
	r := gorgonia.Must(gorgonia.Sqrt(gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Square(z)), 1))))
	scale := gorgonia.Must(gorgonia.HadamardDiv(gorgonia.Must(gorgonia.Sigmoid(r)), r))
	scale = gorgonia.Must(gorgonia.Reshape(scale, tensor.Shape{n, 1}))
	return gorgonia.Must(gorgonia.BroadcastHadamardProd(z, scale, nil, []byte{1}))
}

func newStock(in *instance) (_ *stock, err error) {
	defer recovered(&err)
	g := gorgonia.NewGraph()
	value, of := dense, tensor.Float64
	if in.float32 {
		value, of = singles, tensor.Float32
	}
	input := func(name string, m mat.Matrix) *gorgonia.Node {
		r, c := m.Dims()
		return gorgonia.NewMatrix(g, of, gorgonia.WithName(name), gorgonia.WithShape(r, c), gorgonia.WithValue(value(m)))
	}
	s := &stock{}
	x := input("x", in.x)
	for i := range in.ws {
		w, b := input(fmt.Sprintf("W%d", i), in.ws[i].T()), input(fmt.Sprintf("b%d", i), in.bs[i].T())
		s.params = append(s.params, w, b)
		x = gorgonia.Must(gorgonia.BroadcastAdd(gorgonia.Must(gorgonia.Mul(x, w)), b, nil, []byte{0}))
		switch {
		case i == len(in.ws)-1:
		case in.act == "relu":
			x = gorgonia.Must(gorgonia.Rectify(x))
		default:
			x = radialNodes(x)
		}
	}
	var cost *gorgonia.Node
	if in.loss == "softmaxce" {
		t := input("t", in.oneHot())
		p := gorgonia.Must(gorgonia.HadamardProd(gorgonia.Must(gorgonia.Log(gorgonia.Must(gorgonia.SoftMax(x)))), t))
		n, _ := in.x.Dims()
		var share any = -1 / float64(n)
		if in.float32 {
			share = float32(share.(float64))
		}
		cost = gorgonia.Must(gorgonia.HadamardProd(gorgonia.NewConstant(share), gorgonia.Must(gorgonia.Sum(p))))
	} else {
		t := input("t", in.y)
		cost = gorgonia.Must(gorgonia.Mean(gorgonia.Must(gorgonia.Square(gorgonia.Must(gorgonia.Sub(x, t))))))
	}
	gorgonia.Read(cost, &s.cost)
	if _, err := gorgonia.Grad(cost, s.params...); err != nil {
		return nil, err
	}
	s.vm = gorgonia.NewTapeMachine(g, gorgonia.BindDualValues(s.params...))
	s.solver = gorgonia.NewVanillaSolver(gorgonia.WithLearnRate(in.rate))
	s.pairs = gorgonia.NodesToValueGrads(s.params)
	for _, p := range s.params {
		s.start = append(s.start, p.Value().(tensor.Tensor).Clone().(tensor.Tensor))
	}
	return s, nil
}

// oneHot returns the class indices as rows of zeros with a one.
func (in *instance) oneHot() *mat.Dense {
	n, _ := in.y.Dims()
	t := mat.NewDense(n, in.dims[len(in.dims)-1], nil)
	for i := range n {
		t.Set(i, int(in.y.At(i, 0)), 1)
	}
	return t
}

func (s *stock) reset() error {
	for i, p := range s.params {
		if err := tensor.Copy(p.Value().(tensor.Tensor), s.start[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *stock) run(steps int) error {
	for range steps {
		if err := s.vm.RunAll(); err != nil {
			return err
		}
		if err := s.solver.Step(s.pairs); err != nil {
			return err
		}
		s.vm.Reset()
	}
	return nil
}

// loss runs forward and backward without an update.
func (s *stock) loss() (float64, error) {
	defer s.vm.Reset()
	if err := s.vm.RunAll(); err != nil {
		return 0, err
	}
	for _, p := range s.pairs { // dual values add up until a solver clears them
		g, err := p.Grad()
		if err != nil {
			return 0, err
		}
		g.(tensor.Tensor).Zero()
	}
	switch c := s.cost.Data().(type) {
	case float64:
		return c, nil
	case float32:
		return float64(c), nil
	}
	return 0, fmt.Errorf("a loss of type %T", s.cost.Data())
}
