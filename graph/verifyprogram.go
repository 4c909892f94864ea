package graph

import (
	"github.com/quivernet/quivernet/quiver"
	"gonum.org/v1/gonum/mat"
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
	double := func() (program, error) {
		return Compile(p.model.Quiver, func(s *settings) { s.losses = p.model.Losses })
	}
	return verifySubject(subject{p, p.model, double}, w, xs, ys)
}
