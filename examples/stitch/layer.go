package main

import (
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/data"
	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/internal/example"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/stitch"
)

// layerRow compares one hidden vertex of two networks.
type layerRow struct {
	Vertex    string     `json:"vertex"`
	Penalties []penalty  `json:"penalties"`
	Likeness  []likeness `json:"likeness"`
}

// penalty is what stitching by a map costs, in points of test accuracy.
type penalty struct {
	Map    string  `json:"map"`
	Points float64 `json:"points"`
}

// likeness is 1 for features that are the same up to what the measure ignores.
type likeness struct {
	Measure string  `json:"measure"`
	Value   float64 `json:"value"`
}

// layer fits the maps on the training set and judges on the test set.
func (s *study) layer(h string, a, b *quiver.Rep, images *data.Split) (layerRow, error) {
	row := layerRow{Vertex: h}
	ha, err := stitch.At(a, h, images.Train.X)
	if err != nil {
		return row, err
	}
	hb, err := stitch.At(b, h, images.Train.X)
	if err != nil {
		return row, err
	}
	_, width := ha.Dims()
	learner, judge, err := s.stitched(h, a, b, images)
	if err != nil {
		return row, err
	}
	add := func(name string, m *mat.Dense, trained bool, class stitch.Class) error {
		w, err := stitch.Network(a, h, b, h, m)
		if err != nil {
			return err
		}
		if trained {
			ys := []*mat.Dense{example.Column(images.Train.Labels)}
			all := func(int) (xs, zs []*mat.Dense) { return []*mat.Dense{images.Train.X}, ys }
			set := stitch.Settings{Steps: s.steps, Settle: s.steps / 3, Rate: 0.1, Momentum: 0.9, Alpha: 0.01}
			if class == stitch.Orthogonal || class == stitch.Linear {
				set.Rate = 0.02
			}
			if w, err = stitch.Train(class, w, learner, all, set); err != nil {
				return err
			}
		}
		acc, err := judge.accuracy(w)
		row.Penalties = append(row.Penalties, penalty{name, stitch.Penalty(s.Accuracy[0], s.Accuracy[1], acc)})
		return err
	}
	if err := add("none: the identity", eye(width), false, 0); err != nil {
		return row, err
	}
	fit, err := stitch.Fit(s.class, ha, hb)
	if err != nil {
		return row, err
	}
	if err := add(s.class.String(), fit.M, false, 0); err != nil {
		return row, err
	}
	if err := add(s.class.String()+", trained", fit.M, true, s.class); err != nil {
		return row, err
	}
	for _, r := range []struct {
		rank int
		name string
	}{{1, "rank 1"}, {2, "rank 2"}, {4, "rank 4"}, {width, "linear"}} {
		if fit, err = stitch.FitRank(r.rank, ha, hb); err != nil {
			return row, err
		}
		if err := add(r.name, fit.M, false, 0); err != nil {
			return row, err
		}
	}
	if err := add("linear, trained", fit.M, true, stitch.Linear); err != nil {
		return row, err
	}
	row.Likeness, err = s.likeness(h, a, b, images)
	return row, err
}

// stitched compiles the stitched network once: all maps share its quiver's layout.
func (s *study) stitched(h string, a, b *quiver.Rep, images *data.Split) (*graph.Program, *judge, error) {
	w, err := stitch.Network(a, h, b, h, eye(s.Widths[1]))
	if err != nil {
		return nil, nil, err
	}
	p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.SoftmaxCE, 1))
	if err != nil {
		return nil, nil, err
	}
	return p, newJudge(p, images.Test), nil
}

// likeness measures the features on the test set.
func (s *study) likeness(h string, a, b *quiver.Rep, images *data.Split) ([]likeness, error) {
	x, err := stitch.At(a, h, images.Test.X)
	if err != nil {
		return nil, err
	}
	y, err := stitch.At(b, h, images.Test.X)
	if err != nil {
		return nil, err
	}
	f, g := stitch.Flat(x), stitch.Flat(y)
	var rows []likeness
	for _, m := range []struct {
		name string
		do   func() (float64, error)
	}{
		{"G_ReLU-Procrustes, 1 − d", func() (float64, error) {
			d, err := stitch.GProcrustes(stitch.PositiveMonomial, f, g)
			return d.Similarity(), err
		}},
		{"orthogonal Procrustes", func() (float64, error) {
			d, err := stitch.OrthogonalProcrustes(f, g)
			return d.Similarity(), err
		}},
		{"G_ReLU-CKA", func() (float64, error) { return stitch.GCKA(f, g, stitch.Max) }},
		{"CKA of scaled channels", func() (float64, error) { return stitch.ChannelCKA(f, g) }},
		{"linear CKA", func() (float64, error) { return stitch.LinearCKA(f, g) }},
	} {
		v, err := m.do()
		if err != nil {
			return nil, err
		}
		rows = append(rows, likeness{m.name, v})
	}
	return rows, nil
}

// eye returns the n×n identity.
func eye(n int) *mat.Dense {
	m := mat.NewDense(n, n, nil)
	for i := range n {
		m.Set(i, i, 1)
	}
	return m
}
