package verify

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/batch"
	"github.com/quivernet/quivernet/internal/fault"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/quiver"
)

// verifySamples is how many samples are looked at with finite differences.
const verifySamples = 32

// verifier holds what the checks share.
type verifier struct {
	*Verification
	Subject
	w        *quiver.Rep
	xs, ys   []*mat.Dense // without the samples that are left out
	n        int
	tight    float64    // tolerance of equality in the program's precision
	ref      *reference // of the network on xs
	loss     []*lossGraph
	compiled *quiver.Rep // the gradient of LossGrad
}

// Program is what is verified: a compiled program.
type Program interface {
	Forward(w *quiver.Rep, xs ...*mat.Dense) ([]*mat.Dense, error)
	Loss(w *quiver.Rep, xs, ys []*mat.Dense) (float64, error)
	LossGrad(grad, w *quiver.Rep, xs, ys []*mat.Dense) (float64, error)
	HessianVector(dst, w, v *quiver.Rep, xs, ys []*mat.Dense) error
}

// Subject is a program, the model that it was compiled from, and how the same program is made in double precision.
type Subject struct {
	Program
	Model  *model.Model
	Double func() (Program, error)
}

// Run is graph.Verify on weights and data that have been checked.
func Run(s Subject, w *quiver.Rep, xs, ys []*mat.Dense) (report *Verification, err error) {
	defer func() {
		if r := recover(); r != nil { // an activation or an operation of the user's
			report, err = nil, &fault.OpError{Owner: "verification", Node: "reference", Err: fmt.Errorf("%v", r)}
		}
	}()
	v := &verifier{Verification: &Verification{}, Subject: s, w: w, xs: xs, ys: ys, tight: 1e-10}
	if s.Model.Dtype == model.Dtype(true) {
		v.tight = 1e-3
	}
	v.n, _ = batch.Samples(s.Model, w, xs)
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
