package vec

// The functions of narrow.go in plain Go.

func oracleLayer[T Float](z, w, b, x []T, r, c, n, ld int) {
	if b == nil {
		for i := range r {
			clear(z[i*ld:][:n])
		}
	} else {
		oracleFillRows(z, b, r, n, ld)
	}
	for i := range r {
		for k, a := range w[i*c:][:c] {
			u := z[i*ld:][:n]
			for j, v := range x[k*ld:][:n] {
				u[j] += a * v
			}
		}
	}
}

func oracleRadialBack[T Float](d, w, e, z, l, l1 []T, r, c, n, ld int) {
	for j := 0; j < n; j += Lanes {
		var g [NarrowMax][Lanes]T
		for k := range r {
			u := e[k*ld+j:][:Lanes]
			for i, a := range w[k*c:][:c] {
				for q, v := range u {
					g[i][q] += a * v
				}
			}
		}
		var p [Lanes]T
		for i := range c {
			for q, v := range z[i*ld+j:][:Lanes] {
				p[q] += v * g[i][q]
			}
		}
		a, b := l[j:][:Lanes], l1[j:][:Lanes]
		for q := range p {
			p[q] *= b[q]
		}
		for i := range c {
			u := d[i*ld+j:][:Lanes]
			for q, v := range z[i*ld+j:][:Lanes] {
				u[q] = a[q]*g[i][q] + p[q]*v
			}
		}
	}
}

// oracleLayerGrad sums as RowSums does.
func oracleLayerGrad[T Float](gw, gb, e, x []T, r, c, n, ld int) {
	for i := range r {
		u := e[i*ld:][:n]
		for k := range c {
			var s [Lanes]T
			for j, v := range x[k*ld:][:n] {
				s[j%Lanes] += u[j] * v
			}
			gw[i*c+k] = halve(&s)
		}
	}
	if gb != nil {
		oracleRowSums(gb, e, r, n, ld)
	}
}
