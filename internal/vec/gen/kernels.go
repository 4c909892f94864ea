package main

import (
	"slices"

	"github.com/mmcloughlin/avo/operand"
)

const block = ", d, n, ld int"

// kernels is everything that is generated for all four versions, woven what is for AVX-512 in double precision alone.
var kernels = slices.Concat([]kernel{
	{"sumSquares", "s *float64, x *T" + block, (*machine).sumSquares},
	{"norms", "r, x *T, odd *int" + block, (*machine).norms},
	{"rowDots", "p, x, y *T" + block, (*machine).rowDots},
	{"scaleRows", "y, x, l *T" + block, (*machine).scaleRows},
	{"combine", "y, up, v, a, b *T" + block, (*machine).combine},
	{"radialVJP", "y, up, x, l, l1 *T" + block, (*machine).radialVJP},
	{"fillRows", "y, b *T" + block, func(m *machine) { m.biased(false) }},
	{"addBias", "y, b *T" + block, func(m *machine) { m.biased(true) }},
	{"rowSums", "out, x *T" + block, (*machine).rowSums},
	{"squaredError", "delta, y, t, c *T, sum *float64, m" + block, (*machine).squaredError},
	{"softmaxCE", "delta, y, t, c *T, sum *float64, m" + block, (*machine).softmaxCE},
	{"softmaxLabels", "delta, y *T, labels *int32, c *T, sum *float64, m" + block, (*machine).softmaxLabels},
	{"transpose", "y, x *T, rows, cols, ldy, ldx int", (*machine).transpose},
	{"product", "d, up, a *T, n int", func(m *machine) {
		m.derivative(4, func(a vector, g operand.Op) vector { return m.mul(a, g) })
	}},
	{"exp", "y, x *T, n int", func(m *machine) {
		m.elementwise("x", 1, func(x vector) vector { return m.exp(x) })
	}},
	{"axpy", "a *float64, x *T, y *float64, n int", (*machine).axpy},
	{"add", "y, x *T, n int", (*machine).addSlabs},
	{"firstBad", "x *T, bad *int, n int", (*machine).firstBad},
	{"affine", "z, w, b, x *T, d, c, n, ld int", (*machine).affineOnly},
	{"radialBack", "out, w, e, z, l, l1 *T, d, c, n, ld int", (*machine).radialBack},
	{"layerGrad", "gw, gb, e, x *T, d, c, stride, n, ld int", (*machine).layerGrad},
}, radials(), pointwise())

var woven = layers()

func radials() (ks []kernel) {
	for _, name := range ratioNames() {
		p := ratios[name]
		ks = append(ks,
			kernel{"radial" + name, "q, y, l, l1, x *T, odd *int" + block, func(m *machine) { m.radial(p.f, map[bool]int{false: p.f64, true: p.f32}[m.single]) }},
			kernel{"profiles" + name, "q, l, l1, r *T, odd *int, n int", func(m *machine) { m.profiles(p.f) }})
	}
	return ks
}

func layers() (ks []kernel) {
	for _, name := range ratioNames() {
		p := ratios[name]
		ks = append(ks, kernel{"layer" + name, "q, y, z, l, l1, w, b, x *T, odd *int, d, c, n, ld int", func(m *machine) { m.layer(p.f, p.f64) }})
	}
	return ks
}

func pointwise() (ks []kernel) {
	for _, k := range record.entries {
		h := entries[k.Name]
		ks = append(ks, kernel{"value" + k.Name, "c, y, z *T, n int", func(m *machine) {
			c := constant{operand.Mem{Base: m.ptr("c")}}
			m.elementwise("z", h.u, func(x vector) vector { return h.value(m, x, c) })
		}})
		if k.KeepsSlope {
			ks = append(ks, kernel{"slope" + k.Name, "y, s, z *T, n int", func(m *machine) {
				m.withSlope(4, func(x vector) (y, slope vector) { return h.withSlope(m, x) })
			}})
			continue
		}
		ks = append(ks, kernel{"vjp" + k.Name, "c, d, up, a *T, n int", func(m *machine) {
			c := constant{operand.Mem{Base: m.ptr("c")}}
			m.derivative(h.u, func(a vector, g operand.Op) vector { return h.vjp(m, a, g, c) })
		}})
	}
	return ks
}
