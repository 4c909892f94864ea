package identify_test

import (
	"fmt"
	"math/big"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
	"github.com/quivernet/quivernet/symmetry/recovery"
)

// The clipped line min(max(x, 0), 1) = ReLU(x) − ReLU(x−1) has no hidden continuous
// symmetry, yet another network has the same function.
func Example() {
	q, err := layers.MLP(layers.Pointwise(layers.ReLU), 1, 2, 1)
	if err != nil {
		panic(err)
	}
	w := quiver.Zero(q)
	copy(w.Data(), []float64{1, 1, 0, -1, 1, -1, 0})

	d, err := identify.ExactDimension(w)
	if err != nil {
		panic(err)
	}
	fmt.Print(d)

	s, err := recovery.Shallow(w, identify.Box{Lo: []float64{-1}, Hi: []float64{2}})
	if err != nil {
		panic(err)
	}
	fmt.Println(s.Reason, s.Other.Data())
	// Output:
	// functional dimension 5 of 5 (exact; 7 parameters − 2 rescalings)
	//   samples    6, 3 activation patterns
	//   breaks     0, 1
	//   ≤ 5        rescaling: parameters − independent rescalings, attained
	//   Exact (proved modulo a prime; no more than parameters − rescalings): the functional dimension on all of ℝ.
	// condition (iv) fails: proved, with another network. [-1 -1 0 1 1 -1 1]
}

// The ℓ₁ norm in space, Σ ReLU(x_i) + ReLU(−x_i), bends along the coordinate planes only. Its
// dimension on all of ℝ³ is far from the largest possible. By hand: 1, x, y, z, and for each
// of the three planes the same four on one side of it, 4 + 3·4 = 16.
func ExampleExactDimensionOn() {
	q, err := layers.MLP(layers.Pointwise(layers.ReLU), 3, 6, 1)
	if err != nil {
		panic(err)
	}
	w := quiver.Zero(q)
	for i := range 6 {
		w.Arrow("x->h1").Set(i, i/2, float64(1-i%2*2))
		w.Arrow("h1->y").Set(0, i, 1)
	}
	d, err := identify.ExactDimensionOn(w, identify.Whole(3))
	if err != nil {
		panic(err)
	}
	fmt.Println(d.Patterns, "cells, dimension", d.Dimension, "of", d.Max)
	fmt.Println(d.Proved)
	// Output:
	// 8 cells, dimension 16 of 25
	// Exact (fraction-free elimination): the functional dimension on all of ℝ^3.
}

// f(x) = ReLU(x/3 − 1) bends at 3, which the rounded weight 1/3 misses.
func ExampleRational() {
	q, err := layers.MLP(layers.Pointwise(layers.ReLU), 1, 1, 1)
	if err != nil {
		panic(err)
	}
	w := quiver.Zero(q)
	copy(w.Data(), []float64{1.0 / 3, -1, 1, 0})
	rounded, err := identify.ExactDimension(w)
	if err != nil {
		panic(err)
	}
	third := identify.Rational{Rep: w, Weights: []*big.Rat{big.NewRat(1, 3), big.NewRat(-1, 1), big.NewRat(1, 1), new(big.Rat)}}
	exact, err := third.Dimension()
	if err != nil {
		panic(err)
	}
	fmt.Println(rounded.Breakpoints[0], exact.Breakpoints[0])
	// Output:
	// 18014398509481984/6004799503160661 3/1
}
