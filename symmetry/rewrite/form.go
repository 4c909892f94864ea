package rewrite

import (
	"iter"
	"maps"
	"slices"

	"github.com/quivernet/quivernet/internal/ir"
)

// form is what a node was recognised as: a *product, *sum, *scaling, *gain, *centring, *activation, *copying or *operation,
// whose value carries features, or a *decay, whose value is a number.
type form interface {
	// layout is that of the node's value, none for a number.
	layout() layout
	// inside are the nodes that belong to the form and to nothing else, the node itself included; nil for the
	// node alone.
	inside() map[*ir.Node]bool
	// repeats are the nodes that may repeat a value over the features or the samples: a size that they ask for is no
	// use of the value.
	repeats() []*ir.Node
}

// single is a form of one node.
type single struct{ lay layout }

func (f single) layout() layout { return f.lay }

func (f single) inside() map[*ir.Node]bool { return nil }

func (f single) repeats() []*ir.Node { return nil }

// several is a form of more than one node.
type several struct {
	nodes map[*ir.Node]bool // all between what the form reads and the value, the value included
	lay   layout
}

func (f several) layout() layout { return f.lay }

func (f several) inside() map[*ir.Node]bool { return f.nodes }

func (f several) repeats() []*ir.Node { return slices.Collect(maps.Keys(f.nodes)) }

// sum is a ± b, of features or of features and a bias.
type sum struct {
	single
	biases map[*ir.Node]*bias // by operand; nil for one that is no bias
}

func (f *sum) repeats() (ns []*ir.Node) {
	for _, b := range f.biases {
		if b != nil && len(b.chain) > 0 {
			ns = append(ns, b.chain[len(b.chain)-1])
		}
	}
	return ns
}

// scaling is c·x with a constant c.
type scaling struct {
	single
	factor float64
}

// copying is a concatenation or a slice of features.
type copying struct {
	single
	whole bool // a concatenation
}

// operation is a vertex or a sum of this library.
type operation struct{ single }

// at returns what e was recognised as, if it is of type F.
func at[F form](s *scanner, e *ir.Node) F {
	f, _ := s.forms[e].(F)
	return f
}

func (s *scanner) product(e *ir.Node) *product { return at[*product](s, e) }

func (s *scanner) sum(e *ir.Node) *sum { return at[*sum](s, e) }

func (s *scanner) scaling(e *ir.Node) *scaling { return at[*scaling](s, e) }

func (s *scanner) gain(e *ir.Node) *gain { return at[*gain](s, e) }

func (s *scanner) centring(e *ir.Node) *centring { return at[*centring](s, e) }

func (s *scanner) activation(e *ir.Node) *activation { return at[*activation](s, e) }

func (s *scanner) decay(e *ir.Node) *decay { return at[*decay](s, e) }

func (s *scanner) own(e *ir.Node) bool { return at[*operation](s, e) != nil }

func (s *scanner) concat(e *ir.Node) bool {
	c := at[*copying](s, e)
	return c != nil && c.whole
}

func (s *scanner) slice(e *ir.Node) bool {
	c := at[*copying](s, e)
	return c != nil && !c.whole
}

// copies says whether e is a fixed matrix times features: a concatenation, a slice or the subtraction of a mean.
func (s *scanner) copies(e *ir.Node) bool { return s.centring(e) != nil || at[*copying](s, e) != nil }

// biases returns the operands of a sum, with the bias that each of them is.
func (s *scanner) biases(e *ir.Node) map[*ir.Node]*bias {
	if f := s.sum(e); f != nil {
		return f.biases
	}
	return nil
}

// biasOf returns the bias that the operand x of a sum is, or nil.
func (s *scanner) biasOf(e, x *ir.Node) *bias { return s.biases(e)[x] }

// each yields the nodes that were recognised as forms of type F, in the order of the graph.
func each[F form](s *scanner) iter.Seq2[*ir.Node, F] {
	return func(yield func(*ir.Node, F) bool) {
		for _, e := range s.a.Nodes {
			if f, ok := s.forms[e].(F); ok && !yield(e, f) {
				return
			}
		}
	}
}

// readers returns who reads e, without the nodes that ask for its size only.
func readers(e *ir.Node, sizes map[*ir.Node]bool) []*ir.Node {
	return slices.DeleteFunc(slices.Clone(e.Uses), func(u *ir.Node) bool { return sizes[u] })
}
