package main

import (
	"math"
	"slices"
)

// comparison is a line of the table of bars: how many times as long a step of num takes as one of den.
type comparison struct {
	what     string
	num, den string
	atLeast  bool               // the bar is a least, else a most
	bars     map[string]float64 // by case; a case without a bar is reported alone
	only     bool               // cases without a bar are left out
}

// each gives all cases of training one bar.
func each(bar float64) map[string]float64 {
	m := make(map[string]float64)
	for _, c := range allCases {
		if c.kind == training {
			m[c.String()] = bar
		}
	}
	return m
}

// bars gives the bars of a peer: of the reduced network and the full one with 121 samples, of the
// full one with 1024, and of the wide one.
func bars(reduced, full, full1024, wide float64) map[string]float64 {
	return map[string]float64{"reduced/121": reduced, "full/121": full, "full/1024": full1024, "784/128": wide}
}

// comparisons are the table. The bars for the reduced network against peers that dispatch each
// step are for 121 samples.
var comparisons = []comparison{
	{what: "ours / by hand, same products", num: "quivernet", den: "hand", bars: each(1.10)},
	{what: "ours / by hand, no library", num: "quivernet-go", den: "hand-go", bars: each(1.10)},
	{what: "PyTorch eager / ours", num: "torch-eager", den: "quivernet", atLeast: true, bars: bars(50, 3.5, 2, 1)},
	{what: "torch.compile of the loss / ours", num: "torch-compile-loss", den: "quivernet", atLeast: true, bars: bars(25, 2.5, 1.8, 1)},
	{what: "PyTorch, step in one graph / ours", num: "torch-compile-step", den: "quivernet", atLeast: true, bars: bars(10, 1.8, 1.5, 1)},
	{what: "JAX, one jitted step a call / ours", num: "jax-jit", den: "quivernet", atLeast: true, bars: bars(5, 1.2, 1, 0.9)},
	{what: "JAX, 100 steps in lax.scan / ours", num: "jax-scan", den: "quivernet", atLeast: true, bars: bars(2, 1, 1, 0.9)},
	{what: "numpy by hand / ours", num: "numpy", den: "quivernet", atLeast: true, bars: bars(12, 1.4, 1.4, 0.9)},
	{what: "ours without / with a library", num: "quivernet-go", den: "quivernet", bars: map[string]float64{"full/121": 2, "full/1024": 2, "784/128": 2, "784/1024": 2}},
	{what: "Gorgonia, same products / ours", num: "gorgonia", den: "quivernet", atLeast: true,
		bars: map[string]float64{"reduced/121": 5, "reduced/1024": 5, "full/121": 2, "full/1024": 2, "784/128": 1.3, "784/1024": 1.3, "arrows": 3}},
	{what: "Gorgonia, gonum / ours, no library", num: "gorgonia-gonum", den: "quivernet-go", atLeast: true},
	{what: "GoMLX, pure Go / ours", num: "gomlx", den: "quivernet", atLeast: true, bars: each(10)},
	{what: "GoMLX, GOEXPERIMENT=simd / ours", num: "gomlx-simd", den: "quivernet", atLeast: true},
	{what: "one worker / Workers(2), two cores", num: "workers-1", den: "workers-2", atLeast: true, bars: map[string]float64{"784/1024": 1.6}, only: true},
}

// row is a comparison on a case, measured.
type row struct {
	Row    string  `json:"row"`
	Case   string  `json:"case"`
	Minima float64 `json:"ratio_minima"` // the ratio of the minima over all rounds, which the bar judges
	Median float64 `json:"ratio_median"` // the median of the ratios within a round
	Bar    float64 `json:"bar,omitempty"`
	Least  bool    `json:"at_least"`
	OK     *bool   `json:"ok,omitempty"`
}

// compare measures a comparison from the answers of two variants, one per round.
func (c comparison) compare(in string, num, den []answer) row {
	r := row{Row: c.what, Case: in, Least: c.atLeast}
	r.Minima = fastest(num) / fastest(den)
	var ratios []float64
	for i := range min(len(num), len(den)) {
		ratios = append(ratios, num[i].MedianUs/den[i].MedianUs)
	}
	r.Median = median(ratios)
	if bar, ok := c.bars[in]; ok {
		met := r.Minima <= bar
		if c.atLeast {
			met = r.Minima >= bar
		}
		r.Bar, r.OK = bar, &met
	}
	return r
}

// fastest is the least time of all rounds.
func fastest(a []answer) float64 {
	m := math.Inf(1)
	for _, x := range a {
		m = min(m, x.MinUs)
	}
	return m
}

// total is one answer for all rounds: the least minimum and the median of the medians.
func total(a []answer) answer {
	sum := a[0]
	var medians []float64
	sum.Samples = 0
	for _, x := range a {
		sum.MinUs = min(sum.MinUs, x.MinUs)
		medians = append(medians, x.MedianUs)
		sum.Samples += x.Samples
	}
	sum.MedianUs = median(medians)
	return sum
}

// rows compares all that was measured on a case.
func rows(in string, answers map[string][]answer, sameLibrary bool) []row {
	var out []row
	for _, c := range comparisons {
		num, den := answers[c.num], answers[c.den]
		_, barred := c.bars[in]
		if len(num) == 0 || len(den) == 0 || c.only && !barred {
			continue
		}
		if sameLibrary && slices.Contains([]string{c.num, c.den}, "quivernet-go") && slices.Contains([]string{c.num, c.den}, "quivernet") {
			continue
		}
		out = append(out, c.compare(in, num, den))
	}
	return out
}

// allocations is the row of the allocations of a step, of which there should be none.
func allocations(a answer) row {
	none := *a.Allocs == 0
	return row{Row: "allocations per step, " + a.Variant, Case: a.Case, Minima: *a.Allocs, Median: *a.Allocs, OK: &none}
}
