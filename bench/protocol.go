package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"testing"
	"time"
)

// request is a line to a variant.
type request struct {
	Do     string `json:"do"` // prepare, measure or quit
	Case   string `json:"case,omitempty"`
	File   string `json:"file,omitempty"`   // prepare: the instance
	Millis int    `json:"millis,omitempty"` // measure: for about how long
}

// answer is a line from a variant. The first line, before any request, has About alone.
type answer struct {
	Case     string   `json:"case,omitempty"`
	Variant  string   `json:"variant"`
	MinUs    float64  `json:"min_us,omitempty"`    // the fastest sample, microseconds per step
	MedianUs float64  `json:"median_us,omitempty"` // the sample in the middle
	Samples  int      `json:"samples,omitempty"`
	Loss100  float64  `json:"loss100,omitempty"` // the loss at the weights after 100 steps
	Allocs   *float64 `json:"allocs,omitempty"`  // allocations per step, in Go
	Layout   string   `json:"layout,omitempty"`  // where a peer has a choice: what was fastest
	About    *about   `json:"about,omitempty"`
	Error    string   `json:"error,omitempty"`
}

// about says what runs.
type about struct {
	Version string `json:"version"`
	Threads int    `json:"threads"`
	BLAS    string `json:"blas"`
}

// stepper is a case that a variant has set up.
type stepper interface {
	reset() error           // back to the starting weights
	run(steps int) error    // steps of training
	loss() (float64, error) // at the current weights
}

// sampleTime is how long one sample takes at least, the same for every variant: the clock and
// the loop around the steps then cost nothing, and a minimum is one of equally long spans.
const sampleTime = time.Millisecond

// serve answers requests with one variant until quit or the end of the input.
func serve(in io.Reader, out io.Writer, v variant) error {
	enc := json.NewEncoder(out)
	a := v.about()
	if err := enc.Encode(answer{Variant: v.name, About: &a}); err != nil {
		return err
	}
	var s stepper
	var last answer
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		var ask request
		err := json.Unmarshal(lines.Bytes(), &ask)
		var ans answer
		switch {
		case err != nil:
		case ask.Do == "quit":
			return nil
		case ask.Do == "prepare":
			if s, last, err = prepare(v, ask); err == nil {
				ans = last
			} else {
				s = nil
			}
		case ask.Do == "measure" && s != nil && ask.Case == last.Case:
			ans, err = measure(s, time.Duration(ask.Millis)*time.Millisecond)
			ans.Loss100, ans.Allocs = last.Loss100, last.Allocs
		default:
			err = fmt.Errorf("request %q for case %q, which is not prepared", ask.Do, ask.Case)
		}
		ans.Case, ans.Variant = ask.Case, v.name
		if err != nil {
			ans.Error = err.Error()
		}
		if err := enc.Encode(ans); err != nil {
			return err
		}
	}
	return lines.Err()
}

// prepare sets a case up, trains 100 steps and reports the loss there.
func prepare(v variant, ask request) (stepper, answer, error) {
	ans := answer{Case: ask.Case, Variant: v.name}
	c, err := findCase(ask.Case)
	if err != nil {
		return nil, ans, err
	}
	if !v.does(c) {
		return nil, ans, fmt.Errorf("%s does not do this case", v.name)
	}
	var in *instance
	if c.kind == training {
		if in, err = load(ask.File); err != nil {
			return nil, ans, err
		}
	}
	s, err := v.make(c, in)
	if err != nil {
		return nil, ans, err
	}
	if err := s.run(100); err != nil {
		return nil, ans, err
	}
	if ans.Loss100, err = s.loss(); err != nil {
		return nil, ans, err
	}
	if math.IsNaN(ans.Loss100) || math.IsInf(ans.Loss100, 0) {
		return nil, ans, fmt.Errorf("the loss after 100 steps is %v", ans.Loss100)
	}
	var failed error
	allocs := testing.AllocsPerRun(10, func() {
		if err := s.run(1); err != nil {
			failed = err
		}
	})
	ans.Allocs = &allocs
	return s, ans, failed
}

// measure times steps from the starting weights.
func measure(s stepper, budget time.Duration) (answer, error) {
	if err := s.reset(); err != nil {
		return answer{}, err
	}
	k := 1
	for { // also the warm-up
		start := time.Now()
		if err := s.run(k); err != nil {
			return answer{}, err
		}
		spent := time.Since(start)
		if spent >= sampleTime {
			break
		}
		k = max(k+1, int(math.Ceil(float64(k)*min(10, 1.2*float64(sampleTime)/float64(max(spent, 1))))))
	}
	var samples []float64
	for end := time.Now().Add(budget); len(samples) < 2 || time.Now().Before(end); {
		start := time.Now()
		if err := s.run(k); err != nil {
			return answer{}, err
		}
		samples = append(samples, float64(time.Since(start).Nanoseconds())/1e3/float64(k))
	}
	return answer{MinUs: slices.Min(samples), MedianUs: median(samples), Samples: len(samples)}, nil
}

// median returns the number in the middle, or the mean of the two there. x is not empty.
func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	n := len(x)
	return (x[(n-1)/2] + x[n/2]) / 2
}
