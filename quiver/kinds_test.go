package quiver_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// fingerprint is the hash of a basis as texts have it: SHA-256 of rows, columns and entries, eight bytes each with
// the lowest first, cut to eight bytes.
func fingerprint(r, c int, data ...float64) string {
	var b []byte
	for _, x := range append([]uint64{uint64(r), uint64(c)}, bits(data)...) {
		b = binary.LittleEndian.AppendUint64(b, x)
	}
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:8])
}

func bits(xs []float64) (u []uint64) {
	for _, x := range xs {
		u = append(u, math.Float64bits(x))
	}
	return u
}

// TestHashOfBases: the hash is what other programs compute, for bases of any size, and a text may not restrict to a
// basis that makes another activation.
func TestHashOfBases(t *testing.T) {
	large := make([]float64, 700)
	large[0] = 1
	for _, data := range [][]float64{{0.6, 0.8}, large} {
		r := quiver.Restricted(squash{}, mat.NewDense(len(data), 1, data)).(quiver.Restriction)
		assert.Equal(t, fingerprint(len(data), 1, data...), r.Hash())
		assert.NotEqual(t, fingerprint(1, len(data), data...), r.Hash())
	}
	decode := func(act string, rows, cols int, data ...float64) error {
		text, err := json.Marshal(data)
		require.NoError(t, err)
		_, err = quiver.DecodeJSON(strings.NewReader(fmt.Sprintf(`{"format":"quivernet.quiver/1","vertices":[{"name":"h","kind":"hidden","dim":%d,"act":%q}],"arrows":[],"bases":{%q:{"rows":%d,"cols":%d,"data":%s}}}`,
			cols, act, fingerprint(rows, cols, data...), rows, cols, text)), parse)
		return err
	}
	act := func(rows, cols int, data ...float64) string {
		return "restrict(squash,#" + fingerprint(rows, cols, data...) + ")"
	}
	assert.NoError(t, decode(act(2, 1, 0.6, 0.8), 2, 1, 0.6, 0.8))
	assert.ErrorContains(t, decode(act(2, 2, 1, 0, 0, 1), 2, 2, 1, 0, 0, 1), "makes another activation", "the identity restricts nothing")
	assert.ErrorContains(t, decode("restrict("+act(2, 1, 0.6, 0.8)+",#"+fingerprint(2, 1, 0.6, 0.8)+")", 2, 1, 0.6, 0.8), "of a restriction; want one, to the product of their bases")
	point, line := fingerprint(3, 0), fingerprint(2, 1, 0.6, 0.8)
	_, err := quiver.DecodeJSON(strings.NewReader(fmt.Sprintf(`{"format":"quivernet.quiver/1","vertices":[{"name":"h","kind":"hidden","dim":1,"act":"restrict(restrict(squash,#%s),#%s)"}],"arrows":[],`+
		`"bases":{%q:{"rows":3,"cols":0,"data":[]},%q:{"rows":2,"cols":1,"data":[0.6,0.8]}}}`, point, line, point, line)), parse)
	assert.ErrorContains(t, err, "of a restriction; want one, to the product of their bases")
}

// only acts on one dimension.
type only struct {
	squash
	dim int
}

func (o only) String() string { return fmt.Sprintf("only(%d)", o.dim) }
func (o only) Dim() int       { return o.dim }

// TestSized: an activation of one dimension stands at vertices of that dimension, and where there is nothing to do.
func TestSized(t *testing.T) {
	for _, c := range []struct {
		dim, at int
		good    bool
	}{{2, 2, true}, {2, 3, false}, {2, 1, false}, {2, 0, true}, {0, 1, false}, {0, 0, true}, {-1, 5, true}, {-1, 0, true}} {
		_, err := quiver.New(quiver.Hidden("h", c.at, only{dim: c.dim}))
		if c.good {
			assert.NoError(t, err, c)
		} else {
			assert.ErrorAs(t, err, new(*quiver.ActivationError), c)
		}
	}
}

