package vec

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/cpu"
	"github.com/quivernet/quivernet/internal/scalar"
)

// TestEveryRecordIsGenerated: each kernel that a record asks for has a name here, and each name a record.
func TestEveryRecordIsGenerated(t *testing.T) {
	for _, f := range scalar.Samples() {
		if f.Entry != nil {
			m, c, ok := MapOf(f)
			require.True(t, ok, "there is no Map%s: go generate ./internal/vec", f.Entry.Name)
			assert.Same(t, f.Entry, entries[m], "two records have entry kernels of one name")
			assert.Equal(t, f.Params[0], c)
			assert.Equal(t, f.Entry.KeepsSlope, m.KeepsSlope())
		}
		if f.Ratio != nil {
			p := ProfileOf(f)
			require.NotNil(t, p, "there is no kind %s: go generate ./internal/vec", f.Ratio.Name)
			assert.Same(t, f.Ratio, ratios[p.Kind], "two records have ratio kernels of one name")
			assert.Equal(t, f.Ratio.Shifts, ProfileOf(scalar.Shift(f, 1)) != nil)
		}
	}
	for m, k := range entries {
		assert.NotNil(t, k, "no record has the map %s: go generate ./internal/vec", mapNames[m])
	}
	for i, k := range ratios {
		assert.NotNil(t, k, "no record has the kind %s: go generate ./internal/vec", kindNames[i])
	}
}

// TestEntriesAreTheirRecords: at each level, in either precision, an entry kernel computes value and slope of every function of the
// catalogue that has one.
func TestEntriesAreTheirRecords(t *testing.T) {
	bothPrecisions(t, testEntriesAreTheirRecords[float64], testEntriesAreTheirRecords[float32])
}

// wander draws numbers of all sizes at which a function has something to say.
func wander[T Float](rng *rand.Rand, n int) []T {
	x := make([]T, n)
	for j := range x {
		switch v := rng.NormFloat64(); j % 4 {
		case 0:
			x[j] = T(2 * v)
		case 1:
			x[j] = T(10 * v)
		case 2:
			x[j] = T(math.Ldexp(v, -rng.IntN(40)))
		default:
			x[j] = T(-8 + 16*float64(j)/float64(n))
		}
	}
	return x
}

// off is the error of got in units of the last place of want and of what a rounding of x, or of a term of a sum, leaves of it.
func off[T Float](want, got, x, slope, term float64) float64 {
	least := 0x1p-1021 // below, numbers have fewer digits
	if !wide[T]() {
		least = 0x1p-125
	}
	if want == got || math.Abs(want) < least && math.Abs(got) < 2*least {
		return 0
	}
	return math.Abs(want-got) / eps[T]() / (math.Abs(want) + math.Abs(x*slope) + math.Abs(term) + least)
}

func testEntriesAreTheirRecords[T Float](t testing.TB) {
	const n = 1024
	for _, f := range scalar.Samples() {
		m, c, ok := MapOf(f)
		if !ok {
			continue
		}
		rng := rand.New(rand.NewPCG(41, 42))
		x, y, s, d, g := wander[T](rng, n), make([]T, n), make([]T, n), make([]T, n), make([]T, n)
		for j := range g {
			g[j] = T(rng.NormFloat64())
		}
		Pointwise(m, c, y, x)
		if kept := x; m.KeepsSlope() {
			PointwiseSlope(m, d, s, x)
			equalBits(t, y, d, f.Text+": the value beside its slope")
			PointwiseVJP(m, c, d, g, nil, s)
		} else {
			PointwiseVJP(m, c, d, g, kept, nil)
		}
		for j, v := range x {
			at := float64(v)
			value, slope, second := f.Value(at), f.Slope(at), scalar.Derivative(f, 2, at)
			if !assert.LessOrEqual(t, off[T](value, float64(y[j]), at, slope, 0), 8.0, "%s(%v) is %v, not %v", f, at, value, y[j]) {
				break
			}
			up := float64(g[j])
			if !assert.LessOrEqual(t, off[T](slope*up, float64(d[j]), at*at, second*up, value*up), 8.0, "the slope of %s at %v times %v is %v, not %v", f, at, up, slope*up, d[j]) {
				break
			}
		}
	}
}

// TestRatiosAreTheirRecords: at each level, in either precision, a ratio kernel computes λ and λ′/r of every function of the
// catalogue that has one, shifted where it can be.
func TestRatiosAreTheirRecords(t *testing.T) {
	bothPrecisions(t, testRatiosAreTheirRecords[float64], testRatiosAreTheirRecords[float32])
}

