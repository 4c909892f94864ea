package quiver

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// basis is the n×k matrix of orthonormal columns of a restriction. Nobody changes it, so that
// restrictions to the same subspace share it.
type basis struct {
	n, k int
	b    []float64 // row-major
	hash string
	eye  bool // the identity
}

func newBasis(n, k int, b []float64) *basis {
	h := sha256.New()
	buf := make([]byte, 0, 4096)
	put := func(x uint64) {
		if buf = binary.LittleEndian.AppendUint64(buf, x); len(buf) == cap(buf) {
			h.Write(buf)
			buf = buf[:0]
		}
	}
	put(uint64(n))
	put(uint64(k))
	for _, x := range b {
		put(math.Float64bits(x))
	}
	h.Write(buf)
	return &basis{n, k, b, hex.EncodeToString(h.Sum(nil)[:8]), isEye(n, k, b)}
}

// dense returns a copy.
func (b *basis) dense() *mat.Dense {
	if b.k == 0 || b.n == 0 {
		return &mat.Dense{}
	}
	return mat.NewDense(b.n, b.k, append([]float64(nil), b.b...))
}

func isEye(n, k int, b []float64) bool {
	if n != k || n == 0 {
		return false
	}
	for i, v := range b {
		if want := i/k == i%k; want != (v == 1) || !want && v != 0 {
			return false
		}
	}
	return true
}

// around returns the activation that inner induces on the span.
func (b *basis) around(inner Activation) Activation {
	if _, ok := inner.(Restriction); ok && b.k > 0 {
		return Restricted(inner, b.dense())
	}
	if b.eye {
		return inner
	}
	r := &restriction{inner: inner, basis: b}
	switch in := inner.(type) {
	case ParametricSecondOrder:
		return &paramSecondRestriction{paramRestriction{r, in}, in}
	case Parametric:
		return &paramRestriction{r, in}
	case SecondOrder:
		return &secondRestriction{r, in}
	}
	return r
}

// sketches is the number of random vectors by which a basis is known.
const sketches = 3

// orthonormal checks that the columns are, to 1e-6, in a time proportional to the size: it looks
// at their lengths and at bᵀ(bv) = v for some random vectors v.
func (b *basis) orthonormal() error {
	const tol = 1e-6
	if b.k > b.n {
		return fmt.Errorf("%d columns in dimension %d", b.k, b.n)
	}
	lengths := make([]float64, b.k)
	for i, x := range b.b {
		lengths[i%b.k] += x * x
	}
	for j, s := range lengths {
		if !(math.Abs(s-1) <= tol) {
			return fmt.Errorf("its columns are not orthonormal: the squared length of column %d is %.3g", j, s)
		}
	}
	v, back := make([]float64, b.k), make([]float64, b.k)
	rng := rand.New(rand.NewPCG(uint64(b.n), uint64(b.k)))
	for range sketches {
		for j := range v {
			v[j] = rng.NormFloat64()
		}
		clear(back)
		for rows := b.b; len(rows) > 0; rows = rows[b.k:] { // none where k = 0, whatever n is
			row := rows[:b.k]
			var s float64
			for j, x := range row {
				s += x * v[j]
			}
			for j, x := range row {
				back[j] += x * s
			}
		}
		for j := range v {
			if d := math.Abs(back[j] - v[j]); !(d <= tol) {
				return fmt.Errorf("its columns are not orthonormal: bᵀ(bv) − v reaches %.3g in column %d", d, j)
			}
		}
	}
	return nil
}
