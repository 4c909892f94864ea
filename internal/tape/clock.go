package tape

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Clocks collects the times of a program's stages, over all its tapes.
type Clocks struct {
	mu    sync.Mutex
	tapes []*clock
}

// clock holds the times of one tape.
type clock struct {
	stages []StageTime // without times
	ns     []atomic.Int64
	runs   atomic.Int64

	denormal, looked []atomic.Int64
}

// add returns a clock for the stages of a tape: that of an earlier tape with the same stages, which was
// forgotten, if there is one.
func (c *Clocks) add(batch int, abouts []about) *clock {
	n := len(abouts)
	k := &clock{ns: make([]atomic.Int64, n), denormal: make([]atomic.Int64, n), looked: make([]atomic.Int64, n)}
	for _, a := range abouts {
		k.stages = append(k.stages, StageTime{Batch: batch, Kind: a.kind, Owner: a.owner, Text: a.text})
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, old := range c.tapes {
		if slices.Equal(old.stages, k.stages) {
			return old
		}
	}
	c.tapes = append(c.tapes, k)
	return k
}

// timed is execute with a clock.
func (t *Tape[T]) timed(m *Memory[T], current *int) error {
	look := (t.clock.runs.Add(1)-1)%denormalEvery == 0
	last := time.Now()
	for i := range t.stages {
		*current = i
		if err := t.stages[i].run(m); err != nil {
			return t.opError(i, err)
		}
		now := time.Now()
		t.clock.ns[i].Add(int64(now.Sub(last)))
		if last = now; look {
			d, n := t.denormals(m, &t.abouts[i])
			t.clock.denormal[i].Add(int64(d))
			t.clock.looked[i].Add(int64(n))
			last = time.Now()
		}
	}
	return nil
}

// StageTime is the time that one stage of a program took, in all runs together.
type StageTime struct {
	Batch int    // samples of a run: a batch, or a chunk of a larger one
	Kind  string // forward, backward, gradient, loss, gather, copy, number or operation
	Owner string // vertex or arrow
	Text  string // the formula
	Runs  int
	Total time.Duration

	// Of the numbers that the stage read and wrote, in the first run and every sixteenth, Looked in all, those that were denormal.
	Denormal, Looked int
}

// Times returns the times of the stages that have run, tape by tape.
func (c *Clocks) Times() (out []StageTime) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range c.tapes {
		for i, s := range k.stages {
			if s.Runs = int(k.runs.Load()); s.Runs > 0 {
				s.Total = time.Duration(k.ns[i].Load())
				s.Denormal, s.Looked = int(k.denormal[i].Load()), int(k.looked[i].Load())
				out = append(out, s)
			}
		}
	}
	return out
}
