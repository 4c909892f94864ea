package graph

import (
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/verify"
	"github.com/quivernet/quivernet/quiver"
)

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
func Verify(p *Program, w *quiver.Rep, xs, ys []*mat.Dense) (*Verification, error) {
	if err := p.made(); err != nil {
		return nil, err
	}
	if err := p.checkBatch(w, xs, ys); err != nil {
		return nil, err
	}
	double := func() (verify.Program, error) {
		return Compile(p.model.Quiver, func(s *settings) { s.losses = p.model.Losses })
	}
	return verify.Run(verify.Subject{Program: p, Model: p.model, Double: double}, w, xs, ys)
}

// Verification is the report of Verify: the number of Samples in the batch, how many were Left out, since they lie on a kink or a jump of
// some activation, and the Checks. OK says that no check failed and that some passed; Err is nil or a *VerifyError; String prints the
// checks law by law.
type Verification = verify.Verification

// Check is one law at one place: the Law ("VJP = differences", for example), Where (`vertex "h1"`, `arrow "x->h1"`, `loss at output
// "y"`, `output "y"`), the Status, the Gap, relative to the size of what is compared, and its Tolerance, and a Note: the next step, or
// why the check is undecided.
type Check = verify.Check

// Status is the outcome of a check. Its String is "ok", "FAILED" or "undecided".
type Status = verify.Status

// A check passes, fails, or could not decide: every sample lies on a kink, the derivative is
// not defined for this activation, or a gradient is zero.
const (
	Passed    = verify.Passed
	Failed    = verify.Failed
	Undecided = verify.Undecided
)

// VerifyError lists the checks that Failed, the likely cause first.
type VerifyError = verify.VerifyError
