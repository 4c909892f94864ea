package quiver

import (
	"container/heap"
	"slices"
)

// sorted returns the vertices in topological order: Kahn's algorithm, which
// takes the earliest declared vertex that is free, so that an order given
// topologically stays as it is. out lists the arrows that leave each vertex.
func sorted(n int, out [][]int, target []int) (order []int, ok bool) {
	missing := make([]int, n)
	for _, as := range out {
		for _, a := range as {
			missing[target[a]]++
		}
	}
	var free intHeap // a heap, since it is sorted
	for v := range n {
		if missing[v] == 0 {
			free = append(free, v)
		}
	}
	order = make([]int, 0, n)
	for len(free) > 0 {
		v := heap.Pop(&free).(int)
		order = append(order, v)
		for _, a := range out[v] {
			t := target[a]
			if missing[t]--; missing[t] == 0 {
				heap.Push(&free, t)
			}
		}
	}
	return order, len(order) == n
}

// cycle returns a shortest directed cycle through the first vertex that lies on
// one, as vertices with the first repeated at the end. There is one, so that the search comes back to
// its start before its queue is empty; done are vertices on none.
func cycle(n int, out [][]int, target []int, done []int) []int {
	start := firstOnCycle(n, out, target, done)
	from := make([]int, n)
	for i := range from {
		from[i] = -1
	}
	for queue := []int{start}; ; queue = queue[1:] {
		v := queue[0]
		for _, a := range out[v] {
			t := target[a]
			if t == start {
				path := []int{start}
				for u := v; u != start; u = from[u] {
					path = append(path, u)
				}
				path = append(path, start)
				slices.Reverse(path)
				return path
			}
			if from[t] < 0 {
				from[t] = v
				queue = append(queue, t)
			}
		}
	}
}

// firstOnCycle returns the first vertex that lies on a directed cycle, n where none does: one whose strongly
// connected component has other vertices, or that has a loop (Tarjan 1972, without recursion).
func firstOnCycle(n int, out [][]int, target []int, done []int) int {
	const unseen, finished = 0, -1
	number, low, next := make([]int, n), make([]int, n), make([]int, n)
	for _, v := range done {
		number[v] = finished
	}
	first, count := n, 0
	var walk, open []int // the path of the search, and the vertices without a component yet
	for start := range n {
		if number[start] != unseen {
			continue
		}
		walk = append(walk, start)
		for len(walk) > 0 {
			v := walk[len(walk)-1]
			if number[v] == unseen {
				count++
				number[v], low[v] = count, count
				open = append(open, v)
			}
			if next[v] < len(out[v]) {
				t := target[out[v][next[v]]]
				next[v]++
				switch {
				case t == v:
					first = min(first, v)
				case number[t] == unseen:
					walk = append(walk, t)
				case number[t] != finished:
					low[v] = min(low[v], number[t])
				}
				continue
			}
			if walk = walk[:len(walk)-1]; len(walk) > 0 {
				u := walk[len(walk)-1]
				low[u] = min(low[u], low[v])
			}
			if low[v] != number[v] {
				continue
			}
			for size := 1; ; size++ {
				u := open[len(open)-1]
				open, number[u] = open[:len(open)-1], finished
				if u != v || size > 1 {
					first = min(first, u)
				}
				if u == v {
					break
				}
			}
		}
	}
	return first
}

// intHeap is a min-heap of vertex numbers.
type intHeap []int

func (h intHeap) Len() int           { return len(h) }
func (h intHeap) Less(i, j int) bool { return h[i] < h[j] }
func (h intHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *intHeap) Push(x any)        { *h = append(*h, x.(int)) }
func (h *intHeap) Pop() any {
	o := *h
	x := o[len(o)-1]
	*h = o[:len(o)-1]
	return x
}
