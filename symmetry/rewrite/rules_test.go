package rewrite

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/inspect"
)

// with runs f with another table of rules.
func with(rules []rule, f func()) {
	was := table
	defer func() { table = was }()
	table = rules
	f()
}

// rewritten builds a graph and rewrites it with a table of rules.
func rewritten(t *testing.T, rules []rule, build func(l *lab) G.Nodes) (roots G.Nodes, res *Result) {
	l := newLab(t, 1)
	roots = build(l)
	with(rules, func() {
		var err error
		res, err = Rewriter{Weights: l.weights, Data: l.data, Fixed: l.fixed}.Rewrite(roots...)
		require.NoError(t, err)
	})
	return roots, res
}

// TestEveryRuleHasACase: a row of the table without a case is told by name, and so is a case without a row.
func TestEveryRuleHasACase(t *testing.T) {
	var rows, cases []string
	for _, r := range table {
		rows = append(rows, r.Name)
		assert.NotEmpty(t, r.Doc, r.Name)
		functions := 0
		for _, has := range []bool{r.simplify != nil, r.fold != nil, r.recognise != nil, r.bias != nil} {
			if has {
				functions++
			}
		}
		assert.LessOrEqual(t, functions, 1, "%s has one function", r.Name)
		assert.True(t, functions == 1 || r.Name == "dead" || r.Name == "compress", "%s has a function", r.Name)
	}
	for _, c := range ruleCases {
		cases = append(cases, c.rule)
		i := slices.IndexFunc(table, func(r rule) bool { return r.Name == c.rule })
		assert.True(t, i >= 0 && (c.unlike != nil) == (table[i].recognise != nil || table[i].bias != nil), "%s recognises something, and has a graph that looks alike, or neither", c.rule)
	}
	assert.ElementsMatch(t, rows, cases, "each rule has one row and one case")
}

// TestRecognition: with the rule numbers fall that stay without it, and values are the same; on what looks alike it does nothing.
func TestRecognition(t *testing.T) {
	for _, c := range ruleCases {
		if c.unlike == nil {
			continue
		}
		without := slices.DeleteFunc(slices.Clone(table), func(r rule) bool { return r.Name == c.rule })
		require.Len(t, without, len(table)-1, c.rule)
		roots, on := rewritten(t, table, c.build)
		_, off := rewritten(t, without, c.build)
		assert.Less(t, on.Report.After.Numbers(), off.Report.After.Numbers(), "%s\n%s", c.rule, on)
		for _, res := range []*Result{on, off} {
			assert.LessOrEqual(t, gapOf(t, valuesOf(roots), valuesOf(res.Roots)), 1e-13, c.rule)
		}
		_, on = rewritten(t, table, c.unlike)
		_, off = rewritten(t, without, c.unlike)
		assert.Equal(t, off.Report.String(), on.Report.String(), "what looks like %s", c.rule)
		assert.Equal(t, drawing(off.Roots), drawing(on.Roots), "what looks like %s", c.rule)
	}
}

// TestOrderOfRules: the order of the rows of the table means nothing.
func TestOrderOfRules(t *testing.T) {
	var builds []func(l *lab) G.Nodes
	for _, c := range ruleCases {
		if builds = append(builds, c.build); c.unlike != nil {
			builds = append(builds, c.unlike)
		}
	}
	for _, p := range programs {
		builds = append(builds, p.build)
	}
	rng := rand.New(rand.NewPCG(3, 1))
	for round := range 3 {
		other := slices.Clone(table)
		if slices.Reverse(other); round > 0 {
			rng.Shuffle(len(other), func(i, j int) { other[i], other[j] = other[j], other[i] })
		}
		for _, build := range builds {
			_, want := rewritten(t, table, build)
			_, got := rewritten(t, other, build)
			require.Equal(t, drawing(want.Roots), drawing(got.Roots), "%s", want)
			require.Equal(t, want.Report.String(), got.Report.String())
		}
	}
}

// TestRules applies each rule alone: the others are off. With all off the graph is copied
// node by node.
func TestRules(t *testing.T) {
	var text strings.Builder
	for _, c := range ruleCases {
		row := table[slices.IndexFunc(table, func(r rule) bool { return r.Name == c.rule })]
		if row.always {
			continue
		}
		l := newLab(t, 1)
		roots := c.build(l)
		var others, all []string
		for _, r := range Rules() {
			help := r.Name == "compress" && (row.recognise != nil || row.bias != nil)
			if all = append(all, r.Name); r.Name != c.rule && !help {
				others = append(others, r.Name)
			}
		}
		r := Rewriter{Weights: l.weights, Data: l.data, Fixed: l.fixed, Disable: others}
		on, err := r.Rewrite(roots...)
		require.NoError(t, err, c.rule)
		assert.Positive(t, on.Report.Rules[c.rule]+len(on.Report.Changes), c.rule)
		r.Disable = all
		off, err := r.Rewrite(roots...)
		require.NoError(t, err, c.rule)
		assert.Equal(t, drawing(roots), drawing(off.Roots), "all rules off: %s", c.rule)
		assert.LessOrEqual(t, gapOf(t, valuesOf(roots), valuesOf(on.Roots)), 1e-14, c.rule)
		assert.LessOrEqual(t, gapOf(t, valuesOf(roots), valuesOf(off.Roots)), 0.0, c.rule)
		before, after := drawing(roots), drawing(on.Roots)
		if c.rule == "dead" {
			before += fmt.Sprintf("  of %d nodes\n", len(l.g.AllNodes()))
			after += fmt.Sprintf("  of %d nodes; with the rule off %d\n", len(on.Graph.AllNodes()), len(off.Graph.AllNodes()))
		} else {
			assert.NotEqual(t, before, after, c.rule)
		}
		fmt.Fprintf(&text, "%s\n before\n%s after\n%s\n", c.rule, before, after)
	}
	checkGolden(t, "rules.golden", text.String())
}

// TestNegativeZero: where a division tells the two zeros apart, x+0 stays.
func TestNegativeZero(t *testing.T) {
	l := newLab(t, 1)
	x := l.input("x", 1, 2)
	require.NoError(t, G.Let(x, inspect.NewValue(l.dt, tensor.Shape{1, 2}, []float64{negativeZero(), 1})))
	y := G.Must(G.Inverse(G.Must(G.Add(x, l.scalar(0)))))
	res, err := Rewriter{Data: l.data}.Rewrite(y)
	require.NoError(t, err)
	assert.Equal(t, valuesOf(G.Nodes{y})[0].Data(), valuesOf(res.Roots)[0].Data())
	assert.Zero(t, res.Report.Rules["neutral"])
}

func negativeZero() float64 { z := 0.0; return -1 * z }
