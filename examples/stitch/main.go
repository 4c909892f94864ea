// Command stitch trains pairs of networks on handwritten digits from different seeds and asks how
// far they are one network, up to the symmetries of their activation (arXiv 2205.14258).
//
// For a pointwise ReLU network and for a radial one it prints the loss and the accuracy on
// the straight line between the two, as they were trained and after symmetry.Aligned; what it costs to
// stitch the first layers of one to the last layers of the other, by maps of the group,
// of low rank, and without constraint; and how unlike the features are. A third pair is a network and
// a copy of it on its orbit: there all of it must vanish that the group explains.
//
//	go run ./examples/stitch          # about a minute
//	go run ./examples/stitch -json    # the same as JSON
//	go run ./examples/stitch -quick   # small networks, few epochs
package main

import (
	"flag"
	"fmt"
	"io"

	_ "github.com/quivernet/quivernet/blas/auto"
	"github.com/quivernet/quivernet/data"
	"github.com/quivernet/quivernet/internal/example"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

func main() {
	var c config
	flag.BoolVar(&c.quick, "quick", false, "small networks, few epochs")
	flag.BoolVar(&c.json, "json", false, "print JSON")
	flag.Uint64Var(&c.seed, "seed", 1, "seed of the first network; the second has the next")
	example.Main(func(out io.Writer) error {
		return run(out, c)
	})
}

type config struct {
	quick, json bool
	seed        uint64
}

// size says how much is done.
type size struct {
	width, epochs int
	steps         int // of training a map
}

func run(out io.Writer, c config) error {
	images := data.DigitsSplit()
	size := size{width: 48, epochs: 40, steps: 150}
	if c.quick {
		size.width, size.epochs, size.steps = 10, 3, 15
	}
	var studies []*study
	for _, kind := range []struct {
		name string
		act  quiver.Activation
		copy bool
	}{
		{"pointwise ReLU", layers.Pointwise(layers.ReLU), false},
		{"radial", layers.Radial(layers.Shift(layers.Softplus, 1)), false},
		{"pointwise ReLU, a copy on the orbit", layers.Pointwise(layers.ReLU), true},
	} {
		s, err := compare(images, kind.act, size, c.seed, kind.copy)
		if err != nil {
			return fmt.Errorf("%s: %w", kind.name, err)
		}
		s.Name = kind.name
		studies = append(studies, s)
	}
	if c.json {
		return example.JSON(out, studies)
	}
	for _, s := range studies {
		s.print(out)
	}
	return nil
}
