// Package cpu says which of our kernels this processor can run.
package cpu

import (
	"fmt"
	"os"
)

// Level is a set of kernels. A higher level includes the lower ones.
type Level int

// The levels. Go stands for kernels in plain Go, which run everywhere and are the oracle of
// the others.
const (
	Go Level = iota
	AVX2
	AVX512
)

func (l Level) String() string {
	switch l {
	case AVX512:
		return "avx512"
	case AVX2:
		return "avx2"
	}
	return "go"
}

// Variable is the environment variable that lowers the level: go, avx2 or avx512.
// A level that the processor does not have is not used.
const Variable = "QUIVERNET_SIMD"

// Best is the level in use, from the processor's flags and Variable, read once at start.
var Best = choose(os.Getenv(Variable), detect())

func choose(wish string, have Level) Level {
	for _, l := range []Level{Go, AVX2, AVX512} {
		if wish == l.String() {
			return min(l, have)
		}
	}
	return have
}

// Report says in one line what was found and what is used.
func Report() string {
	return fmt.Sprintf("kernels %v (the processor has %v; %s=%q)", Best, detect(), Variable, os.Getenv(Variable))
}
