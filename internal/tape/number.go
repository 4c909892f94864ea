package tape

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
)

// number computes a product or a sum of single numbers, such as the weight of a loss.
type number[T op.Float] struct {
	node    *gorgonia.Node
	owner   string
	product bool
	in      []int
	out     int
}

// emitNumber adds the stage of a 1×1 product or sum, and reports whether n is one.
func (f *fuser[T]) emitNumber(n *gorgonia.Node, o *op.Op) bool {
	s := &number[T]{node: n, owner: o.Owner(), product: o.Kind() == op.KindScale}
	if model.SizeOf(n) != [2]int{1, 1} || !s.product && !isSum(n) {
		return false
	}
	for _, c := range o.Children() {
		j, err := f.rowsOf(c)
		if err != nil || model.SizeOf(c) != [2]int{1, 1} || len(c.Shape()) != 2 {
			return false
		}
		s.in = append(s.in, j)
	}
	s.out = f.slot(n, false)
	f.row[n] = s.out
	f.add(s)
	return true
}

func (s *number[T]) run(m *Memory[T]) error {
	x := m.slot[s.in[0]][0]
	for _, j := range s.in[1:] {
		if s.product {
			x *= m.slot[j][0]
		} else {
			x += m.slot[j][0]
		}
	}
	m.slot[s.out][0] = x
	return nil
}

func (s *number[T]) about() about {
	return about{kind: "number", owner: s.owner, nodes: gorgonia.Nodes{s.node}, text: fmt.Sprintf("%s = %v", s.node.Name(), s.node.Op()),
		flops: len(s.in) - 1, moved: len(s.in) + 1, reads: s.in, makes: []result{{s.out, s.node}}}
}
