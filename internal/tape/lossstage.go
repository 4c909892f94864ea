package tape

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
)

// lossPattern is a loss of this library in an expression: the nodes of its sum, such as Σ(y−t)² or the
// cross entropy of softmax(y) with t, and of the gradient, such as s·2(y−t) or s·(softmax(y)−t).
type lossPattern struct {
	stage   *model.Stage
	owner   string
	y, t    *gorgonia.Node
	sum     *gorgonia.Node // 1×1; nil where not needed
	s, grad *gorgonia.Node // nil without a gradient
	nodes   gorgonia.Nodes

	share  *gorgonia.Node // the loss's weight c, where s is c times the seed of the sweep, 1
	scaled *gorgonia.Node // c·sum, where that is all that sum is needed for
}

// findLosses looks for the losses among the needed nodes. What does not have
// exactly the expected form, and no other user in between, is left to run as it is.
func (f *fuser[T]) findLosses() {
	if f.e.Model.Losses == nil || f.e.Target == nil {
		return
	}
	users := make(map[*gorgonia.Node]gorgonia.Nodes)
	for n := range f.needed {
		for _, c := range slices.Compact(slices.Clone(op.Children(n))) {
			users[c] = append(users[c], n)
		}
	}
	for i, v := range f.e.Model.LossAt {
		y, t := f.e.Vertex[v], f.e.Target[i]
		if f.uses[t] == 0 || model.SizeOf(y) != model.SizeOf(t) {
			continue
		}
		l := &lossPattern{owner: f.e.Model.Losses[i].Output, y: y, t: t}
		if slices.ContainsFunc(model.Stages(), func(s *model.Stage) bool { return f.matches(l, s, users) }) {
			f.weigh(l, i)
			for _, n := range l.nodes {
				f.losses[n] = l
				f.absorbed[n] = false
			}
		}
	}
}

// weigh takes the weight of the loss into the stage: s = c·1 and c·sum.
func (f *fuser[T]) weigh(l *lossPattern, i int) {
	c := f.e.Share[i]
	if l.s != nil && f.kind(l.s) == op.KindScale && f.uses[l.s] == 1 && op.Children(l.s)[0] == f.e.Unit && op.Children(l.s)[1] == c {
		l.share = c
		l.nodes = append(gorgonia.Nodes{l.s}, l.nodes...)
	}
	if n := f.user[l.sum]; l.sum != nil && f.uses[l.sum] == 1 && f.kind(n) == op.KindScale && op.Children(n)[1] == c {
		l.scaled, l.share = n, c
		l.nodes = append(l.nodes, n)
	}
}

// only returns the one among users that is of the given kind; nil where there is none, or more than one.
func (f *fuser[T]) only(users gorgonia.Nodes, kind op.Kind) *gorgonia.Node {
	var found *gorgonia.Node
	for _, u := range users {
		if f.kind(u) == kind {
			if found != nil {
				return nil
			}
			found = u
		}
	}
	return found
}

// matches says whether the nodes at the output are those of a stage, and notes them.
func (f *fuser[T]) matches(l *lossPattern, s *model.Stage, users map[*gorgonia.Node]gorgonia.Nodes) bool {
	l.stage, l.nodes = s, nil
	if s.Residual {
		return f.squared(l, users)
	}
	return f.oneOperation(l, users)
}

// squared matches r = y−t, ⟨r,r⟩ and 2·(s·r).
func (f *fuser[T]) squared(l *lossPattern, users map[*gorgonia.Node]gorgonia.Nodes) bool {
	r := f.only(users[l.t], op.KindCombine)
	if r == nil || !combines(r, l.y, l.t) {
		return false
	}
	dot, scale := f.only(users[r], op.KindDot), f.only(users[r], op.KindScale)
	read := 0
	if dot != nil {
		read += 2 // both factors
	}
	if scale != nil {
		read++
	}
	if f.uses[r] != read {
		return false
	}
	l.nodes = gorgonia.Nodes{r}
	if l.sum = dot; dot != nil {
		l.nodes = append(l.nodes, dot)
	}
	if scale != nil {
		twice := f.only(users[scale], op.KindCombine)
		if twice == nil || f.uses[scale] != 1 {
			return false
		}
		l.s, l.grad = op.Children(scale)[1], twice
		l.nodes = append(l.nodes, scale, twice)
	}
	return true
}

