package graph

import (
	"fmt"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/batch"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/quiver"
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
	Gap       float64 // relative to the size of what is compared
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

// verifySamples is how many samples are looked at with finite differences.
const verifySamples = 32

// verifier holds what the checks share.
type verifier struct {
	*Verification
	p        *Program
	w        *quiver.Rep
	xs, ys   []*mat.Dense // without the samples that are left out
	n        int
	tight    float64    // tolerance of equality in the program's precision
	ref      *reference // of the network on xs
	loss     []*lossGraph
	compiled *quiver.Rep // the gradient of LossGrad
}

// Verify checks a program against its definition on a batch: that the reference evaluator
// (quiver.Rep), the compiled program and finite differences agree on outputs, loss and gradient;
// that each activation is what it claims to be (its derivatives, radial, pointwise, and its Lipschitz constants, of which proved bounds are made);
// and that the gradients have the symmetry that radial vertices imply,
//
//	Σ_{a into v} G_a W_aᵀ − Σ_{a out of v} W_aᵀ G_a  is symmetric
//
// (zero at a linear vertex), which needs no differences at all (arXiv 2107.02550 §3 and
// 2207.12773); and that HessianVector is the derivative of LossGrad. It is meant for activations, losses and operations of one's own, and for
// any doubt. Differences use up to 32 samples.
//
// Kinks and jumps give no false alarm. Samples at which the pre-activation of some vertex lies within
// rounding of one are left out and counted; where one lies between the points of a difference, a
// smaller step is taken, and the sample is undecided where none will do. Units do no harm either: steps follow
// the scale of the data, and what rounding does to the network at hand is measured and allowed for.
//
// A disagreement is a failed check in the report, not an error; errors are those of
// LossGrad for data that cannot be used, and an OpError where an activation panics.
func Verify(p *Program, w *quiver.Rep, xs, ys []*mat.Dense) (report *Verification, err error) {
	defer func() {
		if r := recover(); r != nil { // an activation or an operation of the user's
			report, err = nil, &OpError{Owner: "verification", Node: "reference", Err: fmt.Errorf("%v", r)}
		}
	}()
	if err := p.made(); err != nil {
		return nil, err
	}
	if err := p.checkBatch(w, xs, ys); err != nil {
		return nil, err
	}
	v := &verifier{Verification: &Verification{}, p: p, w: w, xs: xs, ys: ys, tight: 1e-10}
	if p.model.Dtype == model.Dtype(true) {
		v.tight = 1e-3
	}
	v.n, _ = batch.Samples(p.model, w, xs)
	v.Samples = v.n
	if err := v.leaveOut(); err != nil {
		return nil, err
	}
	if v.n == 0 {
		v.add(Check{Law: "all laws", Where: "batch", Status: Undecided, Note: "every sample lies on a kink or a jump of some activation; move the weights or the data a little"})
		return v.Verification, nil
	}
	for _, step := range []func() error{v.activations, v.values, v.losses, v.gradients, v.differences, v.symmetry, v.hessian} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return v.Verification, nil
}

func (v *verifier) add(c Check) { v.Checks = append(v.Checks, c) }

// judge adds a check that passes where the gap is at most the tolerance; NaN fails.
func (v *verifier) judge(law, where string, gap, tol float64, note string) bool {
	c := Check{Law: law, Where: where, Gap: gap, Tolerance: tol}
	if !(gap <= tol) {
		c.Status, c.Note = Failed, note
	}
	v.add(c)
	return c.Status == Passed
}

func (v *verifier) undecided(law, where, why string) {
	v.add(Check{Law: law, Where: where, Status: Undecided, Note: why})
}

func vertexName(name string) string { return fmt.Sprintf("vertex %q", name) }
