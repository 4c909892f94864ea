package units

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/quivernet/quivernet/internal/inputs"

	"github.com/quivernet/quivernet/internal/linalg"

	"github.com/quivernet/quivernet/quiver"
)

// stacked is what reaches the units of a vertex: a row per unit, a column per coordinate of a
// source, parallel arrows added, all biases in one column, and the mass of each entry.
type stacked struct {
	m, mass linalg.Matrix
	from    []*vertex // the sources in the order of their columns; all biases count as the first of them
	at      map[*vertex]int
}

// stack returns the rows of s.
func (s *vertex) stack() stacked {
	var k stacked
	k.at = map[*vertex]int{}
	cols := 0
	var bias *vertex
	for _, l := range s.in {
		from := l.s
		if from.Kind == quiver.KindBias {
			if bias == nil {
				bias = from
			}
			from = bias
		}
		if _, seen := k.at[from]; !seen {
			k.at[from] = cols
			k.from = append(k.from, from)
			cols += from.Dim
		}
	}
	k.m, k.mass = linalg.New(s.Dim, cols), linalg.New(s.Dim, cols)
	for _, l := range s.in {
		from := l.s
		if from.Kind == quiver.KindBias {
			from = bias
		}
		at := k.at[from]
		for i := range l.m.Rows {
			for j := range l.m.Cols {
				x, a := l.at(i, j)
				k.m.Data[i*cols+at+j] += x
				k.mass.Data[i*cols+at+j] += a
			}
		}
	}
	return k
}

// ratio returns c with row j = c·row i up to rounding, or false. pivot is the place of the
// largest entry of row i.
func (k *stacked) ratio(i, j, pivot int, scales bool) (float64, bool) {
	x, y := k.m.Row(i), k.m.Row(j)
	c := y[pivot] / x[pivot]
	if !scales {
		c = math.Copysign(1, c)
	}
	if c == 0 || math.IsNaN(c) || math.IsInf(c, 0) {
		return 0, false
	}
	if r := math.Round(c); math.Abs(c-r) <= 4*0x1p-52*math.Abs(c) {
		c = r // 2 times a number has a ratio of 2
	}
	a, b := k.mass.Row(i), k.mass.Row(j)
	for n := range x {
		if math.Abs(y[n]-c*x[n]) > slight(b[n]+math.Abs(c)*a[n]) {
			return 0, false
		}
	}
	return c, true
}

// exactRatio is ratio for rows of which no entry is a rounded sum, without any rounding.
func (k *stacked) exactRatio(i, j, pivot int, scales bool) (float64, bool) {
	x, y := k.m.Row(i), k.m.Row(j)
	c := y[pivot] / x[pivot]
	if !scales {
		c = math.Copysign(1, c)
	}
	if c == 0 || math.IsNaN(c) || math.IsInf(c, 0) {
		return 0, false
	}
	a, b := k.mass.Row(i), k.mass.Row(j)
	for n := range x {
		if math.Abs(x[n]) != a[n] || math.Abs(y[n]) != b[n] || math.FMA(c, x[n], -y[n]) != 0 {
			return 0, false
		}
	}
	return c, true
}

// addsUp reports whether the outgoing column of unit j, times phi, can be added to that of unit i
// without rounding.
func (s *vertex) addsUp(i, j int, phi float64) bool {
	for _, l := range s.out {
		for t := range l.m.Rows {
			x, y := l.m.Row(t)[i], l.m.Row(t)[j]
			p := phi * y
			sum := x + p
			back := sum - x
			if math.FMA(phi, y, -p) != 0 || (x-(sum-back))+(p-back) != 0 {
				return false
			}
		}
	}
	return true
}

// clusters returns sets of units, in order, such that proportional rows lie in one set: rows of
// length 1 are compared by their products with one vector, up to rounding and sign. Rows of
// zeros are in none.
func (k *stacked) clusters() [][]int {
	type mark struct {
		unit       int
		key, width float64
	}
	var marks []mark
	rng := rand.New(rand.NewPCG(inputs.Seed, 2))
	p := make([]float64, k.m.Cols)
	for j := range p {
		p[j] = 1 + rng.Float64()
	}
	for i := range k.m.Rows {
		var most, size, key, err float64
		for _, x := range k.m.Row(i) {
			most = max(most, math.Abs(x))
		}
		if most == 0 || math.IsInf(most, 1) {
			continue
		}
		for j, x := range k.m.Row(i) {
			size = math.Hypot(size, x/most)
			key += p[j] * (x / most)
			err += p[j] * slight(k.mass.Row(i)[j]/most)
		}
		marks = append(marks, mark{i, math.Abs(key) / size, 1e-9 + 2*err/size})
	}
	slices.SortFunc(marks, func(a, b mark) int { return cmp.Compare(a.key, b.key) })
	var sets [][]int
	reach := math.Inf(-1) // how far the units so far reach
	for _, m := range marks {
		if m.key-m.width > reach {
			sets = append(sets, nil)
		}
		reach = max(reach, m.key+m.width)
		sets[len(sets)-1] = append(sets[len(sets)-1], m.unit)
	}
	for _, set := range sets {
		slices.Sort(set)
	}
	slices.SortFunc(sets, func(a, b []int) int { return a[0] - b[0] })
	return sets
}

// twins merges units of s whose rows are equal up to a factor that the activation lets through.
func (d *network) twins(s *vertex) bool {
	k := s.stack()
	pivot := make([]int, s.Dim)
	for i := range pivot {
		for j, x := range k.m.Row(i) {
			if math.Abs(x) > math.Abs(k.m.Row(i)[pivot[i]]) {
				pivot[i] = j
			}
		}
	}
	gone, found := make([]bool, s.Dim), false
	same := k.ratio
	if s.care != rounded {
		same = k.exactRatio
	}
	offset := make([]float64, s.Dim)
	for _, near := range k.clusters() {
		for n, j := range near {
			for _, i := range near[:n] {
				if gone[i] {
					continue
				}
				c, ok := same(i, j, pivot[i], s.group.HasScales())
				if !ok {
					continue
				}
				phi, off, ok := s.factor(c)
				if !ok || s.care != rounded && !s.addsUp(i, j, phi) {
					continue
				}
				d.note(s, j, Change{Fate: Twin, Twin: s.number[i], Factor: phi, Value: off}, "every input", claim{root: s.place[i], c: c, phi: phi, shift: off})
				for _, l := range s.out {
					for t := range l.m.Rows {
						x, a := l.at(t, j)
						l.add(t, i, phi*x, math.Abs(phi)*a)
					}
				}
				offset[j], gone[j], found = off, true, true
				break
			}
		}
	}
	if found {
		d.offset(s, offset)
		d.drop(s, gone)
	}
	return found
}
