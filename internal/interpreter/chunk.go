package interpreter

import (
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/batch"
	"github.com/quivernet/quivernet/internal/fault"
	"github.com/quivernet/quivernet/internal/vec"
	"github.com/quivernet/quivernet/quiver"
)

// Outputs computes the outputs for the samples from lo on.
func (p *Plan[T]) Outputs(rep *quiver.Rep, xs, dst []*mat.Dense, lo int) error {
	a := p.borrow()
	defer p.giveBack(a)
	a.feed(rep, xs, lo)
	if err := p.execute(a); err != nil {
		return err
	}
	m := p.e.Model
	for i, v := range m.Outputs {
		if p.e.Vertex[v] == nil {
			continue
		}
		d, y := m.Vertices[v].Dim, a.value(p.e.Vertex[v])
		for s := range p.e.Rows {
			row := dst[i].RawRowView(lo + s)
			for j, x := range y[s*d : (s+1)*d] {
				row[j] = float64(x)
			}
		}
	}
	return nil
}

// Gradient computes the loss of the samples from lo on and, where slab is not nil, their part of its gradient; with a direction v, of
// the product of its Hessian with v. A NaN or an infinity is an error that names where it appears first.
func (p *Plan[T]) Gradient(slab []T, rep, v *quiver.Rep, b *batch.Batch, lo int) (loss float64, err error) {
	a := p.borrow()
	defer p.giveBack(a)
	e, m := p.e, p.e.Model
	a.feed(rep, b.Inputs, lo)
	for i, l := range m.Losses {
		d := m.Vertices[m.LossAt[i]].Dim
		if _, cols := b.Targets[i].Dims(); l.Loss.Labels && (cols != d || d == 1) {
			OneHot(a.buffer(e.Target[i]), b.Targets[i], lo, e.Rows, d)
		} else {
			giveRows(a, e.Target[i], b.Targets[i], lo, e.Rows)
		}
		if s := a.buffer(e.Share[i]); s != nil {
			s[0] = T(l.Weight * l.Loss.Share(b.N, d))
		}
	}
	if s := a.buffer(e.Unit); s != nil {
		s[0] = 1
	}
	if v != nil {
		i := 0
		for _, data := range v.Segments() {
			if e.Tangent[i] != nil {
				give(a, e.Tangent[i], data)
			}
			i++
		}
	}
	if err := p.execute(a); err != nil {
		return 0, err
	}
	if err := p.finiteOutputs(a); err != nil {
		return 0, err
	}
	bad := false
	if _, ok := p.at[e.Loss]; ok {
		loss = float64(a.value(e.Loss)[0])
		bad = loss*0 != 0
	}
	if slab != nil {
		from := e.Gradient
		if v != nil {
			from = e.HVP
		}
		bad = gatherRows(slab, rep, a, from) || bad
	}
	if bad {
		if err := p.watch(a); err != nil {
			return loss, err
		}
		return loss, &fault.NonFiniteError{Where: "the loss or its gradient", Value: loss}
	}
	return loss, nil
}

// Trace computes the outputs for the samples from lo on again and returns the first value that is not finite.
func (p *Plan[T]) Trace(rep *quiver.Rep, xs []*mat.Dense, lo int) error {
	a := p.borrow()
	defer p.giveBack(a)
	a.feed(rep, xs, lo)
	return p.watch(a)
}

// finiteOutputs returns an error where a loss would hide that an output is not finite.
func (p *Plan[T]) finiteOutputs(a *arena[T]) error {
	q := p.e.Model
	for i, v := range q.LossAt {
		l := q.Losses[i].Loss
		if !l.Custom && (!l.Labels || q.Vertices[v].Act != quiver.Identity) {
			continue
		}
		if k, ok := p.at[p.e.Vertex[v]]; ok && vec.FirstBad(a.mats[k].Data) >= 0 {
			return p.watch(a)
		}
	}
	return nil
}