// TestBoundsOfDraws: with the same random numbers, what is drawn differs by the bounds alone, which count a fan of 0
// as 1.
func TestBoundsOfDraws(t *testing.T) {
	draw := func(in quiver.Init, fanIn, fanOut int) []float64 {
		dst := make([]float64, 200)
		in(dst, quiver.Arrow{}, fanIn, fanOut, rand.New(rand.NewPCG(1, 2)))
		return dst
	}
	unit := draw(quiver.PyTorch, 1, 7) // uniform on ±1
	assert.InDelta(t, 1, mat.Max(mat.NewVecDense(200, unit)), 0.05)
	assert.InDelta(t, -1, mat.Min(mat.NewVecDense(200, unit)), 0.05)
	normals := draw(quiver.He, 2, 7) // of variance 1
	assert.InDelta(t, math.Sqrt(200), mat.Norm(mat.NewVecDense(200, normals), 2), 1.5)
	for _, c := range []struct {
		in            quiver.Init
		fanIn, fanOut int
		of            []float64
		factor        float64
	}{
		{quiver.PyTorch, 0, 3, unit, 1}, {quiver.PyTorch, 4, 3, unit, 0.5},
		{quiver.Glorot, 0, 0, unit, math.Sqrt(6)}, {quiver.Glorot, 0, 1, unit, math.Sqrt(6)}, {quiver.Glorot, 1, 0, unit, math.Sqrt(6)}, {quiver.Glorot, 2, 4, unit, 1},
		{quiver.He, 0, 3, normals, math.Sqrt2}, {quiver.He, 1, 3, normals, math.Sqrt2}, {quiver.He, 8, 3, normals, 0.5},
	} {
		for i, x := range draw(c.in, c.fanIn, c.fanOut) {
			assert.InDelta(t, c.factor*c.of[i], x, 1e-14)
		}
	}
}

// TestBatchesThatDoNotMatch: an empty batch beside a full one is said of the inputs as a whole, in either order, and
// an input of dimension 0 has no say.
func TestBatchesThatDoNotMatch(t *testing.T) {
	q, err := quiver.New(quiver.Input("a", 2), quiver.Input("none", 0), quiver.Input("b", 1), quiver.Output("y", 1, nil), quiver.Connect("a", "y"), quiver.Connect("b", "y"))
	require.NoError(t, err)
	w := quiver.Zero(q)
	for _, c := range []struct {
		a, b *mat.Dense
		good bool
	}{{&mat.Dense{}, normal(3, 1, 1), false}, {normal(3, 2, 1), &mat.Dense{}, false}, {normal(3, 2, 1), normal(4, 1, 1), false}, {normal(3, 2, 1), normal(3, 1, 1), true}, {&mat.Dense{}, &mat.Dense{}, true}} {
		_, err := w.Eval(c.a, &mat.Dense{}, c.b)
		if c.good {
			assert.NoError(t, err)
		} else {
			assert.ErrorAs(t, err, new(*quiver.InputError))
		}
	}
	// So it is of the gradients: nil stands for zeros, a matrix without entries for no sample.
	for _, c := range []struct {
		n    int
		dy   *mat.Dense
		good bool
	}{{3, &mat.Dense{}, false}, {0, normal(2, 1, 1), false}, {3, normal(3, 1, 1), true}, {3, nil, true}, {0, &mat.Dense{}, true}, {0, nil, true}} {
		a, b := &mat.Dense{}, &mat.Dense{}
		if c.n > 0 {
			a, b = normal(c.n, 2, 1), normal(c.n, 1, 1)
		}
		_, _, err := w.VJP([]*mat.Dense{a, {}, b}, []*mat.Dense{c.dy})
		if c.good {
			assert.NoError(t, err)
		} else {
			assert.ErrorAs(t, err, new(*quiver.ShapeError))
		}
	}
	require.NoError(t, w.Set("a->y", mat.NewDense(1, 2, []float64{1, 2})))
	assert.Equal(t, []float64{1, 2}, w.Arrow("a->y").RawRowView(0))
}

// TestMisshapen: a representation whose parts do not belong together is one that Check refuses.
func TestMisshapen(t *testing.T) {
	w := everything(t)
	require.NoError(t, w.Check())
	for i, bad := range quiver.Misshapen(w) {
		assert.Error(t, bad.Check(), i)
	}
	require.NoError(t, w.Set("x->none", &mat.Dense{}), "a matrix without entries is set by one")
	assert.Error(t, w.Set("h->m", &mat.Dense{}))
}

// TestHeadsWithFixedArrows: the error names the arrow that cannot change its size, not its neighbour.
func TestHeadsWithFixedArrows(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 1), quiver.Output("y", 1, nil), quiver.Connect("x", "y", quiver.Named("a")),
		quiver.Connect("x", "y", quiver.Named("b"), quiver.Frozen(quiver.Eye(1))), quiver.Connect("x", "y", quiver.Named("c")))
	require.NoError(t, err)
	w := quiver.Zero(q)
	_, err = w.ReplaceHead("y", 2, nil, nil, rand.NewPCG(1, 2))
	assert.ErrorContains(t, err, `its fixed arrow "b"`)
	same, err := w.ReplaceHead("y", 1, squash{}, quiver.Constant(5), rand.NewPCG(1, 2))
	require.NoError(t, err, "of the same size it stays")
	assert.Equal(t, []float64{5, 5}, same.Data())
}
