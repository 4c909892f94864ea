package builtin

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

type derivativeCase struct {
	name     string
	y, v     []int
	positive bool
	f        func(y, v *gorgonia.Node) (*gorgonia.Node, error)
}

var must = func(n *gorgonia.Node, err error) *gorgonia.Node { return gorgonia.Must(n, err) }

// cases are all operations of Gorgonia's that a loss can be made of, at a batch, at one sample, at one
// coordinate, at a single number, and on vectors.
func cases() (cs []derivativeCase) {
	type unary = func(*gorgonia.Node) (*gorgonia.Node, error)
	type binary = func(a, b *gorgonia.Node) (*gorgonia.Node, error)
	add := func(name string, y, v []int, positive bool, f binary) {
		cs = append(cs, derivativeCase{fmt.Sprintf("%s %v %v", name, y, v), y, v, positive, f})
	}
	sizes := [][]int{{4, 3}, {1, 3}, {4, 1}, {1, 1}, {3}, {2, 3, 2}}
	for name, f := range map[string]unary{
		"abs": gorgonia.Abs, "sin": gorgonia.Sin, "cos": gorgonia.Cos, "exp": gorgonia.Exp, "neg": gorgonia.Neg, "square": gorgonia.Square,
		"cube": gorgonia.Cube, "tanh": gorgonia.Tanh, "sigmoid": gorgonia.Sigmoid, "expm1": gorgonia.Expm1, "softplus": gorgonia.Softplus,
		"+log": gorgonia.Log, "+log2": gorgonia.Log2, "+sqrt": gorgonia.Sqrt, "inverse": gorgonia.Inverse, "+invsqrt": gorgonia.InverseSqrt, "+log1p": gorgonia.Log1p,
		"rectify": gorgonia.Rectify, "mish": gorgonia.Mish,
		"leaky": func(x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.LeakyRelu(x, 0.1) },
		"sign": func(x *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.HadamardProd(must(gorgonia.Sign(x)), x)
		},
		"floor": func(x *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.HadamardProd(must(gorgonia.Floor(x)), x)
		},
		"ceil": func(x *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.HadamardProd(must(gorgonia.Ceil(x)), x)
		},
		"max":  func(x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Max(must(gorgonia.Square(x))) },
		"sum":  func(x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Sum(must(gorgonia.Square(x))) },
		"mean": func(x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Mean(must(gorgonia.Square(x))) },
		"scaled": func(x *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.HadamardProd(x, must(gorgonia.HadamardProd(gorgonia.NewConstant(3.0), x)))
		},
		"1−x": func(x *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.Square(must(gorgonia.Sub(gorgonia.NewConstant(1.0), x)))
		},
		"1/x": func(x *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.HadamardDiv(gorgonia.NewConstant(1.0), x)
		},
		"x/2": func(x *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.Square(must(gorgonia.HadamardDiv(x, gorgonia.NewConstant(2.0))))
		},
		"x^3":    func(x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Pow(x, gorgonia.NewConstant(3.0)) },
		"+x^2.5": func(x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Pow(x, gorgonia.NewConstant(2.5)) },
		"2^x":    func(x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Pow(gorgonia.NewConstant(2.0), x) },
		"x/sum": func(x *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.HadamardDiv(x, must(gorgonia.Sum(must(gorgonia.Exp(x)))))
		},
		"x−max": func(x *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.Square(must(gorgonia.Sub(x, must(gorgonia.Max(x)))))
		},
		"x+mean": func(x *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.Square(must(gorgonia.Add(must(gorgonia.Mean(x)), x)))
		},
		"reshape":    func(x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Square(must(gorgonia.Ravel(x))) },
		"softmax":    func(x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.SoftMax(x) },
		"logsoftmax": func(x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.LogSoftMax(x) },
	} {
		for _, s := range sizes {
			add(name, s, nil, name[0] == '+', func(y, _ *gorgonia.Node) (*gorgonia.Node, error) { return f(y) })
		}
	}
	for name, f := range map[string]binary{
		"add": gorgonia.Add, "sub": gorgonia.Sub, "mul": gorgonia.HadamardProd, "+div": gorgonia.HadamardDiv, "+pow": gorgonia.Pow,
		"maxbetween": gorgonia.MaxBetween, "minbetween": gorgonia.MinBetween,
		"gt": func(a, b *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.HadamardProd(must(gorgonia.Gt(a, b, true)), a)
		},
	} {
		for _, s := range sizes {
			add(name, s, s, name[0] == '+', func(y, v *gorgonia.Node) (*gorgonia.Node, error) { return f(must(gorgonia.Square(y)), v) })
		}
	}
	for _, s := range [][]int{{4, 3}, {1, 3}, {4, 1}, {1, 1}} {
		for axis := range 2 {
			for name, f := range map[string]func(x *gorgonia.Node, axis int) (*gorgonia.Node, error){
				"sum":             func(x *gorgonia.Node, axis int) (*gorgonia.Node, error) { return gorgonia.Sum(x, axis) },
				"max":             func(x *gorgonia.Node, axis int) (*gorgonia.Node, error) { return gorgonia.Max(x, axis) },
				"mean":            func(x *gorgonia.Node, axis int) (*gorgonia.Node, error) { return gorgonia.Mean(x, axis) },
				"norm2":           func(x *gorgonia.Node, axis int) (*gorgonia.Node, error) { return gorgonia.Norm(x, axis, 2) },
				"norm3":           func(x *gorgonia.Node, axis int) (*gorgonia.Node, error) { return gorgonia.Norm(x, axis, 3) },
				"norm1":           func(x *gorgonia.Node, axis int) (*gorgonia.Node, error) { return gorgonia.Norm(x, axis, 1) },
				"norm4":           func(x *gorgonia.Node, axis int) (*gorgonia.Node, error) { return gorgonia.Norm(x, axis, 4) },
				"softmax axis":    func(x *gorgonia.Node, axis int) (*gorgonia.Node, error) { return gorgonia.SoftMax(x, axis) },
				"logsoftmax axis": func(x *gorgonia.Node, axis int) (*gorgonia.Node, error) { return gorgonia.LogSoftMax(x, axis) },
				"concat": func(x *gorgonia.Node, axis int) (*gorgonia.Node, error) {
					return gorgonia.Concat(axis, x, must(gorgonia.Square(x)))
				},
				"sumexp": func(x *gorgonia.Node, axis int) (*gorgonia.Node, error) {
					return gorgonia.Log(must(gorgonia.Sum(must(gorgonia.Exp(x)), axis)))
				},
			} {
				add(fmt.Sprintf("%s axis %d", name, axis), s, nil, name == "norm3" || name == "norm1", func(y, _ *gorgonia.Node) (*gorgonia.Node, error) {
					return f(must(gorgonia.HadamardProd(y, y)), axis)
				})
			}
		}
		add("sumboth", s, nil, false, func(y, _ *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Sum(must(gorgonia.Square(y)), 0, 1) })
		add("transpose", s, nil, false, func(y, _ *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Square(must(gorgonia.Transpose(y))) })
		add("slice row", s, nil, false, func(y, _ *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.Square(must(gorgonia.Slice(y, gorgonia.S(0))))
		})
		add("slice column", s, nil, false, func(y, _ *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.Square(must(gorgonia.Slice(y, nil, gorgonia.S(0))))
		})
		add("reshape vector", s, nil, false, func(y, _ *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.Square(must(gorgonia.Reshape(y, tensor.Shape{s[0] * s[1]})))
		})
		d := s[1]
		for _, left := range []bool{true, false} {
			for name, f := range map[string]func(a, b *gorgonia.Node, l, r []byte) (*gorgonia.Node, error){"add": gorgonia.BroadcastAdd, "sub": gorgonia.BroadcastSub,
				"mul": gorgonia.BroadcastHadamardProd, "+div": gorgonia.BroadcastHadamardDiv, "+pow": gorgonia.BroadcastPow} {
				for axis, v := range [][]int{{1, d}, {s[0], 1}} {
					add(fmt.Sprintf("broadcast %s axis %d left %v", name, axis, left), s, v, name[0] == '+', func(y, v *gorgonia.Node) (*gorgonia.Node, error) {
						if y = must(gorgonia.Square(y)); left {
							return f(v, y, []byte{byte(axis)}, nil)
						}
						return f(y, v, nil, []byte{byte(axis)})
					})
				}
			}
		}
		add("matvec", s, []int{d}, false, func(y, v *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Square(must(gorgonia.Mul(y, v))) })
		add("vecmat", s, []int{s[0]}, false, func(y, v *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Square(must(gorgonia.Mul(v, y))) })
		add("matmul", s, []int{d, 2}, false, func(y, v *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Square(must(gorgonia.Mul(y, v))) })
		add("matmul left", s, []int{2, s[0]}, false, func(y, v *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Square(must(gorgonia.Mul(v, y))) })
		add("gram", s, nil, false, func(y, _ *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Mul(y, must(gorgonia.Transpose(y))) })
		add("tensordot", s, []int{d, 2}, false, func(y, v *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.Square(must(gorgonia.Tensordot([]int{1}, []int{0}, y, v)))
		})
	}
	add("slice range", []int{4, 3}, nil, false, func(y, _ *gorgonia.Node) (*gorgonia.Node, error) {
		return gorgonia.Square(must(gorgonia.Slice(y, gorgonia.S(1, 3), gorgonia.S(0, 2))))
	})
	add("slice entry", []int{4, 3}, nil, false, func(y, _ *gorgonia.Node) (*gorgonia.Node, error) {
		return gorgonia.Square(must(gorgonia.Slice(y, gorgonia.S(2), gorgonia.S(1))))
	})
	add("at", []int{4, 3}, nil, false, func(y, _ *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.At(must(gorgonia.Square(y)), 2, 1) })
	add("dot", []int{4}, []int{4}, false, func(y, v *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Square(must(gorgonia.Mul(y, v))) })
	add("dot itself", []int{4}, nil, false, func(y, _ *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Mul(y, y) })
	add("outer", []int{4}, []int{3}, false, func(y, v *gorgonia.Node) (*gorgonia.Node, error) {
		return gorgonia.Square(must(gorgonia.OuterProd(y, v)))
	})
	for _, transA := range []bool{false, true} {
		for _, transB := range []bool{false, true} {
			a, v := []int{2, 3, 4}, []int{2, 4, 2}
			if transA {
				a = []int{2, 4, 3}
			}
			if transB {
				v = []int{2, 2, 4}
			}
			add(fmt.Sprintf("batched %v %v", transA, transB), a, v, false, func(y, v *gorgonia.Node) (*gorgonia.Node, error) {
				return gorgonia.Square(must(gorgonia.BatchedMatMul(y, v, transA, transB)))
			})
		}
	}
	for _, axes := range [][]int{{0}, {1}, {2}, {0, 1}, {1, 2}, {0, 2}} {
		add(fmt.Sprintf("sum3 %v", axes), []int{2, 3, 2}, nil, false, func(y, _ *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.Sum(must(gorgonia.Square(y)), axes...)
		})
		add(fmt.Sprintf("max3 %v", axes), []int{2, 3, 2}, nil, false, func(y, _ *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.Max(must(gorgonia.Square(y)), axes...)
		})
	}
	add("transpose3", []int{2, 3, 4}, nil, false, func(y, _ *gorgonia.Node) (*gorgonia.Node, error) {
		return gorgonia.Square(must(gorgonia.Transpose(y, 2, 0, 1)))
	})
	add("slice3", []int{2, 3, 4}, nil, false, func(y, _ *gorgonia.Node) (*gorgonia.Node, error) {
		return gorgonia.Square(must(gorgonia.Slice(y, nil, gorgonia.S(1), gorgonia.S(1, 3))))
	})
	slices.SortFunc(cs, func(a, b derivativeCase) int { return cmpString(a.name, b.name) })
	return cs
}
