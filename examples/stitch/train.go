package main

import (
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/data"
	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
)

const batchSize = 32

// column returns labels as a samples×1 matrix, as the cross entropy takes them.
func column(labels []int) *mat.Dense {
	m := mat.NewDense(len(labels), 1, nil)
	for i, k := range labels {
		m.Set(i, 0, float64(k))
	}
	return m
}

// classifier returns a network trained on the digits.
func classifier(q *quiver.Quiver, p *graph.Program, s *data.Set, epochs int, seed uint64) (*quiver.Rep, error) {
	w := quiver.Random(q, nil, rand.NewPCG(seed, 0))
	grad := w.Like()
	steps := epochs * ((s.Len() + batchSize - 1) / batchSize)
	m := &optim.Momentum{Rate: 0.1, Schedule: optim.Cosine(steps, 0)}
	batches, err := data.Batches([]*mat.Dense{s.X}, []*mat.Dense{column(s.Labels)}, batchSize, rand.NewPCG(seed, 1))
	if err != nil {
		return nil, err
	}
	for range epochs {
		for xs, ys := range batches {
			if _, err := p.LossGrad(grad, w, xs, ys); err != nil {
				return nil, err
			}
			if err := m.Step(w, grad); err != nil {
				return nil, err
			}
		}
	}
	return w, nil
}

// judge measures networks of one quiver.
type judge struct {
	p      *graph.Program
	x, y   *mat.Dense
	labels []int
}

func newJudge(p *graph.Program, s *data.Set) *judge {
	return &judge{p, s.X, column(s.Labels), s.Labels}
}

func (j *judge) loss(w *quiver.Rep) (float64, error) {
	return j.p.LossGrad(w.Like(), w, []*mat.Dense{j.x}, []*mat.Dense{j.y})
}

func (j *judge) accuracy(w *quiver.Rep) (float64, error) {
	ys, err := j.p.Forward(w, j.x)
	if err != nil {
		return 0, err
	}
	return data.Accuracy(ys[0], j.labels), nil
}
