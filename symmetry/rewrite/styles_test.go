package rewrite

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/regions"
	"github.com/quivernet/quivernet/internal/trials"
	"github.com/quivernet/quivernet/symmetry"
)

// style is a program as people write them with plain Gorgonia, with a cost to be trained.
type style struct {
	name   string
	build  func(l *lab) *G.Node
	widths string // what shrinks, "16→3 32→4", "" for nothing
	says   string // part of the reason why something stays, "" where all that is hidden shrinks
	random bool   // draws random numbers: values cannot be compared
	decays bool   // squares of weights are in the cost
}

func allStyles() []style {
	return slices.Concat(denseStyles, recurrentStyles, normStyles, weightStyles)
}

// dot is the sum of the products of two lists.
func dot(a, b []float64) float64 {
	var s float64
	for i, x := range a {
		s += x * b[i]
	}
	return s
}

func near12(t *testing.T, want, got float64, size float64, what string, args ...any) {
	assert.LessOrEqual(t, math.Abs(want-got), 1e-12*max(size, math.Abs(want)), fmt.Sprintf(what, args...))
}

// TestStyles rewrites each program. Numbers and operations never grow; values and gradients are those of Gorgonia's own
// machine on the original graph: the gradients at the data, at each weight in the direction of the weight itself,
// and in length after the projection of the compression.
func TestStyles(t *testing.T) {
	styles := allStyles()
	assert.GreaterOrEqual(t, len(styles), 30)
	for i, s := range styles {
		l := newLab(t, uint64(100+i))
		cost := s.build(l)
		res, err := Rewriter{Weights: l.weights, Data: l.data, Fixed: l.fixed}.Rewrite(cost)
		require.NoError(t, err, s.name)
		never(t, res, s.name)
		var widths []string
		for _, c := range res.Report.Changes {
			widths = append(widths, fmt.Sprintf("%d→%d", c.From, c.To))
		}
		assert.Equal(t, s.widths, strings.Join(widths, " "), "%s\n%s", s.name, res)
		assert.Contains(t, res.String(), s.says, s.name)
		if s.random {
			continue
		}
		old, small := differentiated(t, cost, l.weights, l.data), differentiated(t, res.Roots[0], res.Weights, dataOf(res, l))
		wants, weights, gots, news := old.run(t), old.weights, small.run(t), small.weights
		compareGradients(t, s, res, wants, gots, weights, news)

		// Negative control: one number of a weight that the cost depends on.
		w := news[len(news)-1]
		x := w.Value().Data().([]float64)
		x[0] += 1e-3 * (1 + math.Abs(x[0]))
		spoilt := small.run(t)
		differs := math.Abs(spoilt["cost"][0]-wants["cost"][0]) > 1e-9*math.Abs(wants["cost"][0])
		for _, n := range l.data {
			differs = differs || gap(inspect.NewValue(l.dt, n.Shape(), wants[n.Name()]), inspect.NewValue(l.dt, n.Shape(), spoilt[n.Name()]), false) > 1e-9
		}
		assert.True(t, differs, "%s: a number of %q was changed", s.name, w.Name())
	}
}

// dataOf returns the new nodes of the data.
func dataOf(res *Result, l *lab) G.Nodes {
	var ns G.Nodes
	for _, n := range l.data {
		if m := res.Map[n]; m != nil {
			ns = append(ns, m)
		}
	}
	return ns
}

// derivatives are Gorgonia's.
type derivatives struct {
	cost       *G.Node
	wrt, grads G.Nodes
	weights    G.Nodes // those of wrt
}

// differentiated differentiates once: a second time Gorgonia takes the gradients for values.
func differentiated(t *testing.T, cost *G.Node, weights, data G.Nodes) *derivatives {
	d := &derivatives{cost: cost}
	live := inspect.WiringOf(cost.Graph()).Ancestors(G.Nodes{cost})
	for _, n := range slices.Concat(weights, data) {
		if slices.Contains(live, n) && differentiable(cost, n) {
			d.wrt = append(d.wrt, n)
			if slices.Contains(weights, n) {
				d.weights = append(d.weights, n)
			}
		}
	}
	var err error
	d.grads, err = G.Grad(cost, d.wrt...)
	require.NoError(t, err)
	return d
}

// run returns the cost and its gradients by name, from Gorgonia's machine.
func (d *derivatives) run(t *testing.T) map[string][]float64 {
	vs := tape(t, append(G.Nodes{d.cost}, d.grads...))
	out := map[string][]float64{"cost": inspect.MustNumbers(vs[0])}
	for i, n := range d.wrt {
		out[n.Name()] = inspect.MustNumbers(vs[i+1])
	}
	return out
}

// differentiable says whether Gorgonia finds a way of derivatives from the cost to n.
func differentiable(cost, n *G.Node) bool {
	w := inspect.WiringOf(cost.Graph())
	live := make(map[*G.Node]bool)
	for _, m := range w.Ancestors(G.Nodes{cost}) {
		cs := w.Children(m)
		if m == n {
			live[m] = true
			continue
		}
		if len(cs) == 0 {
			continue
		}
		d, ok := m.Op().(G.SDOp)
		if !ok {
			continue
		}
		for i, can := range d.DiffWRT(len(cs)) {
			live[m] = live[m] || can && i < len(cs) && live[cs[i]]
		}
	}
	return live[cost]
}

