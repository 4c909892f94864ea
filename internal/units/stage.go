package units

import (
	"math"
	"slices"

	"github.com/quivernet/quivernet/internal/enclose"

	"github.com/quivernet/quivernet/internal/inputs"

	"github.com/quivernet/quivernet/quiver"
)

// claim is what a reduction says of one unit x of a pointwise vertex: of the network before it,
// in terms of the one after it.
type claim struct {
	gone       bool
	fate       Fate
	root       int     // of a Twin: the unit, in the network before
	c          float64 // of a Twin: its pre-activation is c times that of the root,
	phi, shift float64 // and its value phi times that of the root plus shift
	z, value   float64 // of a Constant: what it comes from, and its value
	proved     bool    // of a Constant: by bounds of its value, and not by z
	off        float64 // of a Constant: what the value may be off by
	a, b       float64 // of a Linear: x = a + b·z
}

// Stage is one step of a reduction: the network before and after it, and what was claimed of the
// units that went. Whatever made the claims, what they are wrong by is computed here: with exact
// linear algebra the values of the old network are affine forms of those of the new one,
//
//	x_v ≈ form_v(x̃),  z_v ≈ f_v(x̃) = Σ_a W_a·form_s(a)(x̃),
//
// and where a unit is claimed to stay, f_v less what the new network has there is a row of a
// matrix D_v that would be 0 in exact arithmetic. So, for inputs on which the claims hold that rest
// on bounds, e_v bounds |x_v − form_v(x̃)|:
//
//	e_v = Lip(σ_v)·(Σ_s ‖W_s‖·e_s + Σ_q ‖D_vq‖·X̃_q),
//
// with bounds X̃ of the lengths of the values of the new network. Vertices with the identity are
// looked through on both sides. A unit that nothing observes is a column of its own in D, so that
// what rounding leaves of its outgoing arrows counts. Derived.
type Stage struct {
	From, To *Snapshot
	claims   map[string][]claim // by vertex of from, where something went
	on       *inputs.Set        // the inputs for which bounds were used; nil for all
	errs     []mismatch         // by vertex of from; made when asked for
}

// mismatch is what is needed of a vertex of a stage besides the norms of its arrows.
type mismatch struct {
	d     []share // ‖D_vq‖ of the arguments of σ, by group of columns
	post  []share // and of what holds after σ: of linear units and vertices
	spare float64 // a constant error after σ
	turn  float64 // a bound of the norm of the map that twins of no one need, 0 without any
	whole bool    // each unit stays, so that the values of both networks bound the error
}

type share struct {
	group int
	norm  float64
}

// basis numbers the columns of forms: 0 is the constant 1, then come the values of the vertices of
// the new network that are not looked through, then the old values of units that nothing observes.
type basis struct {
	start  []int // first column of a group
	width  []int
	vertex []int // of the new network, −1 for the constant, −2−v for old units of v
	fresh  map[int]int
	old    map[int]int
	total  int
}

func (b *basis) add(vertex, width int) int {
	b.start, b.width, b.vertex = append(b.start, b.total), append(b.width, width), append(b.vertex, vertex)
	b.total += width
	return len(b.start) - 1
}

// through says whether a vertex is replaced by its pre-activation in forms.
func (s *frozenVertex) through() bool { return s.Kind == quiver.KindHidden && s.Act == quiver.Identity }

// mismatches computes the matrices D.
func (t *Stage) mismatches() []mismatch {
	if t.errs != nil {
		return t.errs
	}
	b := &basis{fresh: map[int]int{}, old: map[int]int{}}
	b.add(-1, 1)
	for v := range t.To.vertices {
		if s := &t.To.vertices[v]; s.Kind != quiver.KindBias && !s.through() {
			b.fresh[v] = b.add(v, s.Dim)
		}
	}
	for v := range t.From.vertices {
		for _, c := range t.claims[t.From.vertices[v].Name] {
			if c.gone && c.fate == Unobserved {
				b.old[v] = b.add(-2-v, t.From.vertices[v].Dim)
				break
			}
		}
	}
	m := newForms(b)
	fresh := make([][]form, len(t.To.vertices))
	rows := make([][]form, len(t.To.vertices))
	for v := range t.To.vertices {
		s := &t.To.vertices[v]
		if s.Kind == quiver.KindHidden || s.Kind == quiver.KindOutput {
			rows[v] = m.rows(s, fresh)
		}
		switch {
		case s.Kind == quiver.KindBias:
			fresh[v] = []form{single(0, 1)}
		case s.through():
			fresh[v] = rows[v]
		default:
			fresh[v] = units(b.start[b.fresh[v]], s.Dim)
		}
	}
	t.errs = make([]mismatch, len(t.From.vertices))
	forms := make([][]form, len(t.From.vertices))
	for v := range t.From.vertices {
		s := &t.From.vertices[v]
		w := t.To.At[s.Name]
		switch {
		case s.Kind == quiver.KindBias:
			forms[v] = []form{single(0, 1)}
		case s.Kind == quiver.KindInput:
			forms[v] = units(b.start[b.fresh[w]], s.Dim)
		default:
			forms[v] = t.vertex(v, w, m, m.rows(s, forms), rows[w])
		}
	}
	return t.errs
}

