package local

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/exact"
	"github.com/quivernet/quivernet/internal/jsontext"
	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/rescale"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
)

// Options are the settings of Identifiability.
type Options struct {
	identify.Options
	Exact      bool        // ranks without rounding: modulo a prime, with proofs as in ExactRank
	Directions int         // hidden directions to find and verify; 0: all, up to 8; < 0: none. One beyond float64 is left out
	Source     rand.Source // for the generic rank; nil: a fixed seed
}

// Report is the verdict of Identifiability with its evidence.
type Report struct {
	Verdict     identify.Verdict  `json:"verdict"`
	Reason      string            `json:"reason"`
	RankJ       int               `json:"rank_j"`       // R_Γ: directions of the parameters that the sample sees
	RankA       int               `json:"rank_a"`       // R_A: an upper bound of RankJ; −1 if not computed
	Target      int               `json:"target"`       // parameters − rescalings, D − H for a chain
	RankGeneric int               `json:"rank_generic"` // rank of J in the cell of the parameters; −1 if not needed
	GapJ        jsontext.Number   `json:"gap_j"`
	GapA        jsontext.Number   `json:"gap_a"`
	Candidates  []int             `json:"candidates,omitempty"` // where the numerical rank is ambiguous
	Samples     int               `json:"samples"`
	Dropped     int               `json:"dropped"`
	Exact       bool              `json:"exact"`
	Hidden      []HiddenDirection `json:"hidden"`
}

// String returns the report as text.
func (r *Report) String() string {
	if r == nil {
		return "<nil>"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "local identifiability: %s\n  %s\n", strings.ToUpper(string(r.Verdict)), r.Reason)
	fmt.Fprintf(&b, "  samples %d", r.Samples)
	if r.Dropped > 0 {
		fmt.Fprintf(&b, ", %d on a kink left out", r.Dropped)
	}
	fmt.Fprintf(&b, "\n  rank J  %d of %d", r.RankJ, r.Target)
	if r.Exact {
		b.WriteString(" (exact)")
	} else {
		fmt.Fprintf(&b, " (gap %v)", r.GapJ)
	}
	if r.RankA >= 0 {
		fmt.Fprintf(&b, "\n  rank A  %d (gap %v)", r.RankA, r.GapA)
	}
	if r.RankGeneric >= 0 {
		fmt.Fprintf(&b, "\n  rank J for generic weights with these activation patterns  %d", r.RankGeneric)
	}
	b.WriteByte('\n')
	for i := range r.Hidden {
		fmt.Fprintf(&b, "  hidden direction %d: %v\n", i+1, &r.Hidden[i])
	}
	return b.String()
}

// Identifiability decides whether the values of the network at the samples
// determine its parameters near w up to positive rescaling: whether there is ε > 0 such that
// |θ'−θ| < ε and f_θ'(X) = f_θ(X) imply θ' ~ θ (arXiv 2206.07424). Near θ the network is
// smooth, f = αΦ with constant α, and with r = rank J, r_A the rank of the path
// activations and m = parameters − rescalings:
//
//   - r = m: Identifiable. Proved, given the rank: J is injective modulo the orbit.
//   - r = r_A < m: NotIdentifiable. Proved, given the ranks: r is then maximal, hence
//     constant near θ, and the fiber through θ has a larger dimension than the orbit.
//   - else r_g, the rank of J for random weights with the same activation patterns,
//     modulo a prime. r_g = r: NotIdentifiable, by the same argument (r_g is the largest
//     rank with probability 1 − 10⁻¹⁵). r_g > r: Undetermined.
//   - a numerical rank with a gap below 1000: Undetermined, with both candidates.
//
// Ranks are numerical unless Exact is set; then r_A decides only where it is exact too. Where r < m, the report has directions in
// the kernel of J, modulo rescalings, each verified by a small step.
//
// It is for acyclic quivers that are linear on each side of 0 at every vertex, with the
// identity at the outputs: a leaky ReLU is allowed. Errors: ActivationError,
// DegenerateError for a unit without incoming or outgoing weights, StructureError
// where fixed or tied arrows make rescalings degenerate, BoundaryError, and the errors of
// Jacobian.
func Identifiability(w *quiver.Rep, xs []*mat.Dense, o Options) (*Report, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	net, err := pieces.LinearToOutputs(w, "local identifiability")
	if err != nil {
		return nil, err
	}
	if err := identify.Degenerate(w); err != nil {
		return nil, err
	}
	tangent, orbit, generic := rescale.Orbit(net)
	if orbit < generic {
		return nil, &pieces.StructureError{Op: "local identifiability", Where: "the representation", Reason: fmt.Sprintf("is kept by some rescalings: its orbit has dimension %d, a generic one %d; remove units that do not matter", orbit, generic)}
	}
	rows, err := net.Samples(xs)
	if err != nil {
		return nil, err
	}
	kept, dropped, err := net.Smooth(rows, o.Drop)
	if err != nil {
		return nil, err
	}
	j := newJacobian(net, o.Tolerance)
	if err := j.add(kept); err != nil {
		return nil, err
	}
	rank := j.rank()
	r := &Report{Samples: len(kept), Dropped: dropped, Target: net.Params - orbit, RankJ: rank.Rank, GapJ: rank.Gap, RankA: -1, RankGeneric: -1}
	if o.Exact {
		e, err := identify.ExactRank(w, net.Batch(kept), o.Options)
		if err != nil {
			return nil, err
		}
		r.RankJ, r.Exact = e.Rank, true
	} else if rank.Ambiguous {
		r.Candidates = []int{rank.Rank, rank.Other}
	}
	r.decide(net, kept, o)
	if r.RankJ < r.Target && o.Directions >= 0 {
		n := o.Directions
		if n == 0 {
			n = 8
		}
		r.Hidden = hidden(net, kept, j, tangent, r.RankJ, n)
	}
	return r, nil
}

