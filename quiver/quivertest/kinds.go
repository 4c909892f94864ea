package quivertest

import (
	"fmt"
	"math/rand/v2"

	"github.com/quivernet/quivernet/quiver"
)

// generator collects the parts of a network.
type generator struct {
	rng   *rand.Rand
	acts  []Act
	parts []quiver.Part
	sizes map[string]float64
}

func (g *generator) size(vertex string) float64 {
	if s, ok := g.sizes[vertex]; ok {
		return s
	}
	return 1.2
}

// dim draws a dimension.
func (g *generator) dim(lo, hi int) int { return lo + g.rng.IntN(hi-lo+1) }

func (g *generator) act(vertex string) quiver.Activation {
	if len(g.acts) == 0 {
		return quiver.Identity
	}
	a := g.acts[g.rng.IntN(len(g.acts))]
	if g.sizes == nil {
		g.sizes = make(map[string]float64)
	}
	g.sizes[vertex] = a.Size
	return a.Activation
}

func (g *generator) add(ps ...quiver.Part) { g.parts = append(g.parts, ps...) }

// hidden adds a hidden vertex fed by the given ones.
func (g *generator) hidden(name string, dim int, from ...string) {
	g.add(quiver.Hidden(name, dim, g.act(name)))
	g.feed(name, from...)
}

func (g *generator) output(name string, dim int, from ...string) {
	g.add(quiver.Output(name, dim, nil))
	g.feed(name, from...)
}

func (g *generator) feed(name string, from ...string) {
	for _, f := range from {
		g.add(quiver.Connect(f, name))
	}
}

func (g *generator) input() int {
	d := g.dim(1, 3)
	g.add(quiver.Input("x", d), quiver.Bias("one"))
	return d
}

type kind struct {
	name   string
	build  func(*generator)
	spoil  func(*generator, *quiver.Rep) // after calibration
	exempt string
}

