package stitch

import (
	"math"
	"slices"
)

// Reduce says how GCKA makes one number of the products of all channels.
type Reduce uint8

// The two reductions.
const (
	Max Reduce = iota
	Median
)

// GCKA returns the centered kernel alignment of two sets of features with a kernel that is
// invariant under permutations and scales of channels other than 0 (signs do not matter):
// channels are centered and scaled to norm 1,
//
//	K[i,j] = max_c ⟨F[i,c], F[j,c]⟩,  K[i,i] = 0,
//
// and CKA = HSIC₁(K,L)/√(HSIC₁(K,K)·HSIC₁(L,L)) with the unbiased HSIC₁: G_ReLU-CKA of arXiv
// 2205.14258. It needs 4 samples, and features that are not constant. O(n²·positions·channels).
// Errors: *FeatureError.
func GCKA(f, g Features, r Reduce) (float64, error) {
	return cka(f, g, true, func(products []float64) float64 {
		if r == Max {
			return slices.Max(products)
		}
		slices.Sort(products)
		n := len(products)
		return (products[(n-1)/2] + products[n/2]) / 2
	})
}

// ChannelCKA is GCKA with the sum over channels for a kernel: linear CKA of channels that were
// scaled to norm 1. The authors' code calls it orthogonal; because of the scaling it is not
// invariant under rotations. Errors: *FeatureError.
func ChannelCKA(f, g Features) (float64, error) { return cka(f, g, true, total) }

// LinearCKA is the unbiased linear CKA, without scaling of channels. It is invariant under
// rotations of all channels and one scale. Errors: *FeatureError.
func LinearCKA(f, g Features) (float64, error) { return cka(f, g, false, total) }

func total(products []float64) (s float64) {
	for _, x := range products {
		s += x
	}
	return s
}

func cka(f, g Features, normalize bool, reduce func([]float64) float64) (float64, error) {
	f, g, err := comparable(f, g, 4)
	if err != nil {
		return 0, err
	}
	var hs [2]float64
	ks := [2][]float64{}
	for i, x := range []Features{f, g} {
		what := []string{"the first features", "the second features"}[i]
		x.center()
		if err := x.unit(what); err != nil {
			return 0, &FeatureError{what, "every channel is constant over the samples; the alignment is 0/0"}
		}
		if normalize {
			x.normalize()
		}
		ks[i] = kernel(x, reduce)
		if hs[i] = hsic(ks[i], ks[i], f.Samples); !(hs[i] > 1e-14*squares(ks[i])/float64(f.Samples*f.Samples)) {
			return 0, &FeatureError{what, "the kernel of the samples is constant; the alignment is 0/0"}
		}
	}
	return hsic(ks[0], ks[1], f.Samples) / math.Sqrt(hs[0]) / math.Sqrt(hs[1]), nil
}

// kernel returns K, n×n, 0 on the diagonal.
func kernel(f Features, reduce func([]float64) float64) []float64 {
	n, s := f.Samples, f.Height*f.Width
	k := make([]float64, n*n)
	products := make([]float64, f.Channels)
	for i := range n {
		for j := range i {
			for c := range products {
				a, b := f.Data[(i*f.Channels+c)*s:][:s], f.Data[(j*f.Channels+c)*s:][:s]
				products[c] = 0
				for p, x := range a {
					products[c] += x * b[p]
				}
			}
			x := reduce(products)
			k[i*n+j], k[j*n+i] = x, x
		}
	}
	return k
}

// hsic returns the unbiased HSIC₁ of two kernels with zero diagonals.
func hsic(k, l []float64, n int) float64 {
	var both, sumK, sumL, rows float64
	for i := range n {
		var a, b float64
		for j := range n {
			x, y := k[i*n+j], l[i*n+j]
			both += x * y
			a += x
			b += y
		}
		rows += a * b
		sumK += a
		sumL += b
	}
	m := float64(n)
	return (both + sumK*sumL/((m-1)*(m-2)) - 2/(m-2)*rows) / (m * (m - 3))
}

func squares(x []float64) (s float64) {
	for _, v := range x {
		s += v * v
	}
	return s
}