func compareGradients(t *testing.T, s style, res *Result, wants, gots map[string][]float64, weights, news G.Nodes) {
	near12(t, wants["cost"][0], gots["cost"][0], 0, "%s: cost", s.name)
	var scale float64 // of all gradients: some are 0 by a symmetry of the loss
	for _, g := range wants {
		scale = max(scale, math.Sqrt(dot(g, g)))
	}
	for name, want := range wants {
		got := gots[name]
		if len(got) == len(want) && !slices.ContainsFunc(slices.Concat(weights, news), func(n *G.Node) bool { return n.Name() == name }) { // the data
			size := math.Sqrt(dot(want, want))
			for i := range want {
				near12(t, want[i], got[i], size, "%s: gradient at %s", s.name, name)
			}
		}
	}
	if s.decays { // see TestDecay: the squares of what is cut have gradients of their own
		return
	}
	number := func(ws G.Nodes, gs map[string][]float64, name string) (along, size float64) {
		for _, w := range ws {
			if w.Name() == name {
				x := inspect.MustNumbers(w.Value())
				return dot(x, gs[name]), scale * math.Sqrt(dot(x, x))
			}
		}
		return 0, 0
	}
	for _, w := range weights {
		want, size := number(weights, wants, w.Name())
		got, ok := number(news, gots, w.Name())
		if ok > 0 {
			near12(t, want, got, size, "%s: along %s", s.name, w.Name())
		}
	}
	projectedGradients(t, s, res, wants, gots, scale)
}

// projectedGradients compares the length of the gradients with that of the projected gradients of the original.
func projectedGradients(t *testing.T, s style, res *Result, wants, gots map[string][]float64, scale float64) {
	if res.Compression == nil || res.Units != nil || gained(res.Lifted) {
		return
	}
	projector, err := res.Compression.OriginalSubspace()
	if err != nil {
		return // units went
	}
	of := make(map[*G.Node]G.Value)
	value := func(n *G.Node) G.Value {
		if of[n] == nil {
			x := wants[n.Name()]
			if x == nil {
				x = make([]float64, n.Shape().TotalSize())
			}
			of[n] = inspect.NewValue(n.Dtype(), n.Shape(), x)
		}
		return of[n]
	}
	rep, err := res.Lifted.Collect(value)
	require.NoError(t, err, s.name)
	require.NoError(t, projector.Project(rep), s.name)
	require.NoError(t, res.Lifted.Scatter(rep, value), s.name)
	for _, n := range res.Lifted.Weights() {
		want, got := inspect.MustNumbers(value(n)), gots[n.Name()]
		if got == nil {
			continue
		}
		size := math.Sqrt(dot(want, want))
		near12(t, size, math.Sqrt(dot(got, got)), scale, "%s: length of the gradient at %s", s.name, n.Name())
	}
}

// TestStylesOtherwise rewrites the programs without names of the weights, fused, and with options: numbers and operations
// never grow, and values stay.
func TestStylesOtherwise(t *testing.T) {
	for i, s := range allStyles() {
		if i%trials.Count(3, 1) != 0 {
			continue
		}
		for name, change := range map[string]func(*Rewriter){
			"nothing is named": func(r *Rewriter) { r.Weights, r.Data, r.Fixed = nil, nil, nil },
			"fused":            func(r *Rewriter) { r.Fused = true },
			"rank":             func(r *Rewriter) { r.Options = []symmetry.Option{symmetry.Rank(0), symmetry.Observe()} },
			"merged":           func(r *Rewriter) { r.Options = []symmetry.Option{symmetry.MergeParallel, symmetry.Pointwise()} },
		} {
			l := newLab(t, uint64(100+i))
			cost := s.build(l)
			r := Rewriter{Weights: l.weights, Data: l.data, Fixed: l.fixed}
			change(&r)
			res, err := r.Rewrite(cost)
			require.NoError(t, err, "%s, %s", s.name, name)
			b, a := res.Report.Before, res.Report.After
			assert.LessOrEqual(t, a.Operations, b.Operations, "%s, %s\n%s", s.name, name, res)
			if !r.Fused {
				assert.LessOrEqual(t, a.Numbers(), b.Numbers(), "%s, %s\n%s", s.name, name, res)
			}
			assert.True(t, len(res.Report.Changes)+len(res.Report.Left) > 0, "%s, %s", s.name, name)
			if !s.random {
				assert.LessOrEqual(t, gapOf(t, valuesOf(G.Nodes{cost}), valuesOf(res.Roots)), 1e-11, "%s, %s\n%s", s.name, name, res)
			}
		}
	}
}

// gained says whether a network has gains.
func gained(f *Lifted) bool {
	for range regions.Each[*regions.Gain](f.l) {
		return true
	}
	return false
}
