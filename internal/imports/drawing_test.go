package imports

import (
	"bytes"
	"fmt"
	"maps"
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

// library returns the packages that are drawn, with the packages of the module that each imports: no programs, no packages of
// tests alone.
func library(pkgs []pkg) map[string][]string {
	drawn := make(map[string][]string)
	for _, p := range pkgs {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		switch top, _, _ := strings.Cut(name, "/"); {
		case top == "examples" || top == "bench" || top == "cmd" || name == "internal/blas/crossover":
		case slices.Contains([]string{"internal/agreement", "internal/nopanic", "internal/imports", "internal/trials", "internal/pieces/piecestest", "internal/golden", "internal/example"}, name):
		default:
			drawn[name] = nil
			for _, i := range p.Imports {
				if own, ok := strings.CutPrefix(i, module+"/"); ok && own != name {
					drawn[name] = append(drawn[name], own)
				}
			}
		}
	}
	return drawn
}

// reduced leaves out the imports that follow from others: a imports b and c, and b leads to c.
func reduced(imports map[string][]string) map[string][]string {
	var leads func(from, to string) bool
	leads = func(from, to string) bool {
		return slices.ContainsFunc(imports[from], func(i string) bool { return i == to || leads(i, to) })
	}
	out := make(map[string][]string)
	for p, is := range imports {
		out[p] = slices.DeleteFunc(slices.Clone(is), func(i string) bool {
			return slices.ContainsFunc(is, func(j string) bool { return j != i && leads(j, i) })
		})
	}
	return out
}

// drawing returns the packages as a quiver, whose arrows run from what is imported to who imports it. The dimension of a package is the
// number of thousands of written lines, rounded up.
func drawing(imports map[string][]string, lines map[string]int) (*quiver.Quiver, error) {
	used := make(map[string]bool)
	for _, is := range imports {
		for _, i := range is {
			used[i] = true
		}
	}
	var vertices, arrows []quiver.Part
	for _, p := range slices.Sorted(maps.Keys(imports)) {
		size := (lines[p] + 999) / 1000
		switch {
		case len(imports[p]) == 0:
			vertices = append(vertices, quiver.Input(p, size))
		case used[p]:
			vertices = append(vertices, quiver.Hidden(p, size, quiver.Identity))
		default:
			vertices = append(vertices, quiver.Output(p, size, nil))
		}
		for _, i := range slices.Sorted(slices.Values(imports[p])) {
			arrows = append(arrows, quiver.Connect(i, p))
		}
	}
	return quiver.New(append(vertices, arrows...)...)
}

// written counts the files and lines of a package that are neither tests nor generated.
func written(dir string) (files, lines int, err error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return 0, 0, err
		}
		if !bytes.HasPrefix(text, []byte("// Code generated")) {
			files, lines = files+1, lines+bytes.Count(text, []byte("\n"))
		}
	}
	return files, lines, err
}

// TestDrawing holds the picture of docs/architecture.md against the imports of the code. Packages whose imports go in circles, or
// that nothing may import, cannot be drawn: a quiver has no circles.
func TestDrawing(t *testing.T) {
	pkgs, err := list(root(t), "./...")
	require.NoError(t, err)
	imports, lines := library(pkgs), make(map[string]int)
	for _, p := range pkgs {
		_, lines[strings.TrimPrefix(p.ImportPath, module+"/")], err = written(p.Dir)
		require.NoError(t, err)
	}
	q, err := drawing(reduced(imports), lines)
	require.NoError(t, err)
	picture, err := viz.SVG(q)
	require.NoError(t, err)
	path := filepath.Join(root(t), "docs", "pictures", "packages.svg")
	if golden.Updating() {
		require.NoError(t, os.WriteFile(path, picture, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(want, picture), "the picture of the packages is not that of the code: go test ./internal/imports -update")

	without, err := drawing(reduced(map[string][]string{"a": nil, "b": {"a"}, "c": {"a", "b"}}), map[string]int{"a": 1, "b": 1001})
	require.NoError(t, err)
	assert.Len(t, without.Arrows(), 2, "c imports a through b")
	assert.Equal(t, map[string]int{"a": 1, "b": 2, "c": 0}, without.Dims())
	_, err = drawing(map[string][]string{"a": {"b"}, "b": {"a"}}, nil)
	assert.Error(t, err, "packages that import each other")
}

// A package is one idea: it has at most mostFiles written files and mostLines written lines.
const (
	mostFiles = 25
	mostLines = 4000
)

// oversized names the packages above the limits.
func oversized(sizes map[string][2]int) (found []string) {
	for _, name := range slices.Sorted(maps.Keys(sizes)) {
		if s := sizes[name]; s[0] > mostFiles || s[1] > mostLines {
			found = append(found, fmt.Sprintf("%s has %d files and %d lines, over the limit of %d and %d: give an idea of it a package of its own", name, s[0], s[1], mostFiles, mostLines))
		}
	}
	return found
}

func TestPackagesAreSmall(t *testing.T) {
	pkgs, err := list(root(t), "./...")
	require.NoError(t, err)
	sizes := make(map[string][2]int)
	for _, p := range pkgs {
		files, lines, err := written(p.Dir)
		require.NoError(t, err)
		sizes[strings.TrimPrefix(p.ImportPath, module+"/")] = [2]int{files, lines}
	}
	assert.Empty(t, oversized(sizes))
	assert.Len(t, oversized(map[string][2]int{"a": {26, 1}, "b": {1, 4001}, "c": {25, 4000}}), 2)
}

// TestTablesOfFiles: where a package's doc.go has a table of its files, it has all of them and no others.
func TestTablesOfFiles(t *testing.T) {
	pkgs, err := list(root(t), "./...")
	require.NoError(t, err)
	mentioned := regexp.MustCompile(`[a-z0-9_]+\.go\b`)
	tables := 0
	for _, p := range pkgs {
		doc, err := os.ReadFile(filepath.Join(p.Dir, "doc.go"))
		if err != nil || !bytes.Contains(doc, []byte("\n// In reading order:\n")) {
			continue
		}
		tables++
		_, table, _ := strings.Cut(string(doc), "\n// In reading order:\n")
		names, err := filepath.Glob(filepath.Join(p.Dir, "*.go"))
		require.NoError(t, err)
		want := []string{}
		for _, path := range names {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			if name := filepath.Base(path); name != "doc.go" && !strings.HasSuffix(name, "_test.go") && !bytes.HasPrefix(text, []byte("// Code generated")) {
				want = append(want, name)
			}
		}
		got := mentioned.FindAllString(table, -1)
		slices.Sort(got)
		assert.Equal(t, want, slices.Compact(got), "%s/doc.go", strings.TrimPrefix(p.ImportPath, module+"/"))
	}
	assert.Positive(t, tables)
}
