package rewrite

import (
	"flag"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/internal/trials"
	"github.com/quivernet/quivernet/symmetry"
)

var graphs = flag.Int("graphs", 120, "random graphs of TestRandomGraphs, at least 4,000 with -full")

// grow makes a random graph from a seed.
func grow(t testing.TB, seed uint64, dt tensor.Dtype) *garden {
	w := &garden{lab: newLab(t, seed), kinds: make(map[string]bool)}
	w.dt = dt
	w.n = 1 + w.rng.IntN(5)
	for range 1 + w.rng.IntN(3) {
		w.pool = append(w.pool, w.input(w.name("x"), w.n, 2+w.rng.IntN(4)))
	}
	for range 2 + w.rng.IntN(7) {
		s := steps[w.rng.IntN(len(steps))]
		switch w.rng.IntN(6) {
		case 0, 1:
			s = steps[w.rng.IntN(6)]
		case 2:
			s = oddSteps[w.rng.IntN(len(oddSteps))]
		case 3:
			s = spelledSteps[w.rng.IntN(len(spelledSteps))]
		}
		x := w.pick()
		if w.n == 1 && (s.name == "columns" || s.name == "mixture" || s.name == "cube of tensors" || s.name == "batch joined") {
			continue
		}
		if x.Shape()[1] > 12 {
			x = w.dense(x, 3)
		}
		y := s.do(w, x)
		if len(y.Shape()) != 2 || y.Shape()[1] < 2 {
			continue
		}
		w.kinds[s.name] = true
		w.pool = append(w.pool, y)
	}
	last := w.pool[len(w.pool)-1]
	w.roots = append(w.roots, G.Must(G.Mean(G.Must(G.Square(last)))))
	if w.rng.IntN(2) == 0 {
		w.roots = append(w.roots, w.pick())
	}
	return w
}

// checkSeed rewrites one random graph and checks every promise.
func checkSeed(t testing.TB, seed uint64) (shrank bool, kinds map[string]bool) {
	w := grow(t, seed, tensor.Float64)
	before := snapshot(w.g)
	r := Rewriter{Weights: w.weights, Data: w.data, Fixed: w.fixed}
	switch seed % 5 {
	case 1:
		r.Fused = true
	case 2:
		r.Weights = nil // all that holds a value and is nothing else
	case 3:
		r.Options = []symmetry.Option{symmetry.Rank(0), symmetry.Observe()}
	case 4:
		r.Options = []symmetry.Option{symmetry.MergeParallel}
	}
	res, err := r.Rewrite(w.roots...)
	require.NoError(t, err, "seed %d", seed)
	require.Equal(t, before, snapshot(w.g), "seed %d: the old graph was changed", seed)
	want := valuesOf(w.roots)
	for i, v := range valuesOf(res.Roots) {
		require.LessOrEqual(t, gap(want[i], v, r.Fused), 1e-10, "seed %d\n%s", seed, res)
	}
	require.Empty(t, res.Certificate.Unmeasured, "seed %d", seed)
	require.NotContains(t, res.String(), "would differ", "seed %d: the safety net was needed", seed)
	b, a := res.Report.Before, res.Report.After
	require.LessOrEqual(t, a.Parameters, b.Parameters, "seed %d", seed)
	require.LessOrEqual(t, a.Operations, b.Operations, "seed %d", seed)
	if !r.Fused { // else columns of ones are new
		require.LessOrEqual(t, a.Numbers(), b.Numbers(), "seed %d", seed)
	}
	if len(res.Report.Changes) == 0 {
		require.NotEmpty(t, res.Report.Left, "seed %d", seed)
	} else {
		require.Less(t, a.Operations, b.Operations, "seed %d", seed)
	}
	trained := make(map[string]bool)
	for _, n := range op.Ancestors(res.Roots) {
		if n.Op() == nil && slices.Contains(res.Weights, n) {
			trained[n.Name()] = true
		}
	}
	require.Equal(t, len(res.Weights), len(trained), "seed %d: weights that no root needs", seed)
	require.LessOrEqual(t, len(res.Weights), len(w.weights)+splits(w), "seed %d: a weight was doubled\n%s", seed, res)
	for old, n := range res.Map {
		require.True(t, old.Shape().Eq(n.Shape()), "seed %d: %v", seed, old)
	}
	r.Weights, r.Data, r.Fixed = res.Weights, nil, res.Fixed
	again, err := r.Rewrite(res.Roots...)
	require.NoError(t, err, "seed %d", seed)
	for range 3 { // what went may set units free
		if len(again.Report.Changes) == 0 || !unitsOnly(again) {
			break
		}
		res = again
		r.Weights, r.Fixed = res.Weights, res.Fixed
		again, err = r.Rewrite(res.Roots...)
		require.NoError(t, err, "seed %d", seed)
	}
	require.Empty(t, again.Report.Changes, "seed %d: twice", seed)
	require.Equal(t, again.Report.Before, again.Report.After, "seed %d: twice", seed)
	require.Equal(t, drawing(res.Roots), drawing(again.Roots), "seed %d: twice", seed)
	if seed%8 == 0 && !r.Fused {
		require.LessOrEqual(t, gapOf(t, want, tape(t, res.Roots)), 1e-10, "seed %d: Gorgonia's machine\n%s", seed, res)
	}
	return len(res.Report.Changes) > 0, w.kinds
}

// unitsOnly says that nothing but units of elementwise layers went.
func unitsOnly(res *Result) bool {
	for _, c := range res.Report.Changes {
		if !strings.Contains(c.Reason, "twin") && !strings.Contains(c.Reason, "constant") && !strings.Contains(c.Reason, "unobserved") {
			return false
		}
	}
	return true
}

// splits counts the parts of concatenations: in fused graphs each has a matrix of its own.
func splits(w *garden) int {
	k := 0
	for _, n := range w.g.AllNodes() {
		if inspect.KindOf(n.Op()).Name == "concat" {
			k += len(op.Children(n)) - 1
		}
	}
	return k
}

// TestRandomGraphs prints the share of graphs in which something was compressed.
func TestRandomGraphs(t *testing.T) {
	kinds := make(map[string]bool)
	shrank := 0
	n := trials.Count(*graphs, max(*graphs, 4000))
	for seed := range uint64(n) {
		s, ks := checkSeed(t, seed)
		if s {
			shrank++
		}
		for k := range ks {
			kinds[k] = true
		}
	}
	share := float64(shrank) / float64(n)
	t.Logf("%d random graphs of %d kinds of steps; %.0f%% had something to compress", n, len(kinds), 100*share)
	assert.GreaterOrEqual(t, share, 0.5)
	assert.GreaterOrEqual(t, len(kinds), 60)
}

// TestRandomSingle: the same in float32, to its rounding.
func TestRandomSingle(t *testing.T) {
	shrank := 0
	for seed := range uint64(40) {
		w := grow(t, seed, tensor.Float32)
		before := snapshot(w.g)
		res, err := Rewriter{Weights: w.weights, Data: w.data, Fixed: w.fixed, Fused: seed%3 == 0}.Rewrite(w.roots...)
		require.NoError(t, err, "seed %d", seed)
		require.Equal(t, before, snapshot(w.g), "seed %d", seed)
		want := valuesOf(w.roots)
		for i, v := range valuesOf(res.Roots) {
			require.LessOrEqual(t, gap(want[i], v, seed%3 == 0), 1e-4, "seed %d\n%s", seed, res)
		}
		if len(res.Report.Changes) > 0 {
			shrank++
		}
	}
	assert.GreaterOrEqual(t, shrank, 20)
}

func FuzzRewrite(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { checkSeed(t, seed) })
}
