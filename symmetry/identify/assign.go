package identify

import "math"

// assign returns the permutation p that minimises Σ cost[i][p[i]] for a square matrix, by
// the Hungarian method with potentials: O(n³).
func assign(cost [][]float64) []int {
	n := len(cost)
	u, v := make([]float64, n+1), make([]float64, n+1)
	row := make([]int, n+1) // row[j]: the row matched with column j; 0 is a dummy column
	from := make([]int, n+1)
	for i := 1; i <= n; i++ {
		row[0] = i
		best := make([]float64, n+1)
		done := make([]bool, n+1)
		for j := range best {
			best[j] = math.Inf(1)
		}
		j0 := 0
		for row[j0] != 0 {
			done[j0] = true
			i0, next, delta := row[j0], 0, math.Inf(1)
			for j := 1; j <= n; j++ {
				if done[j] {
					continue
				}
				if c := cost[i0-1][j-1] - u[i0] - v[j]; c < best[j] {
					best[j], from[j] = c, j0
				}
				if best[j] < delta {
					delta, next = best[j], j
				}
			}
			for j := range best {
				if done[j] {
					u[row[j]] += delta
					v[j] -= delta
				} else {
					best[j] -= delta
				}
			}
			j0 = next
		}
		for j0 != 0 {
			j1 := from[j0]
			row[j0] = row[j1]
			j0 = j1
		}
	}
	p := make([]int, n)
	for j := 1; j <= n; j++ {
		p[row[j]-1] = j - 1
	}
	return p
}
