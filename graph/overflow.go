package graph

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/vec"
	"github.com/quivernet/quivernet/quiver"
)

// A sum of products that overflows on the way stays infinite, with the sign of what came first, and a saturating activation
// would turn that into a number like others. So no activation does: its value is NaN where the pre-activation is infinite,
// and a NaN reaches the loss and the outputs, where it is looked for at no cost and traced back. The
// kernels of internal/vec do so themselves; what follows does it for the other rules.

// overflows reports whether one of d features of a block is infinite or NaN for some sample.
func (t *tape[T]) overflows(z []T, d int) bool {
	for i := range d {
		if vec.FirstBad(z[i*t.ld:i*t.ld+t.lanes]) >= 0 {
			return true
		}
	}
	return false
}

// poison fills a sample with NaN where its pre-activation is not finite, and reports whether it did.
func poison(y, z []float64) bool {
	if firstBad(z) < 0 {
		return false
	}
	for i := range y {
		y[i] = math.NaN()
	}
	return true
}

// sumOverflows computes the pre-activation of a vertex again and returns its first number that is not finite.
func (s *forward[T]) sumOverflows(m *memory[T]) error {
	if _, plain := s.act.(identityRule[T]); plain {
		return nil
	}
	s.t.sum(m, m.slot[s.z], s.d, s.terms, false)
	if r, c, x := s.t.firstBad(m, s.z); r >= 0 {
		return &NonFiniteError{Where: fmt.Sprintf("vertex or arrow %q, value z[%s]", s.owner, s.owner), Row: r, Col: c, Value: x}
	}
	return nil
}

// guards says that a loss would hide an infinity at its output: a cross entropy takes a logit of −∞ for a class
// that is masked, and a loss of the user's may do anything.
func (f *fuser[T]) guards(s *forward[T]) bool {
	_, plain := s.act.(identityRule[T])
	_, kernel := s.act.(*mapRule[T])
	hides := f.hides[s.nodes[len(s.nodes)-1]]
	return hides == anything || hides == maskedLogits && (plain || kernel)
}

// hiding is what a loss makes of infinite numbers at its output.
type hiding uint8

const (
	maskedLogits hiding = iota + 1
	anything
)

// hidingLosses returns the output nodes whose losses hide infinities.
func hidingLosses(p *model, e *expression) map[*gorgonia.Node]hiding {
	if e.target == nil {
		return nil
	}
	at := make(map[*gorgonia.Node]hiding)
	for i, v := range p.lossAt {
		switch l := p.losses[i].loss; {
		case l.custom:
			at[e.vertex[v]] = anything
		case l.labels:
			at[e.vertex[v]] = max(at[e.vertex[v]], maskedLogits)
		}
	}
	return at
}

// finiteOutput returns an error where the value of the vertex is not finite.
func (s *forward[T]) finiteOutput(m *memory[T]) error {
	if !s.t.overflows(m.slot[s.x], s.d) {
		return nil
	}
	r, c, x := s.t.firstBad(m, s.x)
	if err := s.sumOverflows(m); err != nil { // overwrites z, which may be x
		return err
	}
	return &NonFiniteError{Where: fmt.Sprintf("vertex or arrow %q, value %s", s.owner, s.owner), Row: r, Col: c, Value: x}
}

// finiteOutputs is finiteOutput of all losses of a plan.
func (p *plan[T]) finiteOutputs(a *arena[T], q *model) error {
	for i, v := range q.lossAt {
		l := q.losses[i].loss
		if !l.custom && (!l.labels || q.vertices[v].Act != quiver.Identity) {
			continue
		}
		if k, ok := p.at[p.e.vertex[v]]; ok && firstBad(a.mats[k].Data) >= 0 {
			return p.watch(a)
		}
	}
	return nil
}

// attributed replaces the error of a number that is not finite by one that names the weight, input or target from
// which it comes, where that is finite in double precision and not in the precision of the program.
func (p *model) attributed(err error, w *quiver.Rep, xs, ys []*mat.Dense) error {
	if err == nil || p.dtype != tensor.Float32 {
		return err
	}
	if cause := p.tooLarge(w, xs, ys); errors.As(err, new(*NonFiniteError)) && cause != nil {
		return cause
	}
	return err
}

