package vec

import "math"

// The functions of elem.go, point.go and slab.go in plain Go.

func oracleExp[T Float](y, x []T) {
	for j, v := range x {
		y[j] = T(exp(float64(v)))
	}
}

// exp is eˣ. On amd64 math.Exp overflows from 709.09 on already.
func exp(x float64) float64 {
	y := math.Exp(x)
	if x < 709.782712893384 && y > math.MaxFloat64 {
		y = math.Exp(x / 2)
		y *= y
	}
	return y
}

// oraclePointwise adds 0·x to each value: NaN where x is infinite.
func oraclePointwise[T Float](m Map, c float64, y, z []T) {
	k := entries[m]
	if k.Rectifies {
		for j, v := range z {
			y[j] = max(v, 0) + 0*v
		}
		return
	}
	if h := k.ValueAt; h != nil {
		for j, v := range z {
			y[j] = T(h(float64(v), c) + 0*float64(v))
		}
		return
	}
	h := k.Value
	for j, v := range z {
		y[j] = T(h(float64(v)) + 0*float64(v))
	}
}

func oraclePointwiseVJP[T Float](m Map, c float64, d, g, a []T) {
	k := entries[m]
	if k.Rectifies {
		for j, v := range a {
			var u T
			if v > 0 {
				u = g[j]
			}
			d[j] = u
		}
		return
	}
	if k.KeepsSlope {
		for j, v := range a {
			d[j] = v * g[j]
		}
		return
	}
	if h := k.SlopeAt; h != nil {
		for j, v := range a {
			d[j] = T(h(float64(v), c) * float64(g[j]))
		}
		return
	}
	h := k.Slope
	for j, v := range a {
		d[j] = T(h(float64(v)) * float64(g[j]))
	}
}

func oraclePointwiseSlope[T Float](m Map, y, s, z []T) {
	k := entries[m]
	for j, v := range z {
		x := float64(v)
		s[j] = T(k.Slope(x))
		y[j] = T(k.Value(x) + 0*x)
	}
}

func oracleAxpy[T Float](a float64, x []T, y []float64) {
	for i, v := range x {
		y[i] += float64(a * float64(v)) // the conversion forbids fusing, on every architecture
	}
}

func oracleAdd[T Float](y, x []T) {
	for i, v := range x {
		y[i] += v
	}
}

func oracleFirstBad[T Float](x []T) int {
	for i, v := range x {
		if v-v != 0 {
			return i
		}
	}
	return -1
}
