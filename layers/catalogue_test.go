package layers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/scalar"
)

// TestEveryFunctionReadsBack: what a function of the catalogue prints is read as the same function, alone and shifted, and
// described by the same word and constants.
func TestEveryFunctionReadsBack(t *testing.T) {
	for _, f := range scalar.Samples() {
		if f.Name == "rms" { // which is read by the word rmsnorm
			continue
		}
		for _, h := range []Func{f, Shift(f, 0.5)} {
			for _, text := range []string{"pointwise(" + h.String() + ")", "radial(" + h.String() + ")"} {
				a, err := Parse(text)
				require.NoError(t, err)
				require.Equal(t, text, a.String())
				p, ok := Inside(a)
				require.True(t, ok)
				for _, x := range []float64{-3.5, -1, -0.25, 0, 0.5, 1, 2.75} {
					require.True(t, sameBits([]float64{h.Value(x), h.Slope(x)}, []float64{p.Func.Value(x), p.Func.Slope(x)}), "%s at %v", text, x)
				}
			}
		}
		s, ok := Describe(f)
		require.True(t, ok)
		require.Equal(t, f.Name, s.Name)
		if len(f.Constants) == 1 {
			require.Equal(t, f.Constants[0], s.Constant)
		}
	}
}

// TestEveryFunctionIsExported: a function of the catalogue without constants has an exported variable, the word for which is its
// name in lower case, and that variable is the function.
func TestEveryFunctionIsExported(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "catalogue.go", nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	exported := make(map[string]string)
	for _, d := range file.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
			for _, s := range g.Specs {
				v := s.(*ast.ValueSpec)
				name := v.Names[0].Name
				exported[strings.ToLower(name)] = name
				of, ok := v.Values[0].(*ast.SelectorExpr)
				require.True(t, ok, name)
				assert.Equal(t, name, of.Sel.Name, "layers.%s is scalar.%s", name, of.Sel.Name)
			}
		}
	}
	for _, f := range scalar.Catalogue() {
		assert.Contains(t, exported, f.Text, "layers has no variable for scalar's %s", f)
	}
	assert.Len(t, exported, len(scalar.Catalogue()))
}

// TestEveryFunctionCommutes: radial activations of the whole catalogue commute with rotations, pointwise ones with permutations.
func TestEveryFunctionCommutes(t *testing.T) {
	const n = 3
	rng := newRand(61)
	for _, f := range scalar.Samples() {
		if a, ok := Radial(f).Restrict(frame(rng, n, 2)); assert.True(t, ok, f.Text) {
			assert.Equal(t, Radial(f).String(), a.String())
		}
		v, q := gaussian(rng, n), frame(rng, n, n)
		if nearBreak(Radial(f), norm(v)) {
			continue
		}
		assert.Less(t, relative(times2(q, apply(Radial(f), v)), apply(Radial(f), times2(q, v))), 1e-12, f.Text)
		swapped := []float64{v[1], v[2], v[0]}
		y := apply(Pointwise(f), v)
		assert.True(t, sameBits([]float64{y[1], y[2], y[0]}, apply(Pointwise(f), swapped)), f.Text)
	}
}
