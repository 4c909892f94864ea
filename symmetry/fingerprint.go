package symmetry

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

const (
	fingerprintValues = 64
	fingerprintDigits = 6
	fingerprintGuard  = 1e-11
)

// Fingerprint returns a short text that networks with the same function share, whatever
// their widths: rotated copies, reduced ones, lifted ones. It hashes the names and sizes of the
// inputs and outputs, and the outputs and directional derivatives at fixed pseudo-random
// inputs, rounded to 6 digits. Different functions get different fingerprints except by
// chance; networks that differ by less than the rounding may share one.
//
// Rounding has edges. Where a value lies so near to one (1e-11 of its size) that the rounding
// of the machine could push it over, Fingerprint returns an *EdgeError: 64 values meet an edge
// in about 0.1 % of all networks.
func Fingerprint(w *quiver.Rep) (string, error) {
	if err := network(w); err != nil {
		return "", err
	}
	if err := w.CheckFinite(); err != nil {
		return "", err
	}
	values, head, err := invariants(w)
	if err != nil {
		return "", err
	}
	return digest(head, values)
}

// EdgeError reports a value that lies on the edge of a rounding, so that a fingerprint
// is undecided.
type EdgeError struct{ Value float64 }

func (e *EdgeError) Error() string {
	return fmt.Sprintf("symmetry: the fingerprint is undecided: the value %v lies on an edge of its rounding; compare the networks with SameOrbit", e.Value)
}

// invariants returns 64 numbers that depend on the function alone: ⟨c, F(x)⟩ and
// ⟨∇⟨c, F⟩(x), u⟩ for fixed pseudo-random x, c and u.
func invariants(w *quiver.Rep) (values []float64, head string, err error) {
	q := w.Quiver()
	dims := q.Dims()
	var b strings.Builder
	for _, name := range q.Inputs() {
		fmt.Fprintf(&b, "input %q %d\n", name, dims[name])
	}
	for _, name := range q.Outputs() {
		fmt.Fprintf(&b, "output %q %d\n", name, dims[name])
	}
	head = b.String()
	sum := sha256.Sum256([]byte(head))
	rng := rand.New(rand.NewPCG(binary.LittleEndian.Uint64(sum[:8]), binary.LittleEndian.Uint64(sum[8:16])))
	draw := func(names []string) (ms []*mat.Dense) {
		for _, name := range names {
			if dims[name] == 0 {
				ms = append(ms, &mat.Dense{})
				continue
			}
			m := mat.NewDense(1, dims[name], nil)
			for j := range dims[name] {
				m.Set(0, j, rng.NormFloat64())
			}
			ms = append(ms, m)
		}
		return ms
	}
	for range fingerprintValues / 2 {
		xs, cs, us := draw(q.Inputs()), draw(q.Outputs()), draw(q.Inputs())
		ys, err := w.Eval(xs...)
		if err != nil {
			return nil, "", err
		}
		_, dxs, err := w.VJP(xs, cs)
		if err != nil {
			return nil, "", err
		}
		values = append(values, inner(ys, cs), inner(dxs, us))
	}
	return values, head, nil
}

func inner(a, b []*mat.Dense) (s float64) {
	for i, m := range a {
		if !m.IsEmpty() {
			s += mat.Dot(m.RowView(0), b[i].RowView(0))
		}
	}
	return s
}

// digest rounds values to 6 digits relative to the largest of their kind (values and
// derivatives), and hashes them with head.
func digest(head string, values []float64) (string, error) {
	var size [2]float64
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return "", &quiver.NonFiniteError{Where: "an output or derivative of the network", Value: v}
		}
		size[i%2] = max(size[i%2], math.Abs(v))
	}
	h := sha256.New()
	h.Write([]byte(head))
	// The unit is a power of ten decided by the largest value, with a guard of its own.
	for k, s := range size {
		if s == 0 {
			continue
		}
		e := math.Log10(s)
		if math.Abs(e-math.Round(e)) < fingerprintGuard {
			return "", &EdgeError{s}
		}
		unit := math.Pow(10, math.Floor(e)+1-fingerprintDigits)
		for i := k; i < len(values); i += 2 {
			x := values[i] / unit
			if d := math.Abs(x - math.Floor(x) - 0.5); d < fingerprintGuard*math.Pow(10, fingerprintDigits) {
				return "", &EdgeError{values[i]}
			}
		}
		binary.Write(h, binary.LittleEndian, int64(math.Floor(e)))
		var rounded []int64
		for i := k; i < len(values); i += 2 {
			rounded = append(rounded, int64(math.Round(values[i]/unit)))
		}
		binary.Write(h, binary.LittleEndian, slices.Clip(rounded))
	}
	return hex.EncodeToString(h.Sum(nil)[:16]), nil
}