// tooLarge names the first number that single precision cannot hold, nil where there is none.
func (p *model) tooLarge(w *quiver.Rep, xs, ys []*mat.Dense) error {
	for i, a := range p.arrows {
		var data []float64
		switch {
		case a.Rows*a.Cols == 0:
		case a.Fixed:
			data = mat.DenseCopyOf(w.Fixed(i)).RawMatrix().Data
		case a.TiedTo == "":
			data = w.Block(i)
		}
		if e := tooLarge(fmt.Sprintf("arrow %q", a.Name), data, a.Cols); e != nil {
			return e
		}
	}
	for _, v := range p.parametric {
		if e := tooLarge(fmt.Sprintf("parameters of vertex %q", p.vertices[v].Name), w.ParamsAt(v), p.params[v]); e != nil {
			return e
		}
	}
	for i, v := range p.inputs {
		if e := tooLargeRows(fmt.Sprintf("input %q", p.vertices[v].Name), xs[i]); e != nil {
			return e
		}
	}
	for i := range ys {
		if e := tooLargeRows(fmt.Sprintf("targets of output %q", p.losses[i].output), ys[i]); e != nil {
			return e
		}
	}
	return nil
}

func tooLarge(what string, data []float64, cols int) error {
	for i, x := range data {
		if float32(x)*0 != 0 && x*0 == 0 {
			return &NonFiniteError{Where: fmt.Sprintf("%s in single precision (it is %v in double)", what, x), Row: i / cols, Col: i % cols, Value: float64(float32(x))}
		}
	}
	return nil
}

func tooLargeRows(what string, m *mat.Dense) error {
	if m.IsEmpty() {
		return nil
	}
	r, c := m.Dims()
	for i := range r {
		if err := tooLarge(what, m.RawRowView(i), c); err != nil {
			err.(*NonFiniteError).Row = i
			return err
		}
	}
	return nil
}

// hidden looks at outputs that are not finite. A NaN that no NaN among inputs and weights explains comes from an overflow,
// which the error names.
func (p *Program) hidden(dst []*mat.Dense, w *quiver.Rep, xs []*mat.Dense, n int) error {
	bad, nan := false, false
	for _, y := range dst {
		b, k := notFinite(y)
		bad, nan = bad || b, nan || k
	}
	if !bad {
		return nil
	}
	_, given := notFinite(xs...)
	for _, x := range w.Data() {
		given = given || math.IsNaN(x)
	}
	if given {
		return nil
	}
	if p.model.dtype == tensor.Float32 {
		if err := p.model.tooLarge(w, xs, nil); err != nil {
			return err
		}
	}
	if !nan {
		return nil
	}
	return p.engine.traceOutputs(w, xs, n)
}

// notFinite reports whether matrices hold a number that is not finite, and whether one of them is NaN.
func notFinite(ms ...*mat.Dense) (bad, nan bool) {
	for _, m := range ms {
		if m.IsEmpty() {
			continue
		}
		raw := m.RawMatrix()
		if raw.Stride == raw.Cols && vec.FirstBad(raw.Data[:raw.Rows*raw.Cols]) < 0 {
			continue
		}
		for i := range raw.Rows {
			for _, x := range m.RawRowView(i) {
				bad, nan = bad || x*0 != 0, nan || x != x
			}
		}
	}
	return bad, nan
}

// traceOutputs evaluates the outputs again and names the first value that is not finite.
func (r *runner[T]) traceOutputs(rep *quiver.Rep, xs []*mat.Dense, n int) error {
	chunks := chunksOf(n)
	w := r.work(chunks)
	defer r.giveBack(w)
	if err := r.prepare(w, n, chunks, key{purpose: outputsOnly}, nil); err != nil {
		return err
	}
	b := &batch{n: n, xs: xs}
	w.src.load(r.p, rep, b)
	for c := range chunks {
		lo := c * n / chunks
		if t := w.units[c].tape; t != nil {
			m := w.memoryOf(c)
			err := t.trace(m, r.p, &w.src, nil, lo)
			if w.release(c, m); err != nil {
				return err
			}
			continue
		}
		if err := r.tracePlan(w.units[c].plan, rep, xs, lo); err != nil {
			return err
		}
	}
	return &NonFiniteError{Where: "the outputs", Row: 0, Col: 0, Value: math.NaN()}
}

func (r *runner[T]) tracePlan(p *plan[T], rep *quiver.Rep, xs []*mat.Dense, lo int) error {
	a := p.borrow()
	defer p.giveBack(a)
	r.feed(a, rep, xs, lo)
	return p.watch(a)
}
