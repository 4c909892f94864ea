package stitch

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/assign"
)

// Distance is a Procrustes distance in [0, 1] with the channels that were matched. The
// authors of arXiv 2205.14258 print the similarity, 1 − d.
type Distance struct {
	D    float64
	Perm []int // of GProcrustes: the second network's channel of each of the first's, −1 for none
}

// Similarity returns 1 − D.
func (d Distance) Similarity() float64 { return 1 - d.D }

// GProcrustes returns the distance of two sets of features up to the maps of a class:
//
//	D² = (‖F₁‖² + ‖F₂‖² − 2·max_π Σ K[i,π(i)]) / 4C,  K = F₁ᵀF₂,
//
// with each channel scaled to norm 1 first where the class has scales, and all channels together
// to norm √C elsewhere; with |K| where it has signs. C is the larger number of channels. It
// is unchanged by maps of the class on either side. Channels are not centered; zero ones are allowed,
// not all of them where there are no scales. With PositiveMonomial it is the G_ReLU-Procrustes
// distance of arXiv 2205.14258. Orthogonal is OrthogonalProcrustes; Linear has none. Errors: *FeatureError.
func GProcrustes(class Class, f, g Features) (Distance, error) {
	switch {
	case class == Orthogonal:
		return OrthogonalProcrustes(f, g)
	case !class.pairs():
		return Distance{}, &FeatureError{"GProcrustes", fmt.Sprintf("there is no distance up to %s maps", class)}
	}
	f, g, err := comparable(f, g, 1)
	if err != nil {
		return Distance{}, err
	}
	most := max(f.Channels, g.Channels)
	if most == 0 {
		return Distance{}, &FeatureError{"the features", "no channels"}
	}
	a, b, scale := 0, 0, 1.0
	if class.scales() {
		a, b = f.normalize(), g.normalize()
	} else {
		if err := f.unit("the first features"); err != nil {
			return Distance{}, err
		}
		if err := g.unit("the second features"); err != nil {
			return Distance{}, err
		}
		a, b, scale = most, most, float64(most)
	}
	d := Distance{Perm: make([]int, f.Channels)}
	gain := make([]float64, most*most) // zero channels make the numbers equal
	k := cross(f, g)
	for i := range f.Channels {
		for j := range g.Channels {
			x := k.At(i, j)
			if class.signs() {
				x = math.Abs(x)
			}
			gain[i*most+j] = -x
		}
	}
	best, _ := assign.Min(gain, most, most)
	for i := range d.Perm {
		d.Perm[i] = best.To[i]
		if best.To[i] >= g.Channels {
			d.Perm[i] = -1
		}
	}
	sq := (float64(a+b) + 2*scale*best.Cost) / (4 * float64(most))
	d.D = math.Sqrt(max(0, sq))
	return d, nil
}

// OrthogonalProcrustes returns ½√(2 − 2‖K‖_*), K = F₁ᵀF₂ with F₁ and F₂ scaled to norm 1 as
// wholes: the distance up to rotations of all channels and one scale. Channels are not centered.
// Errors: *FeatureError.
func OrthogonalProcrustes(f, g Features) (Distance, error) {
	f, g, err := comparable(f, g, 1)
	if err != nil {
		return Distance{}, err
	}
	if err := f.unit("the first features"); err != nil {
		return Distance{}, err
	}
	if err := g.unit("the second features"); err != nil {
		return Distance{}, err
	}
	var svd mat.SVD
	if !svd.Factorize(cross(f, g), mat.SVDNone) {
		return Distance{}, &FeatureError{"the features", "the singular values of F₁ᵀF₂ do not converge"}
	}
	nuclear := 0.0
	for _, s := range svd.Values(nil) {
		nuclear += s
	}
	return Distance{D: math.Sqrt(max(0, 2-2*nuclear)) / 2}, nil
}
