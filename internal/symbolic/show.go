package symbolic

import (
	"fmt"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/fault"
)

// View chooses what the printers of an expression show; see Only, Depth, NoLegend, Boxes and Backward. They
// are functions, called with or without arguments.
type View func(*view)

type view struct {
	only    []string
	chosen  bool // only is in use
	depth   int
	limited bool // depth is in use
	bare    bool
	picture picture
}

// picture is a kind of picture.
type picture uint8

const (
	bySize picture = iota // boxes for small quivers
	onlyBoxes
	onlyQuiver
)

// Only shows the lines of the named values and vertices alone: "δ[h1]", or "h1" for z[h1], h1, δ[h1] and all else of
// that vertex.
func Only(names ...string) View {
	return func(v *view) { v.only, v.chosen = append(v.only, names...), true }
}

// Depth shows the expression, or what Only names, and the values that are at most n references away from
// it: with 0 its line alone, with 1 those of the values that stand in it, and so on.
func Depth(n int) View { return func(v *view) { v.depth, v.limited = n, true } }

// NoLegend leaves the explanation of the symbols out.
func NoLegend() View { return func(v *view) { v.bare = true } }

// Boxes makes DOT draw named values, one box each with its formula inside, however many they are.
func Boxes() View { return func(v *view) { v.picture = onlyBoxes } }

// Backward makes DOT draw the quiver backward, however small it is; of an expression that has no gradient
// in it, boxes.
func Backward() View { return func(v *view) { v.picture = onlyQuiver } }

// Show returns the expression with another choice of what String, LaTeX and DOT show: all of it, with no
// options. It computes the same. Expand and Simplify show everything again. Errors: *UnknownValueError for a name
// that Only does not find, *DepthError below 0.
func (x *Expr) Show(windows ...View) (*Expr, error) {
	if x.none() {
		return nil, noExpr()
	}
	y := *x
	y.view = view{}
	for _, f := range windows {
		if f != nil {
			f(&y.view)
		}
	}
	if y.view.depth < 0 {
		return nil, &DepthError{y.view.depth}
	}
	if !y.view.chosen {
		return &y, nil
	}
	lines := x.equations()
	known := make(map[string]bool)
	for _, l := range lines {
		known[l.left.Text], known[l.vertex] = true, true
	}
	delete(known, "")
	for _, name := range append(slices.Clone(y.view.only), missing(y.view.only)...) {
		if known[name] {
			continue
		}
		e := &UnknownValueError{Name: name}
		for _, l := range lines {
			e.Known = append(e.Known, l.left.Text)
		}
		return nil, e
	}
	return &y, nil
}

// none says that there is no expression: nil, or a zero value that no method of a Program returned.
func (x *Expr) none() bool {
	return x == nil || x.p == nil || x.e == nil || x.node == nil || x.name == nil
}

func noExpr() error {
	return &fault.DataError{What: "expression", Reason: "there is none; Program.Gradient and its like return one, or say why not"}
}

// missing is a name that nothing has, where none is given.
func missing(names []string) []string {
	if len(names) == 0 {
		return []string{""}
	}
	return nil
}

// shown returns the lines that the view chooses.
func (x *Expr) shown() []equation {
	lines := x.equations()
	if !x.view.chosen && !x.view.limited {
		return lines
	}
	at := make(map[*gorgonia.Node]int)
	for i, l := range lines {
		at[l.node] = i
	}
	far := make([]int, len(lines)) // 0: not shown; k: shown, k−1 references away
	var queue []int
	for i, l := range lines {
		start := l.node == x.node
		if x.view.chosen {
			start = slices.Contains(x.view.only, l.left.Text) || slices.Contains(x.view.only, l.vertex) && l.vertex != ""
		}
		if start {
			far[i] = 1
			queue = append(queue, i)
		}
	}
	for ; len(queue) > 0; queue = queue[1:] {
		i := queue[0]
		if far[i] > x.view.depth {
			continue
		}
		for _, u := range lines[i].uses {
			if j, ok := at[u]; ok && far[j] == 0 {
				far[j] = far[i] + 1
				queue = append(queue, j)
			}
		}
	}
	var chosen []equation
	for i, l := range lines {
		if far[i] > 0 {
			chosen = append(chosen, l)
		}
	}
	return chosen
}

// UnknownValueError reports a name that an expression does not have.
type UnknownValueError struct {
	Name  string
	Known []string
}

func (e *UnknownValueError) Error() string {
	known := strings.Join(e.Known, ", ")
	if e.Name == "" {
		return fmt.Sprintf("graph: no value is named; give Only a vertex or one of %s", known)
	}
	return fmt.Sprintf("graph: the expression has no value and no vertex %q; its values are %s", e.Name, known)
}

// DepthError reports a depth below zero.
type DepthError struct{ Depth int }

func (e *DepthError) Error() string {
	return fmt.Sprintf("graph: depth %d; want 0 or more: 0 is the line alone, 1 those of the values that stand in it", e.Depth)
}

// made refuses an expression that no program has made.
func (x *Expr) made() error {
	if x.none() {
		return noExpr()
	}
	return nil
}
