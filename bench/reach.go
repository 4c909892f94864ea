package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"time"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/data"
	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// The timing experiment of arXiv 2107.02550 (exp. 3): the network 2-16-64-128-16-2 and what lossless
// compression leaves of it, 2-3-4-5-6-2, each trained from there by gradient descent until the loss is
// small. The paper reports 31.24 s and 15.32 s.
const (
	reachLoss  = 0.01
	reachSteps = 5000
	reachGrid  = 121 // points of an axis
	paperRatio = 2.04
)

// arrival is one training until the loss is reached.
type arrival struct {
	Target  string  `json:"target"`
	Network string  `json:"network"`
	Seed    uint64  `json:"seed"`
	Steps   int     `json:"steps"`
	Reached bool    `json:"reached"`
	Loss    float64 `json:"loss"`
	Seconds float64 `json:"seconds"`             // of the steps, by the clock
	Calm    float64 `json:"seconds_undisturbed"` // steps × the least time of a step
}

// reachTargets are the paper's target and that of the authors' program.
var reachTargets = []struct {
	name string
	f    func(float64) float64
}{{"exp(−t²), the paper's text", data.Gauss}, {"sigmoid, the authors' program", data.Sigmoid}}

// reach runs the experiment and prints it.
func reach(out, log io.Writer, seeds, grid int, quick, asJSON, markdown bool) error {
	goal, limit := reachLoss, reachSteps
	if quick {
		goal, grid, limit, seeds = 0.1, min(grid, 11), 500, min(seeds, 2)
	}
	q, err := full.quiver()
	if err != nil {
		return err
	}
	var all []arrival
	for _, target := range reachTargets {
		x, y := data.Grid(grid, target.f)
		for seed := range uint64(seeds) {
			w := quiver.Random(q, nil, rand.NewPCG(seed+1, 2107))
			c, err := symmetry.Compress(w)
			if err != nil {
				return err
			}
			for _, n := range []struct {
				name string
				w    *quiver.Rep
			}{{"full", w}, {"reduced", c.Reduced.Clone()}} {
				a, err := trainUntil(n.w, x, y, goal, limit)
				if err != nil {
					return err
				}
				a.Target, a.Network, a.Seed = target.name, n.name, seed+1
				fmt.Fprintf(log, "%s, %s, draw %d: loss %.4g after %d steps, %.2f s\n", a.Target, a.Network, a.Seed, a.Loss, a.Steps, a.Seconds)
				all = append(all, a)
			}
		}
	}
	if asJSON {
		enc := json.NewEncoder(out)
		for _, a := range all {
			if err := enc.Encode(a); err != nil {
				return err
			}
		}
		return nil
	}
	printReach(out, all, goal, grid, limit, markdown)
	return nil
}

// trainUntil trains until the loss is reached, at most limit steps. The plan is made before the clock starts.
func trainUntil(w *quiver.Rep, x, y *mat.Dense, goal float64, limit int) (a arrival, err error) {
	p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1))
	if err != nil {
		return a, err
	}
	xs, ys, grad := []*mat.Dense{x}, []*mat.Dense{y}, w.Like()
	if _, err := p.LossGrad(grad, w, xs, ys); err != nil {
		return a, err
	}
	sgd, least := &optim.SGD{Rate: full.rate}, time.Duration(math.MaxInt64)
	for start := time.Now(); ; a.Steps++ {
		step := time.Now()
		if a.Loss, err = p.LossGrad(grad, w, xs, ys); err != nil {
			return a, err
		}
		if a.Reached = a.Loss <= goal; a.Reached || a.Steps == limit {
			a.Seconds = time.Since(start).Seconds()
			a.Calm = min(float64(a.Steps+1)*least.Seconds(), a.Seconds)
			return a, nil
		}
		if err := sgd.Step(w, grad); err != nil {
			return a, err
		}
		least = min(least, time.Since(step))
	}
}

// printReach prints means over the draws that reached the loss, and full / reduced.
func printReach(out io.Writer, all []arrival, goal float64, grid, limit int, markdown bool) {
	t := table{head: []string{"target", "network", "reached", "steps", "ms", "ms, undisturbed"}}
	note := fmt.Sprintf("time to a loss of %g, batch of %d samples, rate %g, at most %d steps; mean ± standard deviation over the draws that reached it", goal, grid*grid, full.rate, limit)
	var ratios []string
	for _, target := range reachTargets {
		var mean [2]float64
		for i, network := range []string{"full", "reduced"} {
			var steps, seconds, calm []float64
			n := 0
			for _, a := range all {
				if a.Target != target.name || a.Network != network {
					continue
				}
				if n++; a.Reached {
					steps, seconds, calm = append(steps, float64(a.Steps)), append(seconds, 1e3*a.Seconds), append(calm, 1e3*a.Calm)
				}
			}
			mean[i], _ = moments(calm)
			t.rows = append(t.rows, []string{target.name, network, fmt.Sprintf("%d of %d", len(steps), n), spread(steps), spread(seconds), spread(calm)})
		}
		if r := mean[0] / mean[1]; r > 0 {
			ratios = append(ratios, fmt.Sprintf("%s: full / reduced %s times the time to the loss, undisturbed (the paper: %g)", target.name, number(r), paperRatio))
		} else {
			ratios = append(ratios, fmt.Sprintf("%s: no ratio, as one of the two networks never reached the loss", target.name))
		}
	}
	show, item := table.plain, "%s\n"
	if markdown {
		show, item = table.markdown, "- %s\n"
	}
	fmt.Fprintf(out, "%s\n\n%s\n\n", where(), note)
	show(t, out)
	for _, r := range ratios {
		fmt.Fprintf(out, item, r)
	}
}

// moments returns the mean and the standard deviation.
func moments(x []float64) (mean, dev float64) {
	if len(x) == 0 {
		return math.NaN(), math.NaN()
	}
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		dev += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(dev / float64(max(len(x)-1, 1)))
}

func spread(x []float64) string {
	if len(x) == 0 {
		return "–"
	}
	mean, dev := moments(x)
	if len(x) == 1 {
		return number(mean)
	}
	return fmt.Sprintf("%s ± %s", number(mean), number(dev))
}