var kinds = []kind{
	{name: "chain", build: func(g *generator) {
		g.input()
		from := "x"
		for i := range g.dim(1, 4) {
			h := fmt.Sprintf("h%d", i+1)
			g.hidden(h, g.dim(2, 9), from, "one")
			from = h
		}
		g.output("y", g.dim(1, 3), from, "one")
	}},
	{name: "skip", build: func(g *generator) {
		g.input()
		g.hidden("a", g.dim(2, 8), "x", "one")
		g.hidden("b", g.dim(4, 16), "x", "a", "one")
		g.output("y", 2, "b", "one", "x")
	}},
	{name: "parallel", build: func(g *generator) {
		g.input()
		g.hidden("a", g.dim(5, 12), "x", "one")
		g.add(quiver.Connect("x", "a", quiver.Named("second")))
		g.output("y", 2, "a")
	}},
	{name: "diamond", build: func(g *generator) {
		g.input()
		g.hidden("a", g.dim(3, 8), "x", "one")
		g.hidden("b", g.dim(3, 8), "x", "one")
		g.hidden("c", g.dim(5, 12), "a", "b", "one")
		g.output("y", 2, "c", "one")
	}},
	{name: "several", build: func(g *generator) {
		g.input()
		g.add(quiver.Input("u", g.dim(1, 2)))
		g.hidden("a", g.dim(4, 9), "x", "u", "one")
		g.hidden("b", g.dim(2, 9), "a")
		g.output("y", 2, "b", "one")
		g.output("z", 3, "a", "u")
	}},
	{name: "residual", build: func(g *generator) {
		g.input()
		n := g.dim(5, 9)
		g.hidden("a", n, "x", "one")
		g.hidden("u", g.dim(3, 9), "a", "one")
		g.hidden("b", n, "u")
		g.add(quiver.Connect("a", "b", quiver.Frozen(quiver.Eye(n))))
		g.output("y", 2, "b", "one")
	}},
	{name: "tied", build: func(g *generator) {
		g.input()
		n := g.dim(3, 6)
		g.hidden("a", n, "x", "one")
		g.hidden("b", n, "a", "one")
		g.add(quiver.Hidden("c", n, g.act("c")), quiver.Connect("b", "c", quiver.Tied("a->b")), quiver.Connect("one", "c", quiver.Tied("one->b")))
		g.output("y", 2, "c", "one")
	}},
	{name: "dense", build: func(g *generator) {
		g.input()
		before := []string{"one", "x"}
		for i := range 3 {
			h := fmt.Sprintf("h%d", i+1)
			g.hidden(h, g.dim(2, 10), before...)
			before = append(before, h)
		}
		g.output("y", 2, before...)
	}},
	{name: "unet", build: func(g *generator) {
		g.input()
		g.hidden("a", g.dim(4, 8), "x", "one")
		g.hidden("b", g.dim(6, 12), "a", "one")
		g.hidden("c", g.dim(4, 8), "b", "a", "one")
		g.output("y", 2, "c", "one")
	}},
	{name: "concat", build: func(g *generator) {
		g.input()
		g.hidden("a", 4, "x", "one")
		g.hidden("b", 3, "x", "one")
		g.add(quiver.Hidden("c", 7, g.act("c")),
			quiver.Connect("a", "c", quiver.Frozen(quiver.Inclusion{Rows: 7, Cols: 4, K: 4})),
			quiver.Connect("b", "c", quiver.Frozen(quiver.Inclusion{Rows: 7, Cols: 3, Row: 4, K: 3})))
		g.output("y", 2, "c", "one")
	}},
	{name: "isolated", build: func(g *generator) {
		g.input()
		g.hidden("a", g.dim(3, 8), "x", "one")
		g.add(quiver.Hidden("alone", 3, quiver.Identity), quiver.Input("unused", 2))
		g.hidden("dead", 4, "a") // has no path to an output
		g.output("y", 2, "a", "one")
		delete(g.sizes, "dead")
	}},
	{name: "narrow", build: func(g *generator) {
		g.add(quiver.Input("x", 1), quiver.Bias("one"))
		g.hidden("a", 1, "x", "one")
		g.hidden("b", 1, "a", "one")
		g.output("y", 1, "b", "one")
	}},
	{name: "components", build: func(g *generator) {
		g.input()
		g.add(quiver.Input("u", 2))
		g.hidden("a", g.dim(4, 8), "x", "one")
		g.hidden("b", g.dim(4, 8), "u", "one")
		g.output("y", 1, "a")
		g.output("z", 1, "b")
	}},
	{name: "unbiased", build: func(g *generator) {
		g.input()
		g.hidden("a", g.dim(4, 8), "x")
		g.hidden("b", g.dim(4, 8), "a")
		g.output("y", 2, "b")
	}},
	{name: "twobiases", build: func(g *generator) {
		g.input()
		g.add(quiver.Bias("two"))
		g.hidden("a", g.dim(5, 9), "x", "one", "two")
		g.output("y", 2, "a", "two")
	}},
	{name: "passing", build: func(g *generator) { // an output with outgoing arrows
		g.input()
		g.hidden("a", g.dim(4, 8), "x", "one")
		g.output("m", 2, "a", "one")
		g.hidden("b", g.dim(4, 8), "m", "a", "one")
		g.output("y", 2, "b", "one")
	}},
	{name: "wide", build: func(g *generator) {
		g.add(quiver.Input("x", 2), quiver.Bias("one"))
		g.hidden("a", 300, "x", "one")
		g.output("y", 2, "a", "one")
	}},
	{name: "dimension0", build: func(g *generator) {
		g.input()
		g.add(quiver.Hidden("nothing", 0, quiver.Identity), quiver.Connect("x", "nothing"))
		g.hidden("a", g.dim(4, 8), "x", "nothing", "one")
		g.output("y", 2, "a", "nothing", "one")
	}},
	{name: "rankdeficient", build: func(g *generator) {
		g.add(quiver.Input("x", 3), quiver.Bias("one"))
		g.hidden("a", 8, "x", "one")
		g.output("y", 2, "a", "one")
	}, spoil: func(_ *generator, w *quiver.Rep) {
		m := w.Arrow("x->a")
		for i := range 8 {
			m.Set(i, 1, m.At(i, 0))
			m.Set(i, 2, -2*m.At(i, 0))
		}
	}},
	{name: "zero", exempt: "weights are zero on purpose", build: func(g *generator) {
		g.input()
		g.hidden("a", 6, "x", "one")
		g.hidden("b", 8, "a", "x")
		g.output("y", 2, "b", "one")
	}, spoil: func(g *generator, w *quiver.Rep) {
		names := []string{"x->a", "one->a", "a->b", "b->y"}
		m := w.Arrow(names[g.rng.IntN(len(names))])
		m.Apply(func(int, int, float64) float64 { return 0 }, m)
	}},
}
