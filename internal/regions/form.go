package regions

import (
	"iter"
	"maps"
	"slices"

	"github.com/quivernet/quivernet/internal/ir"
)

// Form is what a node was recognised as: a *Product, *Sum, *Scaling, *Gain, *Centring, *Activation, *Copying or *Operation,
// whose value carries features, or a *Decay, whose value is a number.
type Form interface {
	// Layout returns that of the node's value, None for a number.
	Layout() Layout
	// Inside returns the nodes that belong to the form and to nothing else, the node itself included; nil for the
	// node alone.
	Inside() map[*ir.Node]bool
	// Repeats returns the nodes that may repeat a value over the features or the samples: a size that they ask for is no
	// use of the value.
	Repeats() []*ir.Node
}

// single is a form of one node.
type single struct{ lay Layout }

// Layout returns that of the value.
func (f single) Layout() Layout { return f.lay }

// Inside returns nil: the form is one node.
func (f single) Inside() map[*ir.Node]bool { return nil }

// Repeats returns nil.
func (f single) Repeats() []*ir.Node { return nil }

// several is a form of more than one node.
type several struct {
	Nodes map[*ir.Node]bool // all between what the form reads and the value, the value included
	lay   Layout
}

// Layout returns that of the value.
func (f several) Layout() Layout { return f.lay }

// Inside returns the nodes.
func (f several) Inside() map[*ir.Node]bool { return f.Nodes }

// Repeats returns the nodes.
func (f several) Repeats() []*ir.Node { return slices.Collect(maps.Keys(f.Nodes)) }

// Sum is a ± b, of features or of features and a bias.
type Sum struct {
	single
	Biases map[*ir.Node]*Bias // by operand; nil for one that is no bias
}

// Repeats returns the nodes that repeat a bias over the samples.
func (f *Sum) Repeats() (ns []*ir.Node) {
	for _, b := range f.Biases {
		if b != nil && len(b.Chain) > 0 {
			ns = append(ns, b.Chain[len(b.Chain)-1])
		}
	}
	return ns
}

// Scaling is c·x with a constant c.
type Scaling struct {
	single
	X      *ir.Node
	factor float64
}

// Copying is a concatenation or a slice of features.
type Copying struct {
	single
	whole bool // a concatenation
}

// Operation is a vertex or a sum of this library.
type Operation struct{ single }

// at returns what e was recognised as, if it is of type F.
func at[F Form](s *Scanner, e *ir.Node) F {
	f, _ := s.forms[e].(F)
	return f
}

// Product returns the product that e was recognised as, or nil.
func (s *Scanner) Product(e *ir.Node) *Product { return at[*Product](s, e) }

// Sum returns the sum that e was recognised as, or nil.
func (s *Scanner) Sum(e *ir.Node) *Sum { return at[*Sum](s, e) }

// Scaling returns the constant multiple that e was recognised as, or nil.
func (s *Scanner) Scaling(e *ir.Node) *Scaling { return at[*Scaling](s, e) }

// Gain returns the gain that e was recognised as, or nil.
func (s *Scanner) Gain(e *ir.Node) *Gain { return at[*Gain](s, e) }

func (s *Scanner) centring(e *ir.Node) *Centring { return at[*Centring](s, e) }

func (s *Scanner) activation(e *ir.Node) *Activation { return at[*Activation](s, e) }

// Decay returns the sum of squares that e was recognised as, or nil.
func (s *Scanner) Decay(e *ir.Node) *Decay { return at[*Decay](s, e) }

// IsOperation says whether e is a vertex or a sum of this library.
func (s *Scanner) IsOperation(e *ir.Node) bool { return at[*Operation](s, e) != nil }

func (s *Scanner) concat(e *ir.Node) bool {
	c := at[*Copying](s, e)
	return c != nil && c.whole
}

// IsSlice says whether e is a part of the features.
func (s *Scanner) IsSlice(e *ir.Node) bool {
	c := at[*Copying](s, e)
	return c != nil && !c.whole
}

// IsCopy says whether e is a fixed matrix times features: a concatenation, a slice or the subtraction of a mean.
func (s *Scanner) IsCopy(e *ir.Node) bool { return s.centring(e) != nil || at[*Copying](s, e) != nil }

// biases returns the operands of a sum, with the bias that each of them is.
func (s *Scanner) biases(e *ir.Node) map[*ir.Node]*Bias {
	if f := s.Sum(e); f != nil {
		return f.Biases
	}
	return nil
}

// biasOf returns the bias that the operand x of a sum is, or nil.
func (s *Scanner) biasOf(e, x *ir.Node) *Bias { return s.biases(e)[x] }

// Each yields the nodes of the regions that were recognised as forms of type F, in the order of the graph.
func Each[F Form](l *Regions) iter.Seq2[*ir.Node, F] { return each[F](l.Scanner) }

// each yields the nodes that were recognised as forms of type F, in the order of the graph.
func each[F Form](s *Scanner) iter.Seq2[*ir.Node, F] {
	return func(yield func(*ir.Node, F) bool) {
		for _, e := range s.Graph.Nodes {
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
