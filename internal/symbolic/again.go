package symbolic

import (
	"fmt"
	"sync"
)

// extent is what an expression graph is made for: the samples, and the columns of the targets of each loss.
type extent struct {
	rows   int
	widths []int
}

// anySize makes an expression at the size that Program.Expr shows, and lets it be made again for another batch.
func (s *Source) anySize(build func(at extent) (*Expr, error)) (*Expr, error) {
	x, err := build(extent{s.rows, s.model.TargetWidths(nil)})
	if err != nil {
		return nil, err
	}
	x.others = &others{build: build}
	return x, nil
}

// others are the expressions for other sizes than the one that is shown, each made when it is first asked for.
type others struct {
	build func(at extent) (*Expr, error)
	mu    sync.Mutex
	of    map[string]*Expr
}

// maxOthers is how many are kept.
const maxOthers = 16

// at returns the same expression for another batch.
func (x *Expr) at(to extent) (*Expr, error) {
	if x.e.Rows == to.rows && x.fits(to.widths) {
		return x, nil
	}
	o := x.others
	o.mu.Lock()
	defer o.mu.Unlock()
	key := fmt.Sprint(to)
	y := o.of[key]
	if y == nil {
		var err error
		if y, err = o.build(to); err != nil {
			return nil, err
		}
		if len(o.of) >= maxOthers || o.of == nil {
			o.of = make(map[string]*Expr)
		}
		o.of[key] = y
	}
	return y.Along(x.direction), nil
}

// fits says that the targets of the graph have these columns.
func (x *Expr) fits(widths []int) bool {
	for i, n := range x.e.Target {
		if n != nil && n.Shape()[1] != widths[i] {
			return false
		}
	}
	return true
}

// then says how y comes from x, so that it can be made of x at any size.
func (y *Expr) then(x *Expr, f func(x *Expr) (*Expr, error)) *Expr {
	y.others = &others{build: func(to extent) (*Expr, error) {
		z, err := x.at(to)
		if err != nil {
			return nil, err
		}
		return f(z)
	}}
	return y
}
