package main

import (
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/data"
	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/internal/example"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
)

// classifier returns a network trained on the digits.
func classifier(q *quiver.Quiver, p *graph.Program, s *data.Set, epochs int, seed uint64) (*quiver.Rep, error) {
	w := quiver.Random(q, nil, rand.NewPCG(seed, 0))
	steps := epochs * ((s.Len() + example.BatchSize - 1) / example.BatchSize)
	m := &optim.Momentum{Rate: 0.1, Schedule: optim.Cosine(steps, 0)}
	return w, example.Train(p, w, m, s.X, example.Column(s.Labels), epochs, rand.NewPCG(seed, 1), nil)
}

// judge measures networks of one quiver.
type judge struct {
	p      *graph.Program
	x, y   *mat.Dense
	labels []int
}

func newJudge(p *graph.Program, s *data.Set) *judge {
	return &judge{p, s.X, example.Column(s.Labels), s.Labels}
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
