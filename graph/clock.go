package graph

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"
)

// clocks collects the times of a program's stages, over all its tapes.
type clocks struct {
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
func (c *clocks) add(batch int, abouts []about) *clock {
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
func (t *tape[T]) timed(m *memory[T], current *int) error {
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

// Profile is where the time of a program has gone.
type Profile struct {
	Stages  []StageTime // in order of execution, tape by tape
	timed   bool
	unfused bool
}

// Profile returns the times of all stages since Compile, of a program compiled with the option Timed;
// of another one, an empty profile that says so. Reading a clock takes some 50 ns a stage, which the
// times of small stages contain. In the first run and every sixteenth it counts the denormal numbers of each stage, which make
// arithmetic several times slower; the times do not contain that.
func (p *Program) Profile() *Profile {
	must(p.made())
	if p.clocks == nil || p.unfused {
		return &Profile{unfused: p.unfused}
	}
	out := &Profile{timed: true}
	p.clocks.mu.Lock()
	defer p.clocks.mu.Unlock()
	for _, c := range p.clocks.tapes {
		for i, s := range c.stages {
			if s.Runs = int(c.runs.Load()); s.Runs > 0 {
				s.Total = time.Duration(c.ns[i].Load())
				s.Denormal, s.Looked = int(c.denormal[i].Load()), int(c.looked[i].Load())
				out.Stages = append(out.Stages, s)
			}
		}
	}
	return out
}

// String prints a table, the dearest stage first, and the stages that compute with denormal numbers.
func (p *Profile) String() string {
	if p == nil {
		return "no times: make a profile with Program.Profile\n"
	}
	if p.unfused {
		return "no times: an Unfused program has no stages\n"
	}
	if !p.timed {
		return "no times: compile the program with graph.Timed\n"
	}
	stages := slices.Clone(p.Stages)
	slices.SortStableFunc(stages, func(a, b StageTime) int { return cmp.Compare(b.Total, a.Total) })
	var sum time.Duration
	for _, s := range stages {
		sum += s.Total
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "share\tper run\truns\tbatch\tstage\tof\twhat")
	for _, s := range stages {
		fmt.Fprintf(w, "%4.1f%%\t%v\t%d\t%d\t%s\t%s\t%s\n", 100*float64(s.Total)/float64(max(sum, 1)), s.Total/time.Duration(s.Runs), s.Runs, s.Batch, s.Kind, s.Owner, s.Text)
	}
	w.Flush()
	return b.String() + p.slow()
}

// Flame prints one line per stage in the folded form that flame-graph tools read: frames
// from the root on, separated by semicolons, and the nanoseconds.
func (p *Profile) Flame() string {
	if p == nil {
		return ""
	}
	clean := strings.NewReplacer(";", ",", "\n", " ")
	var b strings.Builder
	for _, s := range p.Stages {
		fmt.Fprintf(&b, "batch %d;%s;%s;%s %d\n", s.Batch, s.Kind, clean.Replace(s.Owner), clean.Replace(s.Text), s.Total.Nanoseconds())
	}
	return b.String()
}
