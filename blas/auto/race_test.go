//go:build race && (amd64 || arm64) && ((linux && !android) || (darwin && !ios) || windows || (freebsd && cgo))

package auto

import (
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestRaceIsSeen lets a child write one matrix from two goroutines: the race detector must find what C code does.
func TestRaceIsSeen(t *testing.T) {
	l := here(t)
	const variable = "QUIVERNET_TEST_RACE"
	if os.Getenv(variable) == "" {
		cmd := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), variable+"=1")
		out, err := cmd.CombinedOutput()
		assert.Error(t, err)
		assert.Contains(t, string(out), "DATA RACE")
		return
	}
	x, c := make([]float64, 4), make([]float64, 4)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { l.Dgemm(false, false, 2, 2, 2, x, 2, x, 2, 0, c, 2) })
	}
	wg.Wait()
}
