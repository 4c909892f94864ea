package imports

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/golden"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/viz"
)

// door is a step of a route: package from calls package to and hands it a value of a type, which one of both declares, or a
// package below them.
type door struct{ from, to, handed string }

// routes are the ways that a call takes through the packages, as docs/architecture.md tells them.
var routes = map[string][]door{
	"gradient": {
		{"graph", "internal/batch", "quiver.Rep"},
		{"graph", "internal/tape", "batch.Batch"},
		{"internal/tape", "internal/vec", "vec.Profile"},
		{"internal/tape", "internal/blas", "blas.Float"},
	},
	"compression": {
		{"symmetry", "internal/units", "inputs.Set"},
		{"internal/units", "internal/enclose", "enclose.Flow"},
		{"symmetry", "internal/subspace", "subspace.Settings"},
		{"internal/subspace", "internal/linalg", "linalg.Factor"},
	},
}

// broken names what a route promises and the code does not keep: a door that is no import, a type that is not declared, a package
// that is left and entered again, a route through more than five packages.
func broken(route []door, imports map[string][]string, declares func(pkg, name string) bool) (found []string) {
	entered := make(map[string]bool)
	through := map[string]bool{route[0].from: true}
	for _, d := range route {
		if !slices.Contains(imports[d.from], d.to) {
			found = append(found, fmt.Sprintf("%s does not import %s", d.from, d.to))
		}
		if !through[d.from] {
			found = append(found, fmt.Sprintf("%s calls before it is called", d.from))
		}
		if entered[d.to] || d.to == route[0].from {
			found = append(found, fmt.Sprintf("%s is entered twice", d.to))
		}
		entered[d.to], through[d.to] = true, true
		if pkg, name, _ := strings.Cut(d.handed, "."); !declares(pkg, name) {
			found = append(found, fmt.Sprintf("no package %s declares %s", pkg, name))
		}
	}
	if len(through) > 5 {
		found = append(found, fmt.Sprintf("%d packages; at most 5", len(through)))
	}
	return found
}

// TestRoutes holds the routes of docs/architecture.md, and their pictures, against the code.
func TestRoutes(t *testing.T) {
	pkgs, err := list(root(t), "./...")
	require.NoError(t, err)
	imports := library(pkgs)
	declares := func(pkg, name string) bool {
		for _, p := range pkgs {
			if filepath.Base(p.ImportPath) != pkg {
				continue
			}
			files, err := filepath.Glob(filepath.Join(p.Dir, "*.go"))
			require.NoError(t, err)
			for _, f := range files {
				text, err := os.ReadFile(f)
				require.NoError(t, err)
				if regexp.MustCompile(`(?m)^(type |\t)` + name + `(\[[^\]]*\])? (struct|interface|=|func|\[\])`).Match(text) {
					return true
				}
			}
		}
		return false
	}
	text, err := os.ReadFile(filepath.Join(root(t), "docs", "architecture.md"))
	require.NoError(t, err)
	for name, route := range routes {
		assert.Empty(t, broken(route, imports, declares), name)
		for _, d := range route {
			row := fmt.Sprintf("| `%s` → `%s` | `%s` |", d.from, d.to, d.handed)
			assert.True(t, strings.Contains(string(text), row), "docs/architecture.md, the route of a %s, wants the row %s", name, row)
		}
		picture, err := routePicture(route)
		require.NoError(t, err)
		path := filepath.Join(root(t), "docs", "pictures", "route-"+name+".svg")
		if golden.Updating() {
			require.NoError(t, os.WriteFile(path, picture, 0o644))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.True(t, bytes.Equal(want, picture), "the picture of the route of a %s is not that of the table: go test ./internal/imports -update", name)
	}

	for name := range imports {
		assert.True(t, strings.Contains(string(text), "`"+name+"`"), "docs/architecture.md does not say what %s is", name)
	}

	all := func(string, string) bool { return true }
	chain := map[string][]string{"a": {"b"}, "b": {"c"}, "c": {"d"}, "d": {"e"}, "e": {"f", "a"}}
	assert.Empty(t, broken([]door{{"a", "b", "x.T"}, {"b", "c", "x.T"}}, chain, all))
	assert.Len(t, broken([]door{{"a", "c", "x.T"}}, chain, all), 1, "no import")
	assert.Len(t, broken([]door{{"a", "b", "x.T"}, {"a", "b", "x.T"}}, chain, all), 1, "twice")
	assert.Len(t, broken([]door{{"a", "b", "x.T"}, {"c", "d", "x.T"}}, chain, all), 1, "never called")
	assert.Len(t, broken([]door{{"a", "b", "x.T"}}, chain, func(string, string) bool { return false }), 1, "no such type")
	assert.Len(t, broken([]door{{"a", "b", "x.T"}, {"b", "c", "x.T"}, {"c", "d", "x.T"}, {"d", "e", "x.T"}, {"e", "f", "x.T"}}, chain, all), 1, "six packages")
}

// routePicture draws a route as a quiver, whose arrows bear the types that are handed on.
func routePicture(route []door) ([]byte, error) {
	calls, order := make(map[string]bool), []string{route[0].from}
	var arrows []quiver.Part
	for _, d := range route {
		calls[d.from] = true
		order = append(order, d.to)
		arrows = append(arrows, quiver.Connect(d.from, d.to, quiver.Named(d.handed)))
	}
	var parts []quiver.Part
	for i, p := range order {
		switch {
		case i == 0:
			parts = append(parts, quiver.Input(p, 1))
		case calls[p]:
			parts = append(parts, quiver.Hidden(p, 1, quiver.Identity))
		default:
			parts = append(parts, quiver.Output(p, 1, nil))
		}
	}
	q, err := quiver.New(append(parts, arrows...)...)
	if err != nil {
		return nil, err
	}
	return viz.SVG(q)
}
