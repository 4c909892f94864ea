package optim_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/golden"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// row is a line of the table of guarantees: a method by kind of decay.
type row struct {
	name  string
	forms map[optim.DecayKind]func() optim.Method
}

// rows are the methods of the catalogue and their wrappers.
func rows(lambda float64) (out []row) {
	made := func(name string, wrap func(optim.Method) optim.Method, m func() optim.Stateful) {
		r := row{name, map[optim.DecayKind]func() optim.Method{}}
		for kind, form := range decaying(m, lambda) {
			r.forms[kind] = func() optim.Method { return wrap(form()) }
		}
		out = append(out, r)
	}
	for _, e := range optim.Catalogue() {
		made(e.Name, func(m optim.Method) optim.Method { return m }, e.New)
	}
	clip := func(m optim.Method) optim.Method { return optim.Clip(m, 0.05) }
	made("Clip of SGD", clip, catalogued()["SGD"])
	made("Clip of Adam", clip, catalogued()["Adam"])
	made("ClipEntries of Momentum", func(m optim.Method) optim.Method { return optim.ClipEntries(m, 0.02) }, catalogued()["Momentum"])
	return out
}

// refused says whether Projected refuses a pair.
func refused(t *testing.T, w *quiver.Rep, m optim.Method, p optim.Projector) bool {
	t.Helper()
	err := minimizeOn(bowl{}, w.Clone(), optim.Projected(m, p), 1)
	var pe *optim.PairError
	if errors.As(err, &pe) {
		return true
	}
	require.NoError(t, err)
	return false
}

// TestTableOfGuarantees: the table of the package documentation says what Traits and Projected say.
func TestTableOfGuarantees(t *testing.T) {
	w := generic(t, layers.Tanh)
	words := map[bool]string{true: "yes", false: "no"}
	answer := func(m func() optim.Method, p optim.Projector) string {
		switch {
		case m == nil:
			return "–"
		case refused(t, w, m(), p):
			return "refused"
		}
		return "yes"
	}
	var text strings.Builder
	line := func(cells ...any) {
		text.WriteString(strings.TrimRight(fmt.Sprintf("//\t%-24s %-4s %-8s %-10s %-12s %-8s %s", cells...), " ") + "\n")
	}
	line("method", "E1", "E2:none", "decoupled", "in gradient", "dense", "joined")
	all := rows(0.01)
	for _, m := range []struct {
		name string
		optim.Method
	}{{"lengths of weights", lars{}}, {"exact polar factor", polar{}}} {
		all = append(all, row{m.name, map[optim.DecayKind]func() optim.Method{optim.NoDecay: func() optim.Method { return m.Method }}})
	}
	for _, r := range all {
		plain := r.forms[optim.NoDecay]
		if plain == nil {
			plain = r.forms[optim.Decoupled]
		}
		line(r.name, words[traits(plain()).Rotates], answer(r.forms[optim.NoDecay], zeros{}), answer(r.forms[optim.Decoupled], zeros{}), answer(r.forms[optim.L2], zeros{}),
			answer(plain, dense{}), answer(plain, joint{}))
	}
	golden.Block(t, "doc.go", "// that mixes several arrows of equal rates and decays.\n//", "//\n// Each cell is measured by the tests of this package.", text.String())
}

// length is the number of steps over which an equality is measured: rounding is amplified by products of
// gradients, and more by a search.
func length(m optim.Method) int {
	if _, ok := m.(optim.Searcher); ok {
		return 10
	}
	if _, clipped := m.(fmt.Stringer); !clipped && traits(m).Global {
		return 30
	}
	return 100
}

// TestTable measures the table of the package documentation: for each method and each kind of decay, whether
// training commutes with the group (E1) and whether projected training is reduced training (E2). A "no" must
// differ, and so must what is refused.
func TestTable(t *testing.T) {
	for _, h := range []layers.Func{layers.Squash, layers.Sigmoid} {
		w := generic(t, h)
		g := symmetry.RandomElement(w.Quiver(), rand.NewPCG(3, 4))
		gw, err := symmetry.Act(g, w)
		require.NoError(t, err)
		s := newSetting(t, w)
		for _, row := range rows(0.01) {
			for kind, form := range row.forms {
				name := fmt.Sprint(row.name, " ", kind, " ", h)
				steps := length(form())

				a, b := w.Clone(), gw.Clone()
				train(t, a, form(), steps)
				train(t, b, form(), steps)
				ga, err := symmetry.Act(g, a)
				require.NoError(t, err)
				b.AddScaled(-1, ga)
				if e1 := b.Norm() / a.Norm(); traits(form()).Rotates {
					assert.LessOrEqual(t, e1, 1e-10, "E1 of %s", name)
				} else {
					assert.GreaterOrEqual(t, e1, 1e-4, "E1 of %s must fail", name)
				}
				s.e2(t, name, form, steps)
			}
		}
	}
}

// e2 compares projected training of the rotated network with training of the reduced one.
func (s setting) e2(t *testing.T, name string, form func() optim.Method, steps int) {
	t.Helper()
	small, large := s.c.Reduced.Clone(), s.rotated.Clone()
	lb := train(t, small, form(), steps)
	if refused(t, s.rotated, form(), s.sub) {
		o, err := compile(large)
		require.NoError(t, err)
		trainOn(t, maskedObjective{o, s.sub}, large, form(), steps)
		r, err := s.sub.Reduce(large)
		require.NoError(t, err)
		assert.GreaterOrEqual(t, distance(r, small), 1e-4, "what is refused must differ: %s", name)
		return
	}
	la := train(t, large, optim.Projected(form(), s.sub), steps)
	assert.InDelta(t, lb, la, 1e-10, "losses, E2 of %s", name)
	assert.True(t, s.sub.Contains(large), name)
	r, err := s.sub.Reduce(large)
	require.NoError(t, err)
	assert.LessOrEqual(t, distance(r, small), 1e-10, "weights, E2 of %s", name)

	free := s.rotated.Clone() // the same method without projection is another training
	train(t, free, form(), steps)
	assert.False(t, s.sub.Contains(free), "unprojected %s must leave the subspace", name)
}

// maskedObjective hides the masked directions of the gradient: what a method does with it is what Projected refuses.
type maskedObjective struct {
	optim.Objective
	p optim.Projector
}

func (m maskedObjective) LossGrad(grad, w *quiver.Rep) (float64, error) {
	l, err := m.Objective.LossGrad(grad, w)
	if err != nil {
		return l, err
	}
	return l, m.p.Project(grad)
}
