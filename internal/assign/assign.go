// Package assign solves the linear assignment problem.
package assign

import "math"

// Result is a cheapest assignment with its proof: U[i] + V[j] ≤ cost[i][j] for all i and
// j, with equality where To[i] = j, and V[j] ≤ 0, 0 at columns that are left over.
type Result struct {
	To   []int // the column of each row
	Cost float64
	U, V []float64
}

// Min returns the assignment of rows to columns, each column taken at most once, with the
// smallest sum of costs. cost is rows×cols, row-major, rows ≤ cols; +Inf forbids a
// pair. It is false where no assignment without +Inf exists or a cost is NaN or −Inf. Ties go
// to lower columns first, so that the same costs give the same answer.
//
// The algorithm is that of Jonker and Volgenant (Computing 38, 1987): a column reduction, then
// for each free row a shortest augmenting path by Dijkstra's method on reduced costs. It
// takes O(rows²·cols) time.
func Min(cost []float64, rows, cols int) (Result, bool) {
	if rows < 0 || cols < rows || len(cost) != rows*cols {
		return Result{}, false
	}
	for _, c := range cost {
		if math.IsNaN(c) || math.IsInf(c, -1) {
			return Result{}, false
		}
	}
	s := &solver{cost: cost, cols: cols, v: make([]float64, cols), to: filled(rows), row: filled(cols)}
	if rows == cols {
		s.reduce()
	}
	s.dist, s.from, s.scanned = make([]float64, cols), make([]int, cols), make([]bool, cols)
	for i := range rows {
		if s.to[i] < 0 && !s.augment(i) {
			return Result{}, false
		}
	}
	r := Result{To: s.to, U: make([]float64, rows), V: s.v}
	for i, j := range s.to {
		c := cost[i*cols+j]
		r.Cost += c
		r.U[i] = c - s.v[j]
	}
	return r, true
}

func filled(n int) []int {
	x := make([]int, n)
	for i := range x {
		x[i] = -1
	}
	return x
}

type solver struct {
	cost    []float64
	cols    int
	v       []float64 // the prices of the columns
	to      []int     // the column of a row, −1 where it is free
	row     []int     // the row of a column, −1
	dist    []float64 // of a shortest path to a column
	from    []int     // the row before it
	scanned []bool
}

// reduce prices each column by its cheapest row, and gives it to that row if it is free.
// All reduced costs are then non-negative, and those of the pairs made are 0. It needs as
// many rows as columns: no column with a price may be left over.
func (s *solver) reduce() {
	n := s.cols
	for j := n - 1; j >= 0; j-- {
		best := 0
		for i := range n {
			if s.cost[i*n+j] < s.cost[best*n+j] {
				best = i
			}
		}
		if math.IsInf(s.cost[best*n+j], 1) {
			continue // the column is forbidden to all; augment will find out
		}
		s.v[j] = s.cost[best*n+j]
		if s.to[best] < 0 {
			s.to[best], s.row[j] = j, best
		}
	}
}

// augment gives row i a column along a path of least reduced cost.
func (s *solver) augment(i int) bool {
	for j := range s.cols {
		s.dist[j], s.from[j], s.scanned[j] = s.cost[i*s.cols+j]-s.v[j], i, false
	}
	for {
		end := -1
		for j, d := range s.dist {
			if !s.scanned[j] && (end < 0 || d < s.dist[end] || d == s.dist[end] && s.row[j] < 0 && s.row[end] >= 0) {
				end = j
			}
		}
		if end < 0 || math.IsInf(s.dist[end], 1) {
			return false
		}
		if s.row[end] < 0 {
			for j, done := range s.scanned {
				if done {
					s.v[j] += s.dist[j] - s.dist[end]
				}
			}
			for { // walk back, and shift each row to the column after it
				k := s.from[end]
				s.row[end] = k
				s.to[k], end = end, s.to[k]
				if k == i {
					return true
				}
			}
		}
		s.scanned[end] = true
		k := s.row[end]
		base := s.cost[k*s.cols+end] - s.v[end] - s.dist[end]
		for j := range s.cols {
			if d := s.cost[k*s.cols+j] - s.v[j] - base; !s.scanned[j] && d < s.dist[j] {
				s.dist[j], s.from[j] = d, k
			}
		}
	}
}
