package rewrite

import (
	"iter"
	"maps"
	"slices"
)

// form is what a node was recognised as: a *product, *sum, *scaling, *gain, *centring, *activation, *copying or *operation,
// whose value carries features, or a *decay, whose value is a number.
type form interface {
	// layout is that of the node's value, none for a number.
	layout() layout
	// inside are the nodes that belong to the form and to nothing else, the node itself included; nil for the
	// node alone.
	inside() map[*expr]bool
	// repeats are the nodes that may repeat a value over the features or the samples: a size that they ask for is no
	// use of the value.
	repeats() []*expr
}

// single is a form of one node.
type single struct{ lay layout }

func (f single) layout() layout { return f.lay }

func (f single) inside() map[*expr]bool { return nil }

func (f single) repeats() []*expr { return nil }

// several is a form of more than one node.
type several struct {
	nodes map[*expr]bool // all between what the form reads and the value, the value included
	lay   layout
}

func (f several) layout() layout { return f.lay }

func (f several) inside() map[*expr]bool { return f.nodes }

func (f several) repeats() []*expr { return slices.Collect(maps.Keys(f.nodes)) }

// sum is a ± b, of features or of features and a bias.
type sum struct {
	single
	biases map[*expr]*bias // by operand; nil for one that is no bias
}

func (f *sum) repeats() (ns []*expr) {
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
func at[F form](s *scanner, e *expr) F {
	f, _ := s.forms[e].(F)
	return f
}

func (s *scanner) product(e *expr) *product { return at[*product](s, e) }

func (s *scanner) sum(e *expr) *sum { return at[*sum](s, e) }

func (s *scanner) scaling(e *expr) *scaling { return at[*scaling](s, e) }

func (s *scanner) gain(e *expr) *gain { return at[*gain](s, e) }

func (s *scanner) centring(e *expr) *centring { return at[*centring](s, e) }

func (s *scanner) activation(e *expr) *activation { return at[*activation](s, e) }

func (s *scanner) decay(e *expr) *decay { return at[*decay](s, e) }

func (s *scanner) own(e *expr) bool { return at[*operation](s, e) != nil }

func (s *scanner) concat(e *expr) bool {
	c := at[*copying](s, e)
	return c != nil && c.whole
}

func (s *scanner) slice(e *expr) bool {
	c := at[*copying](s, e)
	return c != nil && !c.whole
}

// copies says whether e is a fixed matrix times features: a concatenation, a slice or the subtraction of a mean.
func (s *scanner) copies(e *expr) bool { return s.centring(e) != nil || at[*copying](s, e) != nil }

// biases returns the operands of a sum, with the bias that each of them is.
func (s *scanner) biases(e *expr) map[*expr]*bias {
	if f := s.sum(e); f != nil {
		return f.biases
	}
	return nil
}

// biasOf returns the bias that the operand x of a sum is, or nil.
func (s *scanner) biasOf(e, x *expr) *bias { return s.biases(e)[x] }

// each yields the nodes that were recognised as forms of type F, in the order of the graph.
func each[F form](s *scanner) iter.Seq2[*expr, F] {
	return func(yield func(*expr, F) bool) {
		for _, e := range s.a.exprs {
			if f, ok := s.forms[e].(F); ok && !yield(e, f) {
				return
			}
		}
	}
}

// readers returns who reads e, without the nodes that ask for its size only.
func readers(e *expr, sizes map[*expr]bool) []*expr {
	return slices.DeleteFunc(slices.Clone(e.uses), func(u *expr) bool { return sizes[u] })
}
