package graph

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/quivernet/quivernet/internal/fault"
	"github.com/quivernet/quivernet/internal/tape"
)

// StageTime is the time that one stage of a program took, in all Runs together, Total. Batch is the number of samples of a run: a batch,
// or a chunk of a larger one; Kind, Owner and Text are those of StageInfo. Of the numbers that the stage read and wrote, in the first
// run and every sixteenth, Looked in all, those were Denormal.
type StageTime = tape.StageTime

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
	fault.Must(p.made())
	if p.clocks == nil || p.unfused {
		return &Profile{unfused: p.unfused}
	}
	return &Profile{Stages: p.clocks.Times(), timed: true}
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

// slow says which stages compute with denormal numbers.
func (p *Profile) slow() string {
	var b strings.Builder
	for _, s := range p.Stages {
		if s.Denormal == 0 {
			continue
		}
		fmt.Fprintf(&b, "%s of %s, batch %d: %.2g%% of the numbers that it reads and writes are denormal (%d of %d)\n", s.Kind, s.Owner, s.Batch, 100*float64(s.Denormal)/float64(s.Looked), s.Denormal, s.Looked)
	}
	if b.Len() == 0 {
		return ""
	}
	return "Denormal numbers (below 2.2e-308, in single precision 1.2e-38) make arithmetic several times slower; scale inputs, targets or weights, or set to 0 what is that small:\n" + b.String()
}
