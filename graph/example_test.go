package graph_test

import (
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

func ExampleCompile() {
	q, err := layers.MLP(layers.Radial(layers.Tanh), 2, 3, 1)
	if err != nil {
		panic(err)
	}
	w := quiver.Random(q, quiver.Constant(0.5), rand.NewPCG(1, 2))
	p, err := graph.Compile(q, graph.Loss("y", graph.MSE, 1))
	if err != nil {
		panic(err)
	}
	x, t := mat.NewDense(2, 2, []float64{1, 2, 0, -1}), mat.NewDense(2, 1, []float64{1, 0})
	ys, err := p.Forward(w, x)
	if err != nil {
		panic(err)
	}
	grad := w.Like()
	loss, err := p.LossGrad(grad, w, []*mat.Dense{x}, []*mat.Dense{t})
	if err != nil {
		panic(err)
	}
	fmt.Printf("F = %.4f, %.4f; loss %.4f\n", ys[0].At(0, 0), ys[0].At(1, 0), loss)
	g, err := p.Gradient("x->h1")
	if err != nil {
		panic(err)
	}
	fmt.Print(g)
	// Output:
	// F = 1.3643, 0.5000; loss 0.1914
	// forward
	// z[h1] = x·W[x→h1]ᵀ + one·W[one→h1]ᵀ
	// h1 = ρ[h1](z[h1])
	// y = h1·W[h1→y]ᵀ + one·W[one→y]ᵀ
	//
	// loss
	// r[y] = y − t1[y]
	//
	// backward
	// δ[y] = 2·c1[y]·r[y]
	// δ[h1] = Dρ[h1](z[h1])ᵀ·(δ[y]·W[h1→y])
	// ∂L/∂W[x→h1] = δ[h1]ᵀ·x
	//
	// symbols
	// x       data, one sample a row, 2 numbers each
	// one     the bias: the number 1 for each sample
	// h1, y   the value of a vertex, one sample a row
	// z[v]    what arrives at vertex v: the sum over its arrows, before its activation
	// ρ[v]    the activation of vertex v: radial(tanh)
	// W[s→t]  the matrix of arrow s→t, or of a named arrow, dimension of t × dimension of s; tied arrows share one
	// t1[y]   the targets of loss 1 (mse) at output y, one sample a row
	// c1[y]   the factor of loss 1 (mse): its weight 1, divided by the number n of samples
	// r[y]    the residual at output y: its value minus the target
	// L       the loss
	// δ[v]    ∂L/∂z[v], the gradient of the loss at what arrives at vertex v, one sample a row
	// Dρ[v]   the Jacobian matrix of the activation of vertex v; Dρ[v](z)ᵀ·g sends the gradient g back through it, sample by sample
	// aᵀ      the transposed matrix
}

// A loss of one's own, log cosh, is a function on Gorgonia nodes that returns one value per sample.
func ExampleCustom() {
	logCosh := func(y, t *gorgonia.Node) (*gorgonia.Node, error) {
		d, err := gorgonia.Sub(y, t)
		if err != nil {
			return nil, err
		}
		// log cosh d = log((exp d + exp −d)/2)
		n, err := gorgonia.Neg(d)
		if err != nil {
			return nil, err
		}
		a, err := gorgonia.Exp(d)
		if err != nil {
			return nil, err
		}
		b, err := gorgonia.Exp(n)
		if err != nil {
			return nil, err
		}
		s, err := gorgonia.Add(a, b)
		if err != nil {
			return nil, err
		}
		l, err := gorgonia.Log(s)
		if err != nil {
			return nil, err
		}
		return gorgonia.Sum(l, 1)
	}
	q, err := layers.MLP(layers.Radial(layers.Tanh), 2, 3, 1)
	if err != nil {
		panic(err)
	}
	p, err := graph.Compile(q, graph.Loss("y", graph.Custom(logCosh), 1))
	if err != nil {
		panic(err)
	}
	w := quiver.Zero(q)
	loss, err := p.LossGrad(w.Like(), w, []*mat.Dense{mat.NewDense(4, 2, nil)}, []*mat.Dense{mat.NewDense(4, 1, nil)})
	fmt.Printf("%.4f %v\n", loss, err)
	// Output: 0.6931 <nil>
}

// The gradient of a small network, opened at its hidden vertex and simplified.
func ExampleExpr_Expand() {
	q, err := layers.MLP(layers.RMSNorm(3, 0.1), 2, 3, 1)
	if err != nil {
		panic(err)
	}
	p, err := graph.Compile(q, graph.Loss("y", graph.SumSquares, 1))
	if err != nil {
		panic(err)
	}
	x, err := p.Gradient("h1->y")
	if err != nil {
		panic(err)
	}
	if x, err = x.ExpandAll(); err != nil {
		panic(err)
	}
	if x, err = x.Simplify(); err != nil {
		panic(err)
	}
	if x, err = x.Show(graph.NoLegend()); err != nil {
		panic(err)
	}
	fmt.Print(x)
	// Output:
	// forward
	// z[h1] = x·W[x→h1]ᵀ + one·W[one→h1]ᵀ
	// λ[h1] = (0.3333333333333333·rows(⟨z[h1], z[h1]⟩) + 0.1)^(−0.5)
	// h1 = diag(λ[h1])·z[h1]
	// y = h1·W[h1→y]ᵀ + one·W[one→y]ᵀ
	//
	// loss
	// r[y] = y − t1[y]
	//
	// backward
	// δ[y] = 2·c1[y]·r[y]
	// ∂L/∂W[h1→y] = δ[y]ᵀ·h1
}

// Is the program right? A report of what was compared with what.
func ExampleVerify() {
	q, err := layers.MLP(layers.Radial(layers.Tanh), 2, 3, 1)
	if err != nil {
		panic(err)
	}
	p, err := graph.Compile(q, graph.Loss("y", graph.MSE, 1))
	if err != nil {
		panic(err)
	}
	w := quiver.Random(q, nil, rand.NewPCG(1, 2))
	v, err := graph.Verify(p, w, []*mat.Dense{mat.NewDense(2, 2, []float64{1, 2, 0, -1})}, []*mat.Dense{mat.NewDense(2, 1, []float64{1, 0})})
	if err != nil {
		panic(err)
	}
	fmt.Println(v.OK(), len(v.Checks), "checks")
	// Output: true 22 checks
}

// The rows of the Jacobian stand sample by sample, and within a sample output by output.
func ExampleProgram_Jacobian() {
	q, err := quiver.New(quiver.Input("x", 2), quiver.Bias("one"), quiver.Output("y", 2, nil), quiver.Connect("x", "y"), quiver.Connect("one", "y"))
	if err != nil {
		panic(err)
	}
	p, err := graph.Compile(q)
	if err != nil {
		panic(err)
	}
	j, err := p.Jacobian(quiver.Zero(q), mat.NewDense(2, 2, []float64{1, 2, 3, 4}))
	if err != nil {
		panic(err)
	}
	fmt.Println(mat.Formatted(j))
	// Output:
	// ⎡1  2  0  0  1  0⎤
	// ⎢0  0  1  2  0  1⎥
	// ⎢3  4  0  0  1  0⎥
	// ⎣0  0  3  4  0  1⎦
}
