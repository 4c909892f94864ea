package store_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/trials"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/store"
)

// many joins n texts with commas.
func many(n int, text func(i int) string) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(text(i))
	}
	return b.String()
}

func quiverText(vertices, arrows, rest string) string {
	return `{"format":"` + quiver.Format + `","vertices":[` + vertices + `],"arrows":[` + arrows + `]` + rest + `}`
}

// withQuiver makes a file without tensors around the JSON of a quiver.
func withQuiver(t testing.TB, text, fixed string, more ...string) []byte {
	meta := map[string]string{"quivernet": "1", "quivernet.quiver": text, "quivernet.fixed": fixed, "quivernet.sha256": "none"}
	for _, k := range more {
		meta[k] = ""
	}
	header, err := json.Marshal(map[string]any{"__metadata__": meta})
	require.NoError(t, err)
	return file(string(header), nil)
}

func vertex(i int) string { return fmt.Sprintf(`{"name":"%x","kind":"input","dim":0}`, i) }

// wasteful lists files that ask for much with little, n pieces each.
func wasteful(t testing.TB, n int) map[string][]byte {
	two := `{"name":"x","kind":"input","dim":0},{"name":"y","kind":"output","dim":0,"act":"identity"}`
	same := func(s string) func(int) string { return func(int) string { return s } }
	arrow := func(i int) string { return fmt.Sprintf(`{"from":"x","to":"y","name":"%x"}`, i) }
	fixed := func(i int) string {
		return fmt.Sprintf(`{"from":"x","to":"y","name":"%x","fixed":{"inclusion":[0,0,0,0,0]}}`, i)
	}
	dense := func(i int) string {
		return fmt.Sprintf(`{"from":"x","to":"y","name":"%x","fixed":{"dense":{"rows":0,"cols":0,"data":[]}}}`, i)
	}
	tied := func(i int) string {
		return fmt.Sprintf(`{"from":"x","to":"y","name":"%x","tied":"%x"}`, i, (i+1)%n)
	}
	chain := func(i int) string {
		if i == 0 {
			return arrow(0)
		}
		return fmt.Sprintf(`{"from":"x","to":"y","name":"%x","tied":"%x"}`, i, i-1)
	}
	hidden := func(dim int, act string) func(i int) string {
		return func(i int) string {
			return fmt.Sprintf(`{"name":"%x","kind":"hidden","dim":%d,"act":"%s"}`, i, dim, act)
		}
	}
	spaced := func(n int) string {
		return strings.ReplaceAll(many(n, func(i int) string { return fmt.Sprintf("%x", i) }), ",", " ")
	}
	keys := func(n int) (ks []string) {
		for i := range n {
			ks = append(ks, fmt.Sprintf("%x", i))
		}
		return ks
	}
	basis := func(n, k int) string {
		return fmt.Sprintf(`,"bases":{"ab":{"rows":%d,"cols":%d,"data":[%s]}}`, n, k, many(n*k, same("0")))
	}
	eye := func(n int) string {
		return fmt.Sprintf(`,"bases":{"ab":{"rows":%d,"cols":%d,"data":[%s]}}`, n, n, many(n*n, func(i int) string { return fmt.Sprint(max(0, 1-i%(n+1))) }))
	}
	side := 1
	for side*side < n {
		side++
	}
	// A chain behind a circle, and vertices between two circles.
	circle := many(n, hidden(1, "identity"))
	round := many(n-1, func(i int) string { return fmt.Sprintf(`{"from":"%x","to":"%x"}`, n-1-i, n-2-i) }) +
		fmt.Sprintf(`,{"from":"%x","to":"%x","name":"back"}`, n-2, n-1)
	texts := map[string]string{
		"zeros as vertices":           quiverText(many(n, same("0")), "", ""),
		"empty objects as vertices":   quiverText(many(n, same("{}")), "", ""),
		"lists as vertices":           quiverText(many(n, same("[]")), "", ""),
		"nulls as vertices":           quiverText(many(n, same("null")), "", ""),
		"zeros as arrows":             quiverText(two, many(n, same("0")), ""),
		"empty objects as arrows":     quiverText(two, many(n, same("{}")), ""),
		"vertices":                    quiverText(many(n, vertex), "", ""),
		"arrows":                      quiverText(two, many(n, arrow), ""),
		"the same arrow":              quiverText(two, many(n, same(`{"from":"x","to":"y"}`)), ""),
		"fixed arrows":                quiverText(two, many(n, fixed), ""),
		"dense fixed arrows":          quiverText(two, many(n, dense), ""),
		"ties in a chain":             quiverText(two, many(n, chain), ""),
		"ties in a circle":            quiverText(two, many(n, tied), ""),
		"a chain behind a circle":     quiverText(circle, round, ""),
		"large vertices":              quiverText(many(n, hidden(4096, "pointwise(gelu)")), "", ""),
		"large vertices of all kinds": quiverText(many(n, func(i int) string { return hidden(4096, fmt.Sprintf("pointwise(leakyrelu(0.%d1))", i))(i) }), "", ""),
		"numbers of a basis":          quiverText(many(1, hidden(1, "restrict(gate,#ab)")), "", basis(n, 1)),
		"numbers of a square basis":   quiverText("", "", eye(side)),
		"bases":                       quiverText("", "", `,"bases":{`+many(n, func(i int) string { return fmt.Sprintf(`"%x":{}`, i) })+`}`),
		"keys twice":                  quiverText("", "", strings.Repeat(`,"arrows":[]`, n)),
		"unknown keys":                quiverText("", "", ","+many(n, func(i int) string { return fmt.Sprintf(`"%x":0`, i) })),
		"numbers of a fixed matrix":   quiverText(two, fmt.Sprintf(`{"from":"x","to":"y","fixed":{"dense":{"rows":1,"cols":%d,"data":[%s]}}}`, n, many(n, same("0"))), ""),
		"an inclusion":                quiverText(two, fmt.Sprintf(`{"from":"x","to":"y","fixed":{"inclusion":[%s]}}`, many(n, same("0"))), ""),
	}
	files := map[string][]byte{
		"names of fixed arrows":    withQuiver(t, texts["fixed arrows"], spaced(n)),
		"names that are no arrows": withQuiver(t, quiverText(two, "", ""), strings.Repeat("x ", n)),
		"metadata":                 withQuiver(t, quiverText("", "", ""), "", keys(n)...),
		"tensors": file(`{"__metadata__":{"quivernet":"1"},`+many(n, func(i int) string {
			return fmt.Sprintf(`"%x":{"dtype":"F64","shape":[0],"data_offsets":[0,0]}`, i)
		})+"}", nil),
		"a tensor twice":   file(`{"__metadata__":{"quivernet":"1"},`+many(n, same(`"":{"dtype":"F64","shape":[0],"data_offsets":[0,0]}`))+"}", nil),
		"zeros as tensors": file(`{`+many(n, func(i int) string { return fmt.Sprintf(`"%x":0`, i) })+"}", nil),
		"a long shape":     file(`{"a":{"shape":[`+many(n, same("0"))+"]}}", nil),
	}
	for name, text := range texts {
		files[name] = withQuiver(t, text, "")
	}
	return files
}

// cost returns how many bytes reading a file allocates.
func cost(f []byte, opts ...store.Option) (uint64, error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := store.Read(bytes.NewReader(f), opts...)
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc, err
}

// Whatever a file says, what it costs is proportional to its length.
func TestFilesCostWhatTheyHold(t *testing.T) {
	n := trials.Count(4_000, 100_000)
	for name, f := range wasteful(t, n) {
		got, err := cost(f)
		if err != nil {
			assert.ErrorAs(t, err, new(*store.FormatError), name)
			assert.Less(t, len(err.Error()), 2000, name)
		}
		assert.Less(t, got, 1<<17+multiple*uint64(len(f)), "%s: %.1f bytes for each byte", name, float64(got)/float64(len(f)))
	}
	// The measure can fail: a network that is computed makes garbage.
	q, err := layers.MLP(layers.Radial(layers.Tanh), 2, 2, 2)
	require.NoError(t, err)
	f := save(t, quiver.Zero(q))
	got, err := cost(f, store.WithParser(func(string) (quiver.Activation, error) {
		return nil, fmt.Errorf("%d", len(make([]byte, 1<<20)))
	}))
	require.NoError(t, err)
	assert.Greater(t, got, multiple*uint64(len(f)))
}
