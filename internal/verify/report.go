package verify

import (
	"fmt"
	"strings"
)

// Status is the outcome of a check.
type Status uint8

// A check passes, fails, or could not decide: every sample lies on a kink, the derivative is
// not defined for this activation, or a gradient is zero.
const (
	Passed Status = iota
	Failed
	Undecided
)

// String returns "ok", "FAILED" or "undecided".
func (s Status) String() string {
	if s > Undecided {
		return fmt.Sprintf("Status(%d)", uint8(s))
	}
	return [...]string{"ok", "FAILED", "undecided"}[s]
}

// Check is one law at one place.
type Check struct {
	Law       string // "VJP = differences", for example
	Where     string // `vertex "h1"`, `arrow "x->h1"`, `loss at output "y"`, `output "y"`
	Status    Status
	Gap       float64 // relative to the size of what is compared, without what rounding explains: often 0
	Tolerance float64
	Note      string // the next step, or why it is undecided
}

// Verification is the report of Verify.
type Verification struct {
	Samples int // in the batch
	Left    int // left out: on a kink or a jump of some activation
	Checks  []Check
}

// OK says that no check failed, and that some passed.
func (v *Verification) OK() bool { return v.Err() == nil }

// Err returns nil, or a VerifyError with the checks that failed; where nothing could be
// decided, with those.
func (v *Verification) Err() error {
	if v == nil || len(v.Checks) == 0 {
		return &VerifyError{}
	}
	bad := v.with(Failed)
	if len(bad) == 0 && len(v.with(Passed)) == 0 {
		bad = v.Checks
	}
	if len(bad) == 0 {
		return nil
	}
	return &VerifyError{bad}
}

func (v *Verification) with(s Status) (cs []Check) {
	for _, c := range v.Checks {
		if c.Status == s {
			cs = append(cs, c)
		}
	}
	return cs
}

// VerifyError lists the checks that failed, the likely cause first.
type VerifyError struct{ Failed []Check }

func (e *VerifyError) Error() string {
	if len(e.Failed) == 0 {
		return "graph: nothing was verified; make a report with graph.Verify"
	}
	c := e.Failed[0]
	s := fmt.Sprintf("graph: %s: %s fails with a gap of %.1e", c.Where, c.Law, c.Gap)
	if c.Status == Undecided {
		s = fmt.Sprintf("graph: %s: nothing could be verified", c.Where)
	}
	if c.Note != "" {
		s += "; " + c.Note
	}
	if n := len(e.Failed) - 1; n > 0 {
		s += fmt.Sprintf(" (and %d more)", n)
	}
	return s
}

// String prints the checks law by law: one line for all places where a law holds, one for each
// where it does not; and a summary.
func (v *Verification) String() string {
	if v == nil {
		return "nothing was verified\n"
	}
	var b strings.Builder
	var laws []string
	of := make(map[string][]Check)
	count := [3]int{}
	for _, c := range v.Checks {
		if of[c.Law] == nil {
			laws = append(laws, c.Law)
		}
		of[c.Law] = append(of[c.Law], c)
		count[c.Status]++
	}
	for _, law := range laws {
		passed := (&Verification{Checks: of[law]}).with(Passed)
		if len(passed) > 0 {
			c := passed[0]
			for _, d := range passed {
				c.Gap = max(c.Gap, d.Gap)
			}
			if n := len(passed) - 1; n > 0 {
				c.Where += fmt.Sprintf(" and %d more", n)
			}
			c.print(&b)
		}
		for _, c := range of[law] {
			if c.Status != Passed {
				c.print(&b)
			}
		}
	}
	fmt.Fprintf(&b, "%d checks passed, %d failed, %d undecided", count[Passed], count[Failed], count[Undecided])
	if v.Left > 0 {
		fmt.Fprintf(&b, "; %d of %d samples left out: they lie on a kink or a jump", v.Left, v.Samples)
	}
	b.WriteByte('\n')
	return b.String()
}

func (c Check) print(b *strings.Builder) {
	fmt.Fprintf(b, "%-9s  %-40s  %s", c.Status, c.Law, c.Where)
	if c.Status != Undecided {
		fmt.Fprintf(b, ", gap %.1e of at most %.0e", c.Gap, c.Tolerance)
	}
	if c.Note != "" {
		fmt.Fprintf(b, "\n           %s", c.Note)
	}
	b.WriteByte('\n')
}
