package main

import (
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/quivernet/quivernet/data"
	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/internal/example"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
	"github.com/quivernet/quivernet/symmetry/stitch"
)

// study is what is known of two networks.
type study struct {
	Name       string     `json:"name"`
	Activation string     `json:"activation"`
	Widths     []int      `json:"widths"`
	Accuracy   [2]float64 `json:"accuracy"`
	Distance   float64    `json:"distance"`         // |a − b| / |b|
	Aligned    float64    `json:"distance_aligned"` // |g·a − b| / |b|
	Before     line       `json:"line_before"`
	After      line       `json:"line_after"`
	Layers     []layerRow `json:"layers"`
	Class      string     `json:"class"`
	class      stitch.Class
	steps      int
}

// line is the straight line between two networks.
type line struct {
	Loss     []float64 `json:"loss"` // on the training set
	Barrier  float64   `json:"barrier"`
	Accuracy float64   `json:"accuracy_of_the_mean"` // on the test set
}

const (
	points = 21
	shown  = 5 // every fifth is printed
)

// compare trains two networks, or one, whose copy on its orbit is the other, and compares them.
func compare(images *data.Split, act quiver.Activation, size size, seed uint64, copied bool) (*study, error) {
	width := size.width
	q, err := layers.MLP(act, 64, width, width, 10)
	if err != nil {
		return nil, err
	}
	p, err := graph.Compile(q, graph.Loss("y", graph.SoftmaxCE, 1))
	if err != nil {
		return nil, err
	}
	a, err := classifier(q, p, images.Train, size.epochs, seed)
	if err != nil {
		return nil, err
	}
	var b *quiver.Rep
	if copied {
		b, err = symmetry.Act(symmetry.RandomElement(q, rand.NewPCG(seed, 2)), a)
	} else {
		b, err = classifier(q, p, images.Train, size.epochs, seed+1)
	}
	if err != nil {
		return nil, err
	}
	class := stitch.Of(symmetry.GroupOf(act, width))
	s := &study{Activation: act.String(), Widths: []int{64, width, width, 10}, Class: class.String(), class: class, steps: size.steps}
	train, test := newJudge(p, images.Train), newJudge(p, images.Test)
	for i, w := range []*quiver.Rep{a, b} {
		if s.Accuracy[i], err = test.accuracy(w); err != nil {
			return nil, err
		}
	}
	al, err := symmetry.Aligned(a, b)
	if err != nil {
		return nil, err
	}
	moved, err := symmetry.Act(al.Element, a)
	if err != nil {
		return nil, err
	}
	s.Distance, s.Aligned = example.Apart(a, b), al.Upper/b.Norm()
	if s.Before, err = along(a, b, train, test); err != nil {
		return nil, err
	}
	if s.After, err = along(moved, b, train, test); err != nil {
		return nil, err
	}
	for _, h := range q.Hidden() {
		row, err := s.layer(h, a, b, images)
		if err != nil {
			return nil, err
		}
		s.Layers = append(s.Layers, row)
	}
	return s, nil
}

func along(a, b *quiver.Rep, train, test *judge) (line, error) {
	p, err := stitch.Along(a, b, points, train.loss)
	if err != nil {
		return line{}, err
	}
	mean := b.Clone()
	mean.Scale(0.5)
	mean.AddScaled(0.5, a)
	acc, err := test.accuracy(mean)
	return line{p.Loss, p.Barrier, acc}, err
}

func (s *study) print(out io.Writer) {
	fmt.Fprintf(out, "%s: %s, widths %v, test accuracy %.1f %% and %.1f %%\n\n", s.Name, s.Activation, s.Widths, 100*s.Accuracy[0], 100*s.Accuracy[1])
	fmt.Fprintf(out, "the straight line    distance")
	for k := 0; k < points; k += shown {
		fmt.Fprintf(out, "  t=%.2f", float64(k)/(points-1))
	}
	fmt.Fprintf(out, "  barrier  accuracy of the mean\n")
	for _, l := range []struct {
		name string
		d    float64
		line
	}{{"as trained", s.Distance, s.Before}, {"aligned", s.Aligned, s.After}} {
		fmt.Fprintf(out, "  %-17s  %8.3g", l.name, l.d)
		for k := 0; k < points; k += shown {
			fmt.Fprintf(out, "  %6.3f", l.Loss[k])
		}
		fmt.Fprintf(out, "  %7.3f  %5.1f %%\n", l.Barrier, 100*l.Accuracy)
	}
	fmt.Fprintf(out, "\nstitching penalty, points  ")
	for _, r := range s.Layers {
		fmt.Fprintf(out, "  %6s", r.Vertex)
	}
	fmt.Fprintln(out)
	for k, p := range s.Layers[0].Penalties {
		fmt.Fprintf(out, "  %-25s", p.Map)
		for _, r := range s.Layers {
			fmt.Fprintf(out, "  %6.1f", r.Penalties[k].Points)
		}
		fmt.Fprintln(out)
	}
	fmt.Fprintf(out, "\nhow alike the features are ")
	for _, r := range s.Layers {
		fmt.Fprintf(out, "  %6s", r.Vertex)
	}
	fmt.Fprintln(out)
	for k, m := range s.Layers[0].Likeness {
		fmt.Fprintf(out, "  %-25s", m.Measure)
		for _, r := range s.Layers {
			fmt.Fprintf(out, "  %6.3f", r.Likeness[k].Value)
		}
		fmt.Fprintln(out)
	}
	fmt.Fprintln(out)
}
