package symmetry

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/quivernet/quivernet/internal/subspace"

	"github.com/quivernet/quivernet/internal/inputs"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Option changes what Compress does. MergeParallel is a value and is given without parentheses; all
// others are functions that return an option: Pointwise(), Rank(0).
type Option interface{ apply(*options) }

type options struct {
	keep    map[string]bool
	on      []*mat.Dense
	merge   bool
	observe bool
	paths   bool // look through linear vertices
	weigh   []*mat.Dense
	data    []*mat.Dense
	hasData bool
	rule    subspace.Rule
	always  bool     // rotate where nothing shrinks and a fixed copy would lose its structure, too
	rules   []string // the options that chose a rule
	units   bool     // remove units of pointwise vertices
	sets    []string // the options that chose the inputs for which units are judged
	set     func(*quiver.Quiver) (*inputs.Set, error)
	domain  *inputs.Set
	bad     []error

	rows    []*mat.Dense      // the data as given; data holds those that are to be spanned
	barred  map[string]string // vertices to leave alone, and why: their cuts were not exact
	inexact map[string]bool   // vertices whose cuts are not to be called exact
}

type option func(*options)

func (f option) apply(o *options) { f(o) }

// settle reads the options for quiver q. Its errors are *OptionError and
// *quiver.UnknownVertexError.
func settle(q *quiver.Quiver, opts []Option) (options, error) {
	o := options{keep: make(map[string]bool), rule: subspace.ByColumns{}}
	for _, opt := range opts {
		if opt != nil {
			opt.apply(&o)
		}
	}
	if len(o.bad) > 0 {
		return o, o.bad[0]
	}
	if len(o.rules) > 1 {
		return o, &OptionError{strings.Join(o.rules, " with "), "each decides the widths; give one of them"}
	}
	if len(o.sets) > 1 {
		return o, &OptionError{strings.Join(o.sets, " with "), "each says for which inputs the function must stay; give one of them"}
	}
	if _, ok := o.rule.(subspace.ByError); o.paths && (ok || o.hasData) {
		return o, &OptionError{"PathSum", "goes with Rank and Observe only"}
	}
	if r, ok := o.rule.(subspace.ByRank); o.paths && ok && r.Tol != 0 {
		return o, &OptionError{"PathSum", "goes with Rank(0), which cuts rounding only"}
	}
	if _, ok := o.rule.(subspace.ByError); o.weigh != nil && !ok {
		return o, &OptionError{"Weigh", "there is nothing to weigh; give Tolerance or Widths too"}
	}
	if err := o.wellFormed(q); err != nil {
		return o, err
	}
	names := o.keep
	if e, ok := o.rule.(subspace.ByError); ok && e.Width != nil {
		names = maps.Clone(names)
		for name := range e.Width {
			names[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if _, ok := q.VertexIndex(name); !ok {
			return o, &unknownName{&OptionError{o.naming(name), "vertex " + strconv.Quote(name) + " does not exist"}, &quiver.UnknownVertexError{Vertex: name, Known: q.Hidden()}}
		}
	}
	if err := o.contradictions(q); err != nil {
		return o, err
	}
	if o.set != nil {
		var err error
		if o.domain, err = o.set(q); err != nil {
			return o, err
		}
		if o.hasData {
			if err := holds(o.domain, q, o.data); err != nil {
				return o, err
			}
		}
		if o.on != nil {
			if err := measurable(o.domain, q, o.on); err != nil {
				return o, err
			}
		}
	}
	return o, nil
}

// OptionError reports an option with an impossible value, or options that exclude each
// other.
type OptionError struct {
	Option, Reason string
}

func (e *OptionError) Error() string { return fmt.Sprintf("symmetry: %s: %s", e.Option, e.Reason) }

// Keep leaves the named hidden vertices as they are: their dimension, their basis and
// their value. A name that is unknown is an *OptionError and a *quiver.UnknownVertexError at once.
func Keep(names ...string) Option {
	return option(func(o *options) {
		for _, n := range names {
			o.keep[n] = true
		}
	})
}

// MeasureOn makes the certificate measure the gap, and compute the bound, on these inputs
// instead of random ones. Where the certificate speaks of a box, of samples or of the span of data,
// inputs beyond them are an *OptionError.
func MeasureOn(xs ...*mat.Dense) Option {
	return option(func(o *options) { o.on = append([]*mat.Dense{}, xs...) })
}

// Rank cuts a vertex to the numerical rank of what reaches it, instead of the number of
// columns: zero biases, tied or low-rank layers and earlier cuts count at once. Width 0
// is legal.
//
// tol is relative to the largest singular value of A_v with columns of length 1, and rows weighted by
// their largest share in what follows, where these differ much; 0 stands for
// 16·ε·max(n, s), and then the function is equal up to rounding, on all inputs,
// and projected training equals reduced training: a direction of that size goes only if it is rounding
// at the next vertices too. With a larger tol directions that are not
// zero may go; where that happens the Certificate is not Exact, Gap and Bound say how much
// changed, and Subspace returns an error. A direction that is cut does not come back in
// training: with zero biases a bias trains within the present reach only, and a vertex of
// width 0 never revives.
//
// Vertices that ties bind together use the default tolerance.
func Rank(tol float64) Option {
	return option(func(o *options) {
		if !(tol >= 0 && tol < 1) {
			o.bad = append(o.bad, &OptionError{fmt.Sprintf("Rank(%v)", tol), "want 0 ≤ tol < 1; 0 is the rounding of the machine"})
		}
		o.rule = subspace.ByRank{Tol: tol}
		o.rules = append(o.rules, "Rank")
	})
}

// Tolerance keeps at each vertex as many leading singular directions of A_v as it takes to
// leave out at most eps·‖A_v‖ (Frobenius norm). The function changes: the
// Certificate has the measured gap and, where the activations know their Lipschitz
// constants, a proved bound. A vertex at which fewer directions would do than its activation can be
// cut to is an *OptionError that names it: Keep it, or reduce its units by Pointwise.
func Tolerance(eps float64) Option {
	return option(func(o *options) {
		if !(eps >= 0 && eps < 1) {
			o.bad = append(o.bad, &OptionError{fmt.Sprintf("Tolerance(%v)", eps), "want 0 ≤ eps < 1"})
		}
		o.rule = subspace.ByError{Tol: eps}
		o.rules = append(o.rules, "Tolerance")
	})
}

// Widths keeps at each named hidden vertex at most that many leading singular directions of
// A_v; the others keep what reaches them. It is the bounded-loss compression of
// Tolerance with the widths given. A vertex that does not come to its width, since its activation
// keeps no such subspace, or since it is tied, kept or not hidden, is an *OptionError that names it.
func Widths(widths map[string]int) Option {
	w := maps.Clone(widths)
	return option(func(o *options) {
		for _, name := range slices.Sorted(maps.Keys(w)) {
			if w[name] < 0 {
				o.bad = append(o.bad, &OptionError{fmt.Sprintf("Widths: %s %d", name, w[name]), "want a width of 0 or more"})
			}
		}
		if w == nil {
			w = map[string]int{}
		}
		o.rule = subspace.ByError{Width: w}
		o.rules = append(o.rules, "Widths")
	})
}

// Weigh makes Tolerance and Widths keep the leading directions of the pre-activations on these
// inputs instead of those of the matrices: the mean square of what is left out of them is the
// least possible, over these data. Tolerance is then relative to the norm of the
// pre-activations. The bound of the Certificate holds for any inputs all the same. On residual
// networks with RMSNorm this is orthogonal slicing.
func Weigh(xs ...*mat.Dense) Option { return option(func(o *options) { o.weigh = xs }) }

// MergeParallel first replaces arrows with the same source and the same target by one,
// their sum: the function is the same and the target's width counts the source
// once. Trainable arrows merge with trainable ones, fixed with fixed ones; tied
// arrows stay as they are. Rotated and Subspace then belong to the merged quiver, where
// projected training equals reduced training; to train p parallel arrows the same way
// one needs the rate η/p (and decoupled decay λp) on each.
var MergeParallel Option = option(func(o *options) { o.merge = true })

// Observe cuts linear vertices (hidden ones with the identity as activation) further: to
// what of the directions that reach them is seen downstream. In reverse order, C_v stacks
// C_t B_tᵀW_aB_v over the outgoing arrows, C_t = I at vertices that are not linear; the width
// becomes rank(C_v), up to rounding. The function is the same, and projected training equals
// reduced training: the directions that reach a vertex and are not seen behind it form an
// invariant part of their own, which Subspace keeps apart. The widths are minimal
// vertex by vertex, not in total: two parallel linear vertices may each keep what one alone
// could carry. Derived.
//
// It applies to vertices without ties; where another option cuts what is not zero it does
// nothing.
func Observe() Option { return option(func(o *options) { o.observe = true }) }

// PathSum looks through linear vertices (hidden ones with the identity as activation): what
// reaches v is, for each source or non-linear vertex n, the sum M of the products of matrices
// over all paths from n to v that pass through linear vertices only, and A_v = [M_{n→v} B_n]_n.
// Where paths cancel, the subspace is smaller than that of the single arrows; with
// Rank the width follows.
//
// The function is equal, for every input. Training is not: the sum of what reaches a vertex
// stays in its subspace, the single arrows do not, so Subspace returns an error, and Lift
// gives the reduced function in the large quiver, not the old weights. Certificate has no
// Bound. It goes with Rank and Observe; with Tolerance, Widths or Data it is an *OptionError.
// Linear vertices that are kept or tied count as non-linear. Derived.
func PathSum() Option { return option(func(o *options) { o.paths = true }) }
