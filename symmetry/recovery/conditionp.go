package recovery

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/quivernet/quivernet/internal/exact"
	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
)

// POptions are the settings of CheckP. They matter above two input dimensions only.
type POptions struct {
	Lines   int              // random lines to look along; 0: 400
	Source  rand.Source      // nil: a fixed seed
	Sampler identify.Sampler // ends of the lines; nil: Uniform on the box, Gaussian(10) on all of ℝⁿ
}

// PLayer is what was found for one hidden layer.
type PLayer struct {
	Vertex     string       `json:"vertex"`
	Conditions [4]Condition `json:"conditions"` // P.a, P.b, P.c, P.d
}

// PReport is what CheckP found. Overall is Certified if all conditions of all layers
// are, Refuted if one is; that P is refuted does not mean that the parameters are not
// determined.
type PReport struct {
	Overall Status          `json:"overall"`
	Method  identify.Method `json:"method"`
	Box     quiver.Box      `json:"box"`
	Layers  []PLayer        `json:"layers"`
}

// String returns the report as text.
func (r *PReport) String() string {
	if r == nil {
		return "<nil>"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "condition P on %v: %s (%s)\n", r.Box, strings.ToUpper(string(r.Overall)), r.Method)
	switch r.Overall {
	case Certified:
		b.WriteString("  parameters of this architecture that satisfy P on this set and give this function there are equal up to permutation and positive rescaling.\n")
	case Refuted:
		b.WriteString("  P is sufficient, not necessary: the function may determine the parameters all the same.\n")
	}
	for _, l := range r.Layers {
		for _, c := range l.Conditions {
			fmt.Fprintf(&b, "  %-4s %s  %-9s %s", l.Vertex, c.Name, c.Status, c.Text)
			if c.Witness != "" {
				fmt.Fprintf(&b, ": %s", c.Witness)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// CheckP checks the four conditions under which the function of a deep ReLU network on
// a set Ω, here a box or all of ℝⁿ, determines its parameters up to permutation and
// positive rescaling (arXiv 2112.12982; the conditions are stated as we reconstructed
// them, since only the opening of the paper could be read). With Ω_ℓ the image of Ω in
// layer ℓ, z_ℓ = W_ℓu + b_ℓ, and g_ℓ the rest of the network behind layer ℓ, affine with
// gradient V_ℓ(D) on closed cells D:
//
//	P.a  rank W_ℓ = its number of rows,
//	P.b  every unit of layer ℓ is 0 somewhere in the interior of Ω_{ℓ−1},
//	P.c  column i of V_ℓ(D) is not 0 wherever unit i is 0 and the layer's values are in D,
//	P.d  no hyperplane of ℝ^{N_{ℓ−1}} that meets the interior of Ω_{ℓ−1} lies there in
//	     the boundaries of the cells h_ℓ⁻¹(D).
//
// With one or two inputs everything is decided in rational arithmetic: Certified and Refuted
// are proofs. A hidden layer wider than the one before it refutes P.a at once, and the
// other conditions are not examined. With more inputs, kinks are looked for along random
// lines. P.a is decided. P.b is refuted by interval bounds and certified by a point, P.c and
// P.d are refuted by a kink; what floating point found there is proved again in rational
// arithmetic before it counts. P.c and P.d are certified only where they are trivial. The
// rest is Unknown, with what was tried.
//
// On all of ℝ² the box is taken so large that it contains every crossing of lines that
// can occur. Errors: ChainError, also where there is no hidden layer, ActivationError
// unless all hidden vertices are ReLU, BoxError, LimitError on all of ℝ² for networks
// too large for that, quiver.NonFiniteError.
func CheckP(w *quiver.Rep, box quiver.Box, o POptions) (*PReport, error) {
	const op = "condition P"
	net, err := pieces.Of(w)
	if err != nil {
		return nil, err
	}
	l, err := layersOf(net, op, onlyReLU)
	if err != nil {
		return nil, err
	}
	if l.depth() < 2 {
		return nil, &ChainError{op, "the quiver", "has no hidden layer"}
	}
	if err := box.CheckInterior(net.InDim, true); err != nil {
		return nil, err
	}
	r := &PReport{Method: identify.Exact, Box: box}
	narrowing := true
	for k := 1; k < l.depth(); k++ {
		r.Layers = append(r.Layers, PLayer{Vertex: l.name(k), Conditions: [4]Condition{
			l.conditionA(k),
			{Name: "P.b", Text: "every unit switches inside Ω", Status: Unknown},
			{Name: "P.c", Text: "every switch is visible at the output", Status: Unknown},
			{Name: "P.d", Text: "no straight section is made of kinks of deeper layers", Status: Unknown},
		}})
		narrowing = narrowing && l.width(k) <= l.width(k-1)
	}
	switch {
	case !narrowing:
		for k := range r.Layers {
			for c := 1; c < 4; c++ {
				r.Layers[k].Conditions[c].Witness = "not examined, since P.a cannot hold"
			}
		}
	case net.InDim <= 2:
		p := &planeCheck{l: l, rat: pieces.OverRationals(net), box: box}
		if box.IsWhole() {
			if p.box, err = l.largeBox(); err != nil {
				return nil, err
			}
		}
		p.run(r)
	default:
		r.Method = identify.Sampled
		newLineCheck(l, box, o).run(r)
	}
	r.conclude()
	return r, nil
}

// conclude sets Overall.
func (r *PReport) conclude() {
	r.Overall = Certified
	for _, l := range r.Layers {
		for _, c := range l.Conditions {
			switch {
			case c.Status == Refuted:
				r.Overall = Refuted
			case c.Status == Unknown && r.Overall == Certified:
				r.Overall = Unknown
			}
		}
	}
}

// conditionA decides P.a exactly.
func (l *layered) conditionA(layer int) Condition {
	c := Condition{Name: "P.a", Text: "the weights have full row rank", Status: Certified}
	n, m := l.width(layer), l.width(layer-1)
	if n > m {
		c.Status, c.Witness = Refuted, fmt.Sprintf("%d units on %d inputs", n, m)
		return c
	}
	var rows [][]exact.Rational
	for i := range n {
		rows = append(rows, exact.Floats(l.row(layer, i)))
	}
	if r := l.rowRank(rows); r < n {
		c.Status, c.Witness = Refuted, fmt.Sprintf("rank %d of %d", r, n)
	}
	return c
}

// rowRank returns the rank of rational rows: modulo a prime where that is full, which
// proves it, else by elimination.
func (l *layered) rowRank(rows [][]exact.Rational) int {
	e := exact.NewElimination(exact.Primes[0])
	for _, r := range rows {
		x := make([]uint64, len(r))
		for j := range r {
			v, ok := exact.ResidueOf(r[j], 0)
			if !ok {
				return exact.Rank(rows)
			}
			x[j] = v.Value()
		}
		e.Add(x)
	}
	if e.Rank() == len(rows) {
		return len(rows)
	}
	return exact.Rank(rows)
}

// refute records a refutation unless there is one already.
func (c *Condition) refute(unit int, witness string) {
	if c.Status == Refuted {
		return
	}
	c.Status, c.Witness = Refuted, witness
	if unit >= 0 {
		c.Units = []int{unit}
	}
}
