package symmetry_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/quivertest"
	"github.com/quivernet/quivernet/symmetry"
)

var mix = []quivertest.Act{
	{Activation: tanh, Size: 1.2},
	{Activation: squash, Size: 1.2},
	{Activation: sigmoid, Size: 1.2},
	{Activation: layers.Radial(layers.Shift(layers.ReLU, 0.5)), Size: 1.5},
	{Activation: layers.RMSNorm(8, 0.1), Size: 1.2},
	{Activation: layers.Trainable(layers.Tanh, 0.3, 1.1), Size: 1.2},
	{Activation: layers.Rescaling("onenorm", layers.OneNorm{}), Size: 1.2},
	{Activation: layers.Pointwise(layers.Tanh), Size: 1.2},
}

// TestOptionsOnTheMix: each option and each pair of options that may be combined keeps
// its promises on random quivers of all kinds.
func TestOptionsOnTheMix(t *testing.T) {
	type named struct {
		name string
		make func(in quivertest.Instance) symmetry.Option
		rule bool
	}
	all := []named{
		{"none", func(quivertest.Instance) symmetry.Option { return nil }, false},
		{"Rank", func(quivertest.Instance) symmetry.Option { return symmetry.Rank(0) }, true},
		{"Tolerance", func(quivertest.Instance) symmetry.Option { return symmetry.Tolerance(0.05) }, true},
		{"Widths", func(in quivertest.Instance) symmetry.Option {
			w := map[string]int{}
			for _, h := range in.Rep.Quiver().Hidden() {
				w[h] = 2
			}
			return symmetry.Widths(w)
		}, true},
		{"MergeParallel", func(quivertest.Instance) symmetry.Option { return symmetry.MergeParallel }, false},
		{"Observe", func(quivertest.Instance) symmetry.Option { return symmetry.Observe() }, false},
		{"Keep", func(in quivertest.Instance) symmetry.Option {
			if h := in.Rep.Quiver().Hidden(); len(h) > 0 {
				return symmetry.Keep(h[len(h)/2])
			}
			return nil
		}, false},
		{"Data", func(in quivertest.Instance) symmetry.Option { return symmetry.Data(in.Inputs...) }, false},
	}
	exact, cut, no := 0, 0, 0
	for i, a := range all {
		for j, b := range all[i:] {
			if a.rule && b.rule {
				if j > 0 {
					in := quivertest.Generate(0, mix...)
					_, err := symmetry.Compress(in.Rep, a.make(in), b.make(in))
					var bad *symmetry.OptionError
					require.ErrorAs(t, err, &bad, "%s and %s", a.name, b.name)
				}
				if j > 0 {
					continue
				}
			}
			for seed := range uint64(len(quivertest.Kinds())) {
				in := quivertest.Generate(seed+uint64(20*(7*i+j)), mix...)
				opts := []symmetry.Option{a.make(in), b.make(in)}
				if j == 0 {
					opts = opts[:1]
				}
				what := in.Name + ": " + a.name + ", " + b.name
				before := in.Rep.Clone()
				c, err := symmetry.Compress(in.Rep, opts...)
				if refused(in.Rep, err) {
					no++
					continue
				}
				require.NoError(t, err, what)
				require.Equal(t, before.Data(), in.Rep.Data(), what)
				require.NoError(t, c.Reduced.Check(), what)
				lifted, err := c.Lift(c.Reduced)
				require.NoError(t, err, what)
				require.Equal(t, in.Rep.Quiver().Layout(), lifted.Quiver().Layout(), what)
				assert.LessOrEqual(t, gap(t, c.Reduced, lifted, in.Inputs...), 1e-10, what)
				rotated, err := c.Rotated()
				require.NoError(t, err, what)
				assert.LessOrEqual(t, gap(t, in.Rep, rotated, in.Inputs...), 1e-10, what)
				bound, err := c.BoundOn(in.Inputs...)
				require.NoError(t, err, what)
				assert.LessOrEqual(t, gap(t, in.Rep, c.Reduced, in.Inputs...), bound, what)
				if !c.Certificate.Exact {
					cut++
					continue
				}
				exact++
				assert.LessOrEqual(t, gap(t, in.Rep, c.Reduced, in.Inputs...), 1e-10, what)
				assert.LessOrEqual(t, distance(in.Rep, lifted), 1e-10*(1+in.Rep.Norm()), what)
				again, err := symmetry.Compress(c.Reduced, opts...)
				if err == nil { // names may be gone
					assert.Equal(t, c.Reduced.Quiver().Dims(), again.Reduced.Quiver().Dims(), what)
				}
				trainBoth(t, c, in, what)
			}
		}
	}
	t.Logf("%d exact, %d cut, %d refused", exact, cut, no)
	assert.Greater(t, exact, 300)
	assert.Greater(t, cut, 50)
}

// refused says whether err is an *OptionError that names a vertex whose activation keeps no smaller
// subspace, or that is tied or kept: what Tolerance and Widths ask of it cannot be had.
func refused(w *quiver.Rep, err error) bool {
	var bad *symmetry.OptionError
	if !errors.As(err, &bad) {
		return false
	}
	for _, h := range w.Quiver().Hidden() {
		if strings.Contains(bad.Reason, strconv.Quote(h)) {
			return true
		}
	}
	return false
}

// trainBoth takes three steps of descent, projected and reduced.
func trainBoth(t *testing.T, c *symmetry.Compression, in quivertest.Instance, what string) {
	t.Helper()
	p, err := c.Subspace()
	require.NoError(t, err, what)
	rotated := must(c.Rotated())(t)
	reduced := c.Reduced.Clone()
	ys := must(in.Rep.Eval(in.Inputs...))(t)
	for _, y := range ys {
		if !y.IsEmpty() {
			y.Scale(0.5, y)
		}
	}
	for range 3 {
		descend(t, rotated, in.Inputs, ys, 1e-3, p)
		descend(t, reduced, in.Inputs, ys, 1e-3, nil)
	}
	small, err := p.Reduce(rotated)
	require.NoError(t, err, what)
	assert.LessOrEqual(t, gap(t, reduced, rotated, in.Inputs...), 1e-9, what)
	assert.LessOrEqual(t, distance(reduced, small), 1e-9*(1+reduced.Norm()), what)
}
