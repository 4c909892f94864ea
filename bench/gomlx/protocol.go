package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"time"
)

// sample is how long one sample takes at least, as in every other variant.
const sample = time.Millisecond

type request struct {
	Do, Case, File string
	Millis         int
}

type answer struct {
	Case     string  `json:"case,omitempty"`
	Variant  string  `json:"variant"`
	MinUs    float64 `json:"min_us,omitempty"`
	MedianUs float64 `json:"median_us,omitempty"`
	Samples  int     `json:"samples,omitempty"`
	Loss100  float64 `json:"loss100,omitempty"`
	About    any     `json:"about,omitempty"`
	Error    string  `json:"error,omitempty"`
}

// instance is the weights and data of a case.
type instance struct {
	act, loss string
	single    bool
	rate      float64
	layers    int
	arrays    map[string]array
}

type array struct {
	shape [2]int
	data  []float64
}

func load(path string) (*instance, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint64(raw)
	var head map[string]struct {
		Shape   [2]int
		Offsets [2]int `json:"data_offsets"`

		Act, Loss, DType, Rate, Layers string
	}
	if err := json.Unmarshal(raw[8:8+n], &head); err != nil {
		return nil, err
	}
	meta := head["__metadata__"]
	in := &instance{act: meta.Act, loss: meta.Loss, single: meta.DType == "float32", arrays: map[string]array{}}
	if in.rate, err = strconv.ParseFloat(meta.Rate, 64); err != nil {
		return nil, err
	}
	if in.layers, err = strconv.Atoi(meta.Layers); err != nil {
		return nil, err
	}
	for name, t := range head {
		body := raw[8+n:][t.Offsets[0]:t.Offsets[1]]
		a := array{t.Shape, make([]float64, len(body)/8)}
		for i := range a.data {
			a.data[i] = math.Float64frombits(binary.LittleEndian.Uint64(body[8*i:]))
		}
		in.arrays[name] = a
	}
	return in, nil
}

// serve answers requests until quit. A panic of the library becomes an answer.
func serve(variant string, about any) {
	out := json.NewEncoder(os.Stdout)
	say := func(a answer) {
		a.Variant = variant
		if err := out.Encode(a); err != nil {
			os.Exit(1)
		}
	}
	say(answer{About: about})
	var s *net
	var loss float64
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var ask request
		if err := json.Unmarshal(lines.Bytes(), &ask); err != nil {
			say(answer{Error: err.Error()})
			continue
		}
		if ask.Do == "quit" {
			return
		}
		ans := answer{Case: ask.Case}
		if err := guarded(func() error {
			if ask.Do == "prepare" {
				in, err := load(ask.File)
				if err != nil {
					return err
				}
				if s, err = newNet(in); err != nil {
					return err
				}
				s.run(100)
				loss = s.loss()
			} else {
				ans = measure(s, time.Duration(ask.Millis)*time.Millisecond)
			}
			ans.Case, ans.Loss100 = ask.Case, loss
			return nil
		}); err != nil {
			ans.Error = err.Error()
		}
		say(ans)
	}
}

func guarded(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return f()
}

func measure(s *net, budget time.Duration) answer {
	s.reset()
	k := 1
	for {
		start := time.Now()
		s.run(k)
		spent := time.Since(start)
		if spent >= sample {
			break
		}
		k = max(k+1, int(math.Ceil(float64(k)*min(10, 1.2*float64(sample)/float64(max(spent, 1))))))
	}
	var times []float64
	for end := time.Now().Add(budget); len(times) < 2 || time.Now().Before(end); {
		start := time.Now()
		s.run(k)
		times = append(times, float64(time.Since(start).Nanoseconds())/1e3/float64(k))
	}
	slices.Sort(times)
	n := len(times)
	return answer{MinUs: times[0], MedianUs: (times[(n-1)/2] + times[n/2]) / 2, Samples: n}
}