// oneOperation matches a sum that is one operation of y and t, and s times its difference.
func (f *fuser[T]) oneOperation(l *lossPattern, users map[*gorgonia.Node]gorgonia.Nodes) bool {
	sum, diff := f.only(users[l.t], l.stage.Sum), f.only(users[l.t], l.stage.Difference)
	if l.sum = sum; sum != nil {
		if op.Children(sum)[0] != l.y {
			return false
		}
		l.nodes = append(l.nodes, sum)
	}
	if diff != nil {
		scale := f.user[diff]
		if op.Children(diff)[0] != l.y || f.uses[diff] != 1 || f.kind(scale) != op.KindScale || op.Children(scale)[0] != diff {
			return false
		}
		l.s, l.grad = op.Children(scale)[1], scale
		l.nodes = append(l.nodes, diff, scale)
	}
	return sum != nil || diff != nil
}

// combines says that n is a − b.
func combines(n, a, b *gorgonia.Node) bool {
	o, ok := n.Op().(*op.Op)
	in := op.Children(n)
	return ok && slices.Equal(o.Coefficients(), []float64{1, -1}) && in[0] == a && in[1] == b
}

// loss computes a loss and its gradient at the output.
type loss[T op.Float] struct {
	t            *Tape[T]
	l            *lossPattern
	kernel       model.Kernel[T]
	d            int
	y, target    int
	s, sum, grad int // slots; −1 where there is none
	c            int // slot of the weight, by which sum is multiplied; −1 where it is not
}

func (f *fuser[T]) emitLoss(l *lossPattern) error {
	s := &loss[T]{t: f.t, l: l, kernel: model.KernelOf[T](l.stage), d: model.SizeOf(l.y)[1], s: -1, sum: -1, grad: -1, c: -1}
	var err error
	if s.y, err = f.lanesOf(l.y); err != nil {
		return err
	}
	if s.target, err = f.lanesOf(l.t); err != nil {
		return err
	}
	if l.grad != nil {
		from := l.s
		if slices.Contains(l.nodes, l.s) {
			from = l.share
		}
		if s.s, err = f.rowsOf(from); err != nil {
			return err
		}
		s.grad = f.slot(l.grad, true)
		f.lane[l.grad] = s.grad
	} else { // the loss alone: the gradient goes nowhere
		f.t.slots = append(f.t.slots, slot{rows: s.d, cols: f.t.lanes, size: s.d * f.t.ld, first: -1, last: -1})
		s.grad = len(f.t.slots) - 1
	}
	switch {
	case l.scaled != nil:
		if s.c, err = f.rowsOf(l.share); err != nil {
			return err
		}
		s.sum = f.slot(l.scaled, false)
		f.row[l.scaled] = s.sum
	case l.sum != nil:
		s.sum = f.slot(l.sum, false)
		f.row[l.sum] = s.sum
	}
	for _, n := range l.nodes {
		f.done[n] = true
	}
	f.add(s)
	return nil
}

func (s *loss[T]) run(m *Memory[T]) error {
	t := s.t
	var c T
	if s.s >= 0 {
		c = m.slot[s.s][0]
	}
	sum := s.kernel(m.slot[s.grad], m.slot[s.y], m.slot[s.target], float64(c), t.n, s.d, t.lanes, t.ld)
	if s.c >= 0 {
		sum *= float64(m.slot[s.c][0])
	}
	if s.sum >= 0 {
		m.slot[s.sum][0] = T(sum)
	}
	return nil
}

func (s *loss[T]) about() about {
	a := about{kind: "loss", owner: s.l.owner, nodes: s.l.nodes, reads: []int{s.y, s.target}, flops: s.l.stage.Work * s.t.n * s.d, moved: 3 * s.t.n * s.d}
	if s.c >= 0 {
		a.reads = append(a.reads, s.c)
	}
	if s.s >= 0 {
		a.reads = append(a.reads, s.s)
		a.nodes = append(slices.DeleteFunc(slices.Clone(a.nodes), func(n *gorgonia.Node) bool { return n == s.l.grad }), s.l.grad)
	}
	switch {
	case s.c >= 0:
		a.makes = append(a.makes, result{s.sum, s.l.scaled})
	case s.sum >= 0:
		a.makes = append(a.makes, result{s.sum, s.l.sum})
	}
	a.makes = append(a.makes, result{s.grad, s.l.grad})
	a.text = fmt.Sprintf("%s at %s", s.l.stage.Text, s.l.owner)
	if s.s >= 0 {
		a.text += " and its gradient"
	}
	return a
}
