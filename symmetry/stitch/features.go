package stitch

import (
	"fmt"
	"math"
	"reflect"

	"gonum.org/v1/gonum/mat"
)

// Features are the values of a layer on samples: Channels maps of Height×Width positions for
// each. Data holds sample after sample, channel after channel, row after row.
type Features struct {
	Samples, Channels, Height, Width int
	Data                             []float64
}

// Flat returns features without positions: h is samples×channels. It copies, and panics with
// *FeatureError for a nil matrix.
func Flat(h mat.Matrix) Features {
	if isNil(h) {
		panic(&FeatureError{"Flat", "the matrix is nil"})
	}
	n, c := h.Dims()
	if n < 0 || c < 0 || c > 0 && n > 1<<44/c {
		panic(&FeatureError{"Flat", fmt.Sprintf("the matrix is %d×%d", n, c)})
	}
	f := Features{n, c, 1, 1, make([]float64, n*c)}
	for i := range n {
		for j := range c {
			f.Data[i*c+j] = h.At(i, j)
		}
	}
	return f
}

// FeatureError reports features that cannot be compared.
type FeatureError struct {
	What, Reason string
}

func (e *FeatureError) Error() string { return "stitch: " + e.What + ": " + e.Reason }

// check refuses sizes that do not fit the data, and numbers that are not finite.
func (f Features) check(what string) error {
	if f.Samples < 0 || f.Channels < 0 || f.Height < 0 || f.Width < 0 || len(f.Data) != f.Samples*f.Channels*f.Height*f.Width {
		return &FeatureError{what, fmt.Sprintf("%d samples × %d channels × %d×%d positions, and %d numbers", f.Samples, f.Channels, f.Height, f.Width, len(f.Data))}
	}
	for i, x := range f.Data {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			s := f.Height * f.Width
			return &FeatureError{what, fmt.Sprintf("sample %d, channel %d has the value %v; want finite numbers", i/(f.Channels*s), i/s%f.Channels, x)}
		}
	}
	return nil
}

// comparable checks two sets of features and brings them to the same positions: those of
// the smaller are repeated, nearest neighbours.
func comparable(f, g Features, least int) (Features, Features, error) {
	if err := f.check("the first features"); err != nil {
		return f, g, err
	}
	if err := g.check("the second features"); err != nil {
		return f, g, err
	}
	switch {
	case f.Samples != g.Samples:
		return f, g, &FeatureError{"the features", fmt.Sprintf("%d samples and %d; give both networks the same inputs", f.Samples, g.Samples)}
	case f.Samples < least:
		return f, g, &FeatureError{"the features", fmt.Sprintf("%d samples; want at least %d", f.Samples, least)}
	}
	h, w := max(f.Height, g.Height), max(f.Width, g.Width)
	return f.resized(h, w), g.resized(h, w), nil
}

func (f Features) resized(h, w int) Features {
	if f.Height == h && f.Width == w || f.Height*f.Width == 0 {
		f.Data = append([]float64(nil), f.Data...)
		return f
	}
	g := Features{f.Samples, f.Channels, h, w, make([]float64, 0, f.Samples*f.Channels*h*w)}
	for m := range f.Samples * f.Channels {
		from := f.Data[m*f.Height*f.Width:]
		for y := range h {
			for x := range w {
				g.Data = append(g.Data, from[y*f.Height/h*f.Width+x*f.Width/w])
			}
		}
	}
	return g
}

// channel calls do for each value of a channel.
func (f Features) channel(c int, do func(x *float64)) {
	s := f.Height * f.Width
	for i := range f.Samples {
		at := (i*f.Channels + c) * s
		for k := at; k < at+s; k++ {
			do(&f.Data[k])
		}
	}
}

// center subtracts the mean of each channel, in place. What rounding leaves of a constant
// channel becomes zero.
func (f Features) center() {
	n := float64(f.Samples * f.Height * f.Width)
	for c := range f.Channels {
		var mean, most, left float64
		f.channel(c, func(x *float64) { mean += *x / n; most = max(most, math.Abs(*x)) })
		f.channel(c, func(x *float64) { *x -= mean; left = max(left, math.Abs(*x)) })
		if left <= 1e-14*most {
			f.channel(c, func(x *float64) { *x = 0 })
		}
	}
}

// normalize scales each channel to norm 1, in place; zero channels stay zero. It returns the
// number of the others.
func (f Features) normalize() (live int) {
	for c := range f.Channels {
		var norm float64
		f.channel(c, func(x *float64) { norm = math.Hypot(norm, *x) })
		if norm == 0 {
			continue
		}
		live++
		f.channel(c, func(x *float64) { *x /= norm })
	}
	return live
}

// unit scales all features together to norm 1, in place, or says that they are zero.
func (f Features) unit(what string) error {
	var norm float64
	for _, x := range f.Data {
		norm = math.Hypot(norm, x)
	}
	if norm == 0 {
		return &FeatureError{what, "all values are zero; nothing can be compared"}
	}
	for i := range f.Data {
		f.Data[i] /= norm
	}
	return nil
}

// cross returns K = F₁ᵀF₂, channels of f × channels of g, summed over samples and positions.
func cross(f, g Features) *mat.Dense {
	if f.Channels == 0 || g.Channels == 0 {
		return &mat.Dense{}
	}
	k := mat.NewDense(f.Channels, g.Channels, nil)
	s := f.Height * f.Width
	if f.Samples == 0 || s == 0 {
		return k
	}
	var sum mat.Dense
	for i := range f.Samples {
		a := mat.NewDense(f.Channels, s, f.Data[i*f.Channels*s:(i+1)*f.Channels*s])
		b := mat.NewDense(g.Channels, s, g.Data[i*g.Channels*s:(i+1)*g.Channels*s])
		sum.Mul(a, b.T())
		k.Add(k, &sum)
	}
	return k
}

// isNil reports whether an interface is nil or holds a nil pointer.
func isNil(x any) bool {
	v := reflect.ValueOf(x)
	return !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
}
