package main

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"gonum.org/v1/gonum/stat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
)

// row is one line of the table.
type row struct {
	Width      int     `json:"width"`
	Depth      int     `json:"depth"` // affine layers
	Parameters int     `json:"parameters"`
	Max        int     `json:"max"` // parameters − hidden units
	Networks   int     `json:"networks"`
	Points     int     `json:"points"`
	Share      float64 `json:"share"` // of networks whose dimension is Max
	ShareError float64 `json:"share_error"`
	Mean       float64 `json:"mean"`
	Deviation  float64 `json:"deviation"`
	Median     float64 `json:"median"`
	Ambiguous  int     `json:"ambiguous"` // networks whose rank was not clear
}

// table measures all widths and depths. The result does not depend on the workers.
func table(c config, progress io.Writer) ([]row, error) {
	type size struct{ width, networks, points int }
	sizes := []size{{5, 500, 50}, {10, 200, 20}}
	if c.quick {
		sizes = []size{{3, 12, 20}, {5, 6, 10}}
	}
	total := 0
	for _, s := range sizes {
		total += 3 * s.networks
	}
	bar := progressbar.NewOptions(total, progressbar.OptionSetWriter(progress), progressbar.OptionSetDescription("networks"),
		progressbar.OptionShowCount(), progressbar.OptionThrottle(200*time.Millisecond), progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish())
	var rows []row
	for _, s := range sizes {
		for depth := 4; depth <= 6; depth++ {
			r, err := measure(c, s.width, depth, s.networks, s.points, bar)
			if err != nil {
				return nil, err
			}
			rows = append(rows, r)
		}
	}
	return rows, bar.Finish()
}

// measure makes one row.
func measure(c config, width, depth, networks, perParameter int, bar *progressbar.ProgressBar) (row, error) {
	dims := append(slices.Repeat([]int{width}, depth), 1)
	q, err := layers.MLP(layers.Pointwise(layers.ReLU), dims...)
	if err != nil {
		return row{}, err
	}
	r := row{Width: width, Depth: depth, Parameters: q.NumParams(), Networks: networks, Points: perParameter * q.NumParams()}
	reports, errs := make([]*identify.DimensionReport, networks), make([]error, networks)
	jobs := make(chan int)
	var done sync.WaitGroup
	for range max(c.workers, 1) {
		done.Add(1)
		go func() {
			defer done.Done()
			for i := range jobs {
				seed := c.seed<<40 + uint64(width)<<32 + uint64(depth)<<24 + uint64(i)
				w := quiver.Random(q, he, rand.NewPCG(seed, 1))
				reports[i], errs[i] = identify.Dimension(w, identify.Search{
					Points: r.Points, Batch: (r.Points + 3) / 4, Patience: -1, Source: rand.NewPCG(seed, 2),
				})
				_ = bar.Add(1)
			}
		}()
	}
	for i := range networks {
		jobs <- i
	}
	close(jobs)
	done.Wait()
	var dimensions []float64
	for i, d := range reports {
		if errs[i] != nil {
			return row{}, fmt.Errorf("width %d, depth %d, network %d: %w", width, depth, i, errs[i])
		}
		r.Max = d.Max
		dimensions = append(dimensions, float64(d.Dimension))
		if d.Full() {
			r.Share++
		}
		if d.Rank.Ambiguous {
			r.Ambiguous++
		}
	}
	n := float64(networks)
	r.Share /= n
	r.ShareError = math.Sqrt(r.Share * (1 - r.Share) / n)
	r.Mean, r.Deviation = stat.MeanStdDev(dimensions, nil)
	slices.Sort(dimensions)
	r.Median = (dimensions[(networks-1)/2] + dimensions[networks/2]) / 2
	return r, nil
}

// he draws weights from N(0, 2/fan-in) and biases from N(0, 0.1²).
func he(dst []float64, a quiver.Arrow, fanIn, fanOut int, rng *rand.Rand) {
	if a.From != layers.BiasName {
		quiver.He(dst, a, fanIn, fanOut, rng)
		return
	}
	for i := range dst {
		dst[i] = 0.1 * rng.NormFloat64()
	}
}
