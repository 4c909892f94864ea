package main

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/golden"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		x    []float64
		want float64
	}{{[]float64{3}, 3}, {[]float64{9, 1, 4}, 4}, {[]float64{9, 1, 4, 6}, 5}, {[]float64{2, math.Inf(1), 1}, 2}} {
		before := slices.Clone(c.x)
		assert.Equal(t, c.want, median(c.x))
		assert.Equal(t, before, c.x)
	}
}

// rounds are answers with these times.
func rounds(minMedian ...float64) (out []answer) {
	for i := 0; i < len(minMedian); i += 2 {
		out = append(out, answer{MinUs: minMedian[i], MedianUs: minMedian[i+1], Samples: 10})
	}
	return out
}

// The machine is twice as slow in the second round and in half of the third: the minima do not see it, and
// within a round both variants do.
func TestCompare(t *testing.T) {
	num, den := rounds(30, 33, 60, 66, 31, 36), rounds(10, 11, 20, 22, 10, 24)
	c := comparison{what: "a / b", atLeast: true, bars: map[string]float64{"met": 3, "missed": 3.1}}
	r := c.compare("met", num, den)
	assert.Equal(t, 3.0, r.Minima)
	assert.Equal(t, 3.0, r.Median, "of 3, 3 and 1.5")
	assert.True(t, *r.OK)
	assert.False(t, *c.compare("missed", num, den).OK)
	assert.Nil(t, c.compare("none", num, den).OK)

	c.atLeast = false
	assert.True(t, *c.compare("missed", num, den).OK)
	assert.False(t, *comparison{bars: map[string]float64{"x": 2.9}}.compare("x", num, den).OK)

	sum := total(num)
	assert.Equal(t, answer{MinUs: 30, MedianUs: 36, Samples: 30}, sum)
}

// Every row names variants that exist, and every bar a case that both of them do.
func TestComparisonsAreAboutWhatExists(t *testing.T) {
	does := map[string]func(benchCase) bool{"gomlx": steps, "gomlx-simd": steps}
	for _, v := range goVariants {
		does[v.name] = v.does
	}
	for _, p := range pythonVariants {
		for _, n := range p.names {
			does[n] = steps
		}
	}
	for _, c := range comparisons {
		require.Contains(t, does, c.num)
		require.Contains(t, does, c.den)
		for name := range c.bars {
			k, err := findCase(name)
			require.NoError(t, err, c.what)
			assert.True(t, does[c.num](k) && does[c.den](k), "%s on %s", c.what, name)
		}
	}
}

func TestRowsLeaveOutWhatWasNotMeasured(t *testing.T) {
	answers := map[string][]answer{"quivernet": rounds(10, 10), "quivernet-go": rounds(10, 10), "hand": rounds(10, 10), "workers-1": rounds(1, 1), "workers-2": rounds(1, 1)}
	what := func(in string, same bool) (out []string) {
		for _, r := range rows(in, answers, same) {
			out = append(out, r.Row)
		}
		return out
	}
	assert.Equal(t, []string{"ours / by hand, same products", "ours without / with a library"}, what("full/121", false))
	assert.Equal(t, []string{"ours / by hand, same products"}, what("full/121", true), "one and the same variant twice says nothing")
	assert.Contains(t, what("784/1024", true), "one worker / Workers(2), two cores")
}

func TestReport(t *testing.T) {
	none := 0.0
	r := &report{settings: settings{rounds: 7, millis: 150}, skips: []skip{{"numpy", "not here"}},
		abouts: []versions{{"quivernet", about{"go1.26", 1, noLibrary}, []int{1}}, {"hand", about{"go1.26", 1, noLibrary}, []int{1}}},
		minima: map[string]map[string]float64{"full/121": {"quivernet": 145}, "reduced/121": {"quivernet": 10}},
	}
	for _, v := range []string{"quivernet", "hand"} {
		r.measured = append(r.measured, answer{Case: "full/121", Variant: v, MinUs: 145, MedianUs: 151.25, Loss100: 0.1055467456, Allocs: &none})
	}
	r.rows = append(r.rows, allocations(r.measured[0]))
	r.rows = append(r.rows, rows("full/121", map[string][]answer{"quivernet": rounds(145, 150), "hand": rounds(140, 150), "numpy": rounds(200, 230), "torch-eager": rounds(435, 500)}, true)...)
	for name, markdown := range map[string]bool{"report.txt": false, "report.md": true} {
		var out bytes.Buffer
		r.body(&out, markdown)
		golden.Check(t, name, out.String())
	}
}