// decide sets the verdict.
func (r *Report) decide(net *pieces.Network, kept [][]float64, o Options) {
	if r.Candidates != nil {
		r.Verdict = identify.Undetermined
		r.Reason = fmt.Sprintf("the numerical rank is ambiguous: %d or %d; set Exact, or give other samples", r.Candidates[0], r.Candidates[1])
		return
	}
	if r.RankJ == r.Target {
		r.Verdict, r.Reason = identify.Identifiable, "rank J = parameters − rescalings: nearby parameters with the same values on the sample are rescalings of these."
		return
	}
	few := ""
	if n := len(kept) * net.OutDim; n < r.Target {
		few = fmt.Sprintf(" (%d values cannot determine %d parameters)", n, r.Target)
	}
	largest := func() {
		r.Verdict, r.Reason = identify.NotIdentifiable, "rank J = rank A is the largest possible for these activation patterns, and below parameters − rescalings: a whole family has the same values."+few
	}
	attained := false
	if rep, err := identify.PathActivationRank(net.Rep, net.Batch(kept), o.Options); err == nil {
		r.RankA, r.GapA = rep.Total, rep.Gap
		attained = !rep.Ambiguous && rep.Total == r.RankJ
		if attained && (rep.Exact || !o.Exact) { // else the next rank, without rounding, decides
			largest()
			return
		}
	}
	src := o.Source
	if src == nil {
		src = rand.NewPCG(3, 4)
	}
	g, ok := genericRank(net, kept, rand.New(src))
	switch {
	case !ok && attained:
		largest()
		return
	case !ok:
		r.Verdict, r.Reason = identify.Undetermined, "rank A does not decide, and the sample is too large for the rank at generic weights; give fewer samples"
		return
	}
	r.RankGeneric = g
	switch {
	case g <= r.RankJ:
		r.Verdict, r.Reason = identify.NotIdentifiable, "rank J is as large as for generic weights with the same activation patterns, hence constant nearby, and below parameters − rescalings: a whole family has the same values."+few
	default:
		r.Verdict, r.Reason = identify.Undetermined, "rank J is smaller here than at generic weights nearby: the ranks do not decide."
	}
}

// genericRank returns the rank of J for random weights when each unit keeps, at each
// sample, the side that it has now; J is a polynomial in the weights then, and its
// rank at random residues modulo a prime is its largest rank, but for a chance of
// about degree/2⁶¹. false where that is too much work.
func genericRank(net *pieces.Network, kept [][]float64, rng *rand.Rand) (int, bool) {
	if float64(len(kept)*net.OutDim)*float64(net.Params)*float64(net.Params) > 2e10 {
		return 0, false
	}
	best := 0
	for which := range uint8(2) {
		e, _ := pieces.Modulo(net, which) // the weights are replaced
		slab := make([]exact.Residue, net.Params)
		for j := range slab {
			slab[j] = exact.NewResidue(rng.Uint64N(exact.Primes[which]), which)
		}
		for i := range net.Vertices {
			for k := range net.Vertices[i].In {
				if at := net.Vertices[i].In[k].Offset; at >= 0 {
					copy(e.W[i][k], slab[at:])
				}
			}
		}
		m := exact.NewElimination(exact.Primes[which])
		s, fs := e.NewState(), net.NewState()
		x, row := make([]exact.Residue, net.InDim), make([]uint64, net.Params)
		for _, sample := range kept {
			net.Forward(fs, sample)
			for i := range net.Vertices {
				for u, z := range fs.Z[i] {
					s.Side[i][u] = z > 0
				}
			}
			for j, v := range sample {
				x[j] = exact.ResidueOfFloat(v, which)
			}
			e.Forward(s, x, nil)
			for _, r := range e.Rows(s) {
				for j, v := range r {
					row[j] = v.Value()
				}
				m.Add(row)
			}
		}
		best = max(best, m.Rank())
	}
	return best, true
}