func testRatiosAreTheirRecords[T Float](t testing.TB) {
	const n, d = 512, 3
	for _, f := range scalar.Samples() {
		for _, shift := range []float64{0, 0.75, -1.25} {
			h := scalar.Shift(f, shift)
			p := ProfileOf(h)
			if p == nil {
				continue
			}
			rng := rand.New(rand.NewPCG(43, 44))
			jets := scalar.NewRadialJets(h)
			r, l, l1 := make([]T, n), make([]T, n), make([]T, n)
			for j := range r {
				r[j] = T(math.Exp(2 * rng.NormFloat64()))
			}
			require.Zero(t, Profiles(p, l, l1, r, n))
			right := func(r, l, l1 T) bool {
				x := float64(r)
				want, want1 := h.Value(x)/x, jets.At(1, x)
				size := math.Abs(want) + math.Abs(shift)/x
				return assert.LessOrEqual(t, off[T](want, float64(l), shift, h.Slope(x)/x, size), 16.0, "λ of %s at %v is %v, not %v", h, x, want, l) &&
					assert.LessOrEqual(t, off[T](want1, float64(l1), 1, size/x/x, h.Slope(x)/x/x), 16.0, "λ_1 of %s at %v is %v, not %v", h, x, want1, l1)
			}
			kink := func(r T) bool { // where rounding decides on which side of a kink or jump r lies
				at, jump := h.Extrema()
				for _, x := range append(at, jump...) {
					if math.Abs(float64(r)-x) < 1e-5*(1+math.Abs(x)) {
						return true
					}
				}
				return false
			}
			for j := range r {
				if !kink(r[j]) && !right(r[j], l[j], l1[j]) {
					break
				}
			}
			x, y := make([]T, d*n), make([]T, d*n)
			for j := range x {
				x[j] = T(2 * rng.NormFloat64())
			}
			require.Zero(t, Radial(p, y, l, l1, x, d, n, n))
			Norms(r, x, d, n, n)
			for j := range r {
				if !kink(r[j]) && !right(r[j], l[j], l1[j]) {
					break
				}
				require.InDelta(t, float64(l[j])*float64(x[j]), float64(y[j]), 2*eps[T]()*math.Abs(float64(y[j])), "ρ of %s", h)
			}
		}
	}
}

// TestNoOtherFunction is the control of the two tests above: a kernel of another function is noticed.
func TestNoOtherFunction(t *testing.T) {
	x := wander[float64](rand.New(rand.NewPCG(45, 46)), 64)
	y := make([]float64, len(x))
	for _, f := range scalar.Samples() {
		for m := range maps {
			own, c, ok := MapOf(f)
			if !ok || own == m {
				continue
			}
			Pointwise(m, c, y, x)
			wrong, differs := 0, false
			for j, v := range x {
				differs = differs || math.Abs(f.Value(v)-m.value(v, c)) > 1e-9
				if off[float64](f.Value(v), y[j], v, f.Slope(v), 0) > 8 {
					wrong++
				}
			}
			assert.Equal(t, differs, wrong > 0, "Map%s computes %s", mapNames[m], f) // |x| is leakyrelu(-1)
		}
	}
}

// TestEveryKernelIsDispatched: each kernel of the assembly is called by a front, and each front is called; at the levels that have
// kernels no call of a map or a kind falls back to plain Go.
func TestEveryKernelIsDispatched(t *testing.T) {
	called, fronts := make(map[string]bool), make(map[string]bool)
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if regexp.MustCompile(`^k[A-Z]`).MatchString(f.Name.Name) {
				fronts[f.Name.Name] = true
			}
			if f.Body == nil {
				continue
			}
			ast.Inspect(f.Body, func(n ast.Node) bool {
				if c, ok := n.(*ast.CallExpr); ok {
					if id, ok := c.Fun.(*ast.Ident); ok {
						called[id.Name] = true
					}
				}
				return true
			})
		}
	}
	for f := range fronts {
		assert.True(t, called[f], "nothing calls %s", f)
	}
	stubs, err := filepath.Glob("avx*_amd64.go")
	require.NoError(t, err)
	n := 0
	for _, name := range stubs {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				n++
				assert.True(t, called[f.Name.Name], "nothing calls the kernel %s of %s", f.Name.Name, name)
			}
		}
	}
	assert.Greater(t, n, 100)
	dispatches(t)
}

// dispatches asks the fronts of all maps and kinds whether they found a kernel.
func dispatches(t *testing.T) {
	best := level
	defer func() { level = best }()
	for level = cpu.AVX2; level <= best; level++ {
		frontsOf[float64](t)
		frontsOf[float32](t)
	}
}

func frontsOf[T Float](t *testing.T) {
	var x, y, s [Lanes]T
	for m := range maps {
		what := fmt.Sprintf("Map%s, %T, %v", mapNames[m], x[0], level)
		assert.True(t, kPointwise(m, 0, &y[0], &x[0], Lanes), what)
		assert.True(t, kPointwiseVJP(m, 0, &y[0], &x[0], &x[0], Lanes), what)
		assert.Equal(t, m.KeepsSlope(), kPointwiseSlope(m, &y[0], &s[0], &x[0], Lanes), what)
	}
	odd := 0
	for k := range kinds {
		for _, shift := range []float64{0, 1} {
			p := &Profile{Kind: k, Shift: shift}
			what := fmt.Sprintf("%s, shift %v, %T, %v", kindNames[k], shift, x[0], level)
			assert.True(t, kRadial(p, &y[0], &s[0], &s[0], &x[0], &odd, 1, Lanes, Lanes), what)
			assert.True(t, kProfiles(p, &y[0], &s[0], &x[0], &odd, Lanes), what)
			woven := level == cpu.AVX512 && wide[T]()
			var w [1]T
			assert.Equal(t, woven, kRadialLayer(p, &y[0], &y[0], &s[0], &s[0], &w[0], &w[0], &x[0], &odd, 1, 1, Lanes, Lanes), what)
		}
	}
}
