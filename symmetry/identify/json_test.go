package identify_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/pieces/piecestest"
	"github.com/quivernet/quivernet/internal/rank"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
	"github.com/quivernet/quivernet/symmetry/local"
	"github.com/quivernet/quivernet/symmetry/paths"
	"github.com/quivernet/quivernet/symmetry/recovery"
)

// object returns what a report's JSON holds.
func object(t *testing.T, r any) map[string]any {
	t.Helper()
	b, err := json.Marshal(r)
	require.NoError(t, err, "%T", r)
	var m map[string]any
	require.NoError(t, json.Unmarshal(b, &m))
	return m
}

// TestJSONWithoutBounds: numbers beyond float64 do not break the JSON of any report.
func TestJSONWithoutBounds(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	w := piecestest.NetA1(t)
	require.Equal(t, "+Inf", object(t, &identify.Equality{Distance: inf})["distance"])
	require.Equal(t, "NaN", object(t, &recovery.ShallowReport{Box: identify.Whole(2), Change: nan})["change"])
	require.Equal(t, "NaN", object(t, local.HiddenDirection{Residual: nan, Corrected: inf})["residual"])
	object(t, &local.Trail{Residuals: []float64{nan}, Distances: []float64{inf}, Points: []*quiver.Rep{w}})
	object(t, &identify.DimensionReport{Rank: rank.OfSingular([]float64{2, 1}, 2, 2, 0)})
	object(t, &identify.ActivationRank{Gap: identify.Number(inf)})
	for _, bad := range []float64{nan, inf} {
		r := rank.Of(piecestest.RowsOf([]float64{1, bad}, []float64{1, 2}))
		require.Equal(t, []any{0, true}, []any{r.Rank, r.Ambiguous})
		object(t, r)
		q := rank.NewReducer(2)
		q.Add([]float64{bad, 1})
		require.True(t, q.Rank().Ambiguous)
	}
	require.Equal(t, "-Inf", object(t, paths.Norm{Q: 1, Log10: -inf})["log10"])

	// a network whose other network is beyond float64: the verdict stands all the same
	s := piecestest.HeChain(t, piecestest.ReLU, 1, 2, 3, 1)
	s.Arrow("x->h1").SetRow(1, s.Arrow("x->h1").RawRowView(0))
	s.Arrow("one->h1").Set(1, 0, s.Arrow("one->h1").At(0, 0))
	s.Arrow("h1->y").SetRow(0, []float64{1.5e308, 1.5e308, 1})
	r := piecestest.Must(recovery.Shallow(s, identify.Cube(2, 5)))(t)
	require.Equal(t, identify.NotIdentifiable, r.Verdict)
	require.Nil(t, r.Other)
	require.Contains(t, r.Reason, "beyond float64")
	require.Equal(t, "NaN", object(t, r)["change"])
}

// TestJSONHasWitnesses: other networks, directions and points are in the JSON as slabs.
func TestJSONHasWitnesses(t *testing.T) {
	clip := piecestest.Chain(t, []int{1, 2, 1}, []float64{1, 1}, []float64{0, -1}, []float64{1, -1}, []float64{0})
	s := object(t, piecestest.Must(recovery.Shallow(clip, identify.Cube(1, 2)))(t))
	require.Equal(t, []any{-1., -1., 0., 1., 1., -1., 1.}, s["other"])
	require.Equal(t, "not identifiable", s["verdict"])
	require.NotContains(t, object(t, piecestest.Must(recovery.Shallow(piecestest.NetA1(t), identify.Cube(2, 3)))(t)), "other")
	xs := piecestest.Batch(piecestest.Normal(rand.New(rand.NewPCG(1, 2)), 60, 2))
	l, err := local.Identifiability(piecestest.NetT1On(t), xs, local.Options{Directions: 1})
	require.NoError(t, err)
	hidden := object(t, l)["hidden"].([]any)[0].(map[string]any)
	require.Len(t, hidden["direction"], 15)
	require.Equal(t, true, hidden["verified"])
	trail, err := local.Follow(piecestest.NetT1On(t), xs, local.FollowOptions{Steps: 2})
	require.NoError(t, err)
	require.Len(t, object(t, trail)["points"], len(trail.Points))
	rec, err := recovery.RecoverShallow(piecestest.Oracle(t, piecestest.NetA1(t)), 2, 2, identify.Cube(2, 4), recovery.RecoverOptions{})
	require.NoError(t, err)
	require.Len(t, object(t, rec)["network"], 9)
}

// FuzzJSON reads boxes, numbers and norms from any text: no panic, and what is read is
// written and read again as the same.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"lo":[0,"-Inf"],"hi":[1,"+Inf"]}`, `"NaN"`, `1e999`, `{"q":1,"log10":"-Inf","value":0}`, `{"lo":null}`, `"x"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var b, b2 identify.Box
		var x, x2 identify.Number
		var n, n2 paths.Norm
		for _, p := range [][2]any{{&b, &b2}, {&x, &x2}, {&n, &n2}} {
			if json.Unmarshal(text, p[0]) != nil {
				continue
			}
			if s, ok := p[0].(interface{ String() string }); ok {
				_ = s.String()
			}
			first, err := json.Marshal(p[0])
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(first, p[1]))
			second, err := json.Marshal(p[1])
			require.NoError(t, err)
			require.Equal(t, string(first), string(second))
		}
	})
}
