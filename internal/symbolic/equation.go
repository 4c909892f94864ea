package symbolic

import (
	"container/heap"
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/formula"
	"github.com/quivernet/quivernet/internal/op"
)

// equation is one line: a named value and its formula.
type equation struct {
	left, right *formula.Formula
	node        *gorgonia.Node
	pass        Pass
	vertex      string         // the vertex that the value belongs to, "" for none
	uses        gorgonia.Nodes // the named values in the formula, each once, in the order in which they stand there
}

// equations returns the formula of the expression and those of the named values in it: forward, then
// loss, then backward, then second; in each part every line uses only what stands above it. Values with a name of the field have it; others
// that stand in more than one place are called u1, u2, …; the rest is written out.
func (x *Expr) equations() []equation {
	r := x.reader()
	var lines []equation
	seen := map[*gorgonia.Node]bool{x.node: true}
	for queue := (gorgonia.Nodes{x.node}); len(queue) > 0; queue = queue[1:] {
		n := queue[0]
		left := r.names[n]
		if n == x.node {
			left = x.name
		}
		r.used = nil
		right := r.formula(r.plain(n))
		o := x.labels.origin[n]
		l := equation{left: left, right: right, node: n, pass: o.Pass, vertex: o.Vertex}
		for _, u := range r.used {
			if !slices.Contains(l.uses, u) {
				l.uses = append(l.uses, u)
			}
			if !seen[u] && len(op.Children(u)) > 0 {
				seen[u] = true
				queue = append(queue, u)
			}
		}
		lines = append(lines, l)
	}
	return x.inOrder(lines)
}

// reader names the values of the expression that have a line of their own.
func (x *Expr) reader() *reader {
	r := &reader{Expr: x, need: make(map[*gorgonia.Node]bool), names: make(map[*gorgonia.Node]*formula.Formula)}
	uses := make(map[*gorgonia.Node]int)
	nodes := x.Nodes()
	for _, n := range nodes {
		r.need[n] = true
	}
	for i := len(nodes) - 1; i >= 0; i-- { // users first
		n := nodes[i]
		if r.plain(n) != n && n != x.node || isSize(n) {
			continue // read through
		}
		k := 1
		if n != x.node && x.labels.symbol[n] == nil && isTranspose(n) {
			k = uses[n] // so is a transpose: what it turns is named instead
		}
		for _, c := range op.Children(n) {
			uses[r.plain(c)] += k
		}
	}
	for n := range uses {
		if s := x.labels.symbol[n]; s != nil {
			r.names[n] = s
		}
	}
	k := 0
	for _, n := range nodes {
		if uses[n] > 1 && r.names[n] == nil && n != x.node && !r.short(n) {
			for k++; x.labels.taken[fmt.Sprintf("u%d", k)]; k++ {
			}
			r.names[n] = formula.Symbol(fmt.Sprintf("u%d", k), fmt.Sprintf("u_{%d}", k)).Means("u", "")
		}
	}
	return r
}

// isTranspose says that a node is another one, transposed.
func isTranspose(n *gorgonia.Node) bool {
	if o, ok := n.Op().(*op.Op); ok {
		return o.Kind() == op.KindTranspose
	}
	return fmt.Sprint(n.Op()) == "Aᵀ{1, 0}"
}

// inOrder sorts lines so that each uses only lines above it: part by part, forward along the quiver and
// backward against it.
func (x *Expr) inOrder(lines []equation) []equation {
	q := &lineQueue{rank: make([][3]int, len(lines))}
	at := make(map[*gorgonia.Node]int)
	for i, l := range lines {
		at[l.node] = i
		q.rank[i] = [3]int{int(l.pass), x.placeOf(l), -i}
	}
	waits := make([]int, len(lines)) // for so many lines
	users := make([][]int, len(lines))
	for i, l := range lines {
		for _, u := range l.uses {
			if j, ok := at[u]; ok && j != i {
				waits[i]++
				users[j] = append(users[j], i)
			}
		}
	}
	for i, k := range waits {
		if k == 0 {
			heap.Push(q, i)
		}
	}
	sorted := make([]equation, 0, len(lines))
	for q.Len() > 0 {
		i := heap.Pop(q).(int)
		sorted = append(sorted, lines[i])
		for _, j := range users[i] {
			if waits[j]--; waits[j] == 0 {
				heap.Push(q, j)
			}
		}
	}
	return sorted
}

// placeOf returns where in its part a line would like to stand.
func (x *Expr) placeOf(l equation) int {
	n := len(x.p.model.Vertices)
	v, ok := x.p.model.Quiver.VertexIndex(l.vertex)
	switch {
	case l.node == x.node:
		return n + 1
	case !ok:
		return n
	case l.pass == BackwardPass:
		return -v
	}
	return v
}

// lineQueue holds the numbers of lines that may come next, the one of the least rank on top.
type lineQueue struct {
	ready []int
	rank  [][3]int
}

func (q *lineQueue) Len() int { return len(q.ready) }
func (q *lineQueue) Less(i, j int) bool {
	a, b := q.rank[q.ready[i]], q.rank[q.ready[j]]
	return slices.Compare(a[:], b[:]) < 0
}
func (q *lineQueue) Swap(i, j int) { q.ready[i], q.ready[j] = q.ready[j], q.ready[i] }
func (q *lineQueue) Push(i any)    { q.ready = append(q.ready, i.(int)) }
func (q *lineQueue) Pop() any {
	last := len(q.ready) - 1
	i := q.ready[last]
	q.ready = q.ready[:last]
	return i
}