// vertex compares the units of old vertex v, whose pre-activations are f, with those of the new
// one of the same name, w, whose are g. It returns the forms of their values.
func (t *Stage) vertex(v, w int, m *forms, f, g []form) []form {
	s, e := &t.From.vertices[v], &t.errs[v]
	d, post := m.tally(), m.tally()
	out := make([]form, s.Dim)
	if s.through() {
		for j := range out {
			out[j] = f[j]
			post.inexact(f[j])
		}
		e.post = post.shares(m.b)
		return out
	}
	claims := t.claims[s.Name]
	if claims == nil {
		claims = make([]claim, s.Dim)
	}
	place, n := make([]int, s.Dim), 0
	for j, c := range claims {
		if place[j] = n; !c.gone {
			n++
		}
	}
	e.whole = n == s.Dim
	for j := range out {
		c, factor, phi, shift := claims[j], 1.0, form{}, 0.0
		root := j
		phi = single(0, 1) // holds the factor alone
		var rounded float64
		for c.gone && c.fate == Twin {
			factor, shift = factor*c.c, shift+phi.hi[0]*c.shift
			rounded += math.Abs(phi.hi[0] * c.shift)
			phi.hi[0] *= c.phi
			root = c.root
			c = claims[root]
		}
		twin, p := root != j, phi.hi[0]
		e.spare += enclose.Times(8*0x1p-52, rounded)
		switch {
		case !c.gone:
			i := place[root]
			d.difference(m, f[j], g[i], factor)
			col := m.b.start[m.b.fresh[w]] + i
			out[j] = pairOf(col, p, shift)
			if twin && math.Abs(p) != math.Abs(factor) { // a factor that is a power is rounded
				post.entry(col, 8*0x1p-52*math.Abs(p))
			}
		case c.fate == Constant && !c.proved:
			d.difference(m, f[j], single(0, c.z), factor)
			out[j] = single(0, p*c.value+shift)
			e.spare += enclose.Times(math.Abs(p), c.off)
			if twin {
				e.spare += enclose.Times(8*0x1p-52, math.Abs(p*c.value)+math.Abs(shift))
			}
		case c.fate == Constant: // no twins: all verdicts of such a stage are taken at once
			out[j] = single(0, c.value)
			e.spare += c.off
		case c.fate == Linear:
			out[j] = m.affine(f[j], c.a, c.b)
			post.inexact(out[j])
			e.spare += enclose.Times(4*0x1p-52, math.Abs(c.a)) // 0 where the line goes through the origin
		case twin: // of a unit that nothing observes any more
			d.difference(m, f[j], f[root], factor)
			col := m.b.start[m.b.old[v]] + root
			out[j] = pairOf(col, p, shift)
			if math.Abs(p) != math.Abs(factor) {
				post.entry(col, 8*0x1p-52*math.Abs(p))
			}
			e.turn += 1 + math.Abs(factor)
		default:
			out[j] = single(m.b.start[m.b.old[v]]+j, 1)
		}
	}
	e.d, e.post = d.shares(m.b), post.shares(m.b)
	return out
}

// Bounds returns e_v for all inputs of length at most radius, by vertex of from; +Inf where the
// ball does not lie in the domain of the claims.
func (t *Stage) Bounds(radius float64) []float64 {
	if !t.on.Around(radius) {
		return slices.Repeat([]float64{math.Inf(1)}, len(t.From.vertices))
	}
	return t.errors(radius, -1)
}

// errors returns e_v as if the claims held on the whole ball; with only ≥ 0 what is wrong at that
// vertex alone counts.
func (t *Stage) errors(radius float64, only int) []float64 {
	errs := t.mismatches()
	e := make([]float64, len(errs))
	z, x := t.From.sizes(radius)
	b := t.groups(radius, x)
	total := func(s []share) (sum float64) {
		for _, h := range s {
			sum += enclose.Times(h.norm, b[h.group])
		}
		return sum
	}
	_, y := t.To.sizes(radius)
	for v := range errs {
		s, m := &t.From.vertices[v], errs[v]
		if only >= 0 && v != only {
			m.d, m.post, m.spare = nil, nil, 0
		}
		if s.Kind == quiver.KindInput || s.Kind == quiver.KindBias || s.Dim == 0 {
			continue
		}
		var in float64
		for _, f := range t.From.inflows(v) {
			in += enclose.Times(f.norm, e[f.source])
		}
		in = enclose.Up(in)
		if s.through() {
			e[v] = enclose.Up(in + total(m.post))
			continue
		}
		if arg := enclose.Up(in*(1+m.turn) + total(m.d)); arg > 0 { // of a linear unit |b| is at most Lip(σ)
			e[v] = enclose.Times(s.slope(z[v]+arg), arg)
			if m.whole {
				e[v] = min(e[v], x[v]+y[t.To.At[s.Name]])
			}
		}
		e[v] = enclose.Up(e[v] + total(m.post) + m.spare)
	}
	return e
}

// groups bounds the lengths of the values that the columns of forms stand for.
func (t *Stage) groups(radius float64, old []float64) []float64 {
	_, x := t.To.sizes(radius)
	out := []float64{1}
	for v := range t.To.vertices {
		if s := &t.To.vertices[v]; s.Kind != quiver.KindBias && !s.through() {
			out = append(out, x[v])
		}
	}
	for v := range t.From.vertices {
		for _, c := range t.claims[t.From.vertices[v].Name] {
			if c.gone && c.fate == Unobserved {
				out = append(out, old[v])
				break
			}
		}
	}
	return out
}
