// Package imports holds no code: its test enforces which package may import which.
package imports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/quivernet/quivernet"

// rule says what a package may import besides the standard library and free.
type rule struct {
	module []string // packages of this module; "public" stands for all outside internal
	other  []string // modules of others, by path prefix
}

// free may be imported by every package.
var free = []string{"gonum.org/v1/gonum/mat", "gonum.org/v1/gonum/blas", "gonum.org/v1/gonum/lapack", "gonum.org/v1/gonum/floats"}

// inTests may be imported by every test, and so may every package of this module.
var inTests = []string{"gonum.org/v1/gonum", "github.com/stretchr/testify", "pgregory.net/rapid", "github.com/google/go-cmp"}

var (
	// An op of Gorgonia gives its type in the terms of hm.
	gorgonia = []string{"gorgonia.org/gorgonia", "gorgonia.org/tensor", "github.com/chewxy/hm", "go4.org/unsafe/assume-no-moving-gc"}
	program  = rule{[]string{"public"}, []string{
		"gonum.org/v1/gonum", "gonum.org/v1/plot", "gorgonia.org/gorgonia", "gorgonia.org/tensor",
		"github.com/spf13/cobra", "github.com/schollz/progressbar/v3",
	}}
)

// measuring is what a program may import, the kernels for the handwritten yardstick, and the call that binds a process to a processor.
var measuring = rule{append([]string{"internal/blas", "internal/vec"}, program.module...), append([]string{"golang.org/x/sys/unix"}, program.other...)}

// rules is the table of packages. A package that is not in it is an error: decide what
// it may import before it imports anything.
var rules = map[string]rule{
	"quiver":                     {module: []string{"internal/jsontext"}},
	"internal/jsontext":          {},
	"quiver/quivertest":          {module: []string{"quiver"}},
	"quiver/store":               {module: []string{"quiver", "layers", "internal/jsontext"}},
	"layers":                     {module: []string{"quiver", "internal/scalar"}},
	"internal/cpu":               {other: []string{"golang.org/x/sys/cpu"}},
	"internal/assign":            {},
	"internal/trials":            {}, // for tests
	"internal/exact":             {},
	"internal/blas":              {module: []string{"internal/cpu"}},
	"internal/vec":               {module: []string{"internal/cpu", "internal/scalar"}},
	"internal/agreement":         {}, // tests only
	"internal/nopanic":           {}, // tests only
	"blas/auto":                  {[]string{"internal/blas"}, []string{"github.com/ebitengine/purego", "golang.org/x/sys/cpu", "golang.org/x/sys/unix"}},
	"internal/op":                {[]string{"internal/blas", "quiver"}, gorgonia},
	"internal/builtin":           {[]string{"internal/op"}, gorgonia},
	"internal/fault":             {module: []string{"internal/op"}},
	"internal/formula":           {},
	"internal/model":             {[]string{"quiver", "internal/op", "internal/builtin", "internal/fault", "internal/vec", "internal/formula"}, gorgonia},
	"internal/batch":             {[]string{"quiver", "internal/vec", "internal/fault", "internal/model"}, gorgonia},
	"internal/foreign":           {[]string{"internal/op"}, gorgonia},
	"internal/interpreter":       {[]string{"quiver", "internal/op", "internal/builtin", "internal/vec", "internal/fault", "internal/foreign", "internal/model", "internal/batch"}, gorgonia},
	"internal/tape":              {[]string{"quiver", "layers", "internal/op", "internal/blas", "internal/vec", "internal/fault", "internal/foreign", "internal/model", "internal/batch"}, gorgonia},
	"internal/symbolic":          {[]string{"quiver", "layers", "internal/scalar", "internal/op", "internal/builtin", "internal/fault", "internal/formula", "internal/model", "internal/batch", "internal/interpreter"}, gorgonia},
	"internal/verify":            {[]string{"quiver", "layers", "internal/op", "internal/builtin", "internal/fault", "internal/model", "internal/batch", "internal/interpreter"}, gorgonia},
	"graph":                      {[]string{"quiver", "internal/op", "internal/builtin", "internal/blas", "internal/vec", "internal/cpu", "internal/fault", "internal/model", "internal/batch", "internal/interpreter", "internal/tape", "internal/symbolic", "internal/verify"}, gorgonia},
	"symmetry":                   {module: []string{"quiver", "layers", "internal/scalar", "internal/enclose", "internal/evaluate", "internal/inputs", "internal/linalg", "internal/matching", "internal/monomial", "internal/rounding", "internal/subspace", "internal/ties", "internal/units", "symmetry/group", "internal/deviation", "internal/joining"}},
	"symmetry/identify":          {module: []string{"quiver", "internal/assign", "internal/exact", "internal/jsontext", "internal/pieces", "internal/rank", "internal/rescale"}},
	"internal/evaluate":          {module: []string{"internal/blas", "internal/linalg", "quiver"}},
	"internal/matching":          {module: []string{"quiver", "internal/assign", "internal/linalg", "internal/monomial", "internal/ties", "symmetry/group"}},
	"internal/monomial":          {module: []string{"internal/linalg", "symmetry/group"}},
	"internal/ties":              {module: []string{"quiver", "symmetry/group"}},
	"internal/inputs":            {module: []string{"quiver"}},
	"internal/enclose":           {module: []string{"quiver", "layers", "internal/linalg"}},
	"internal/units":             {module: []string{"quiver", "layers", "internal/enclose", "internal/evaluate", "internal/inputs", "internal/linalg", "symmetry/group"}},
	"internal/deviation":         {module: []string{"internal/enclose", "internal/evaluate", "internal/inputs", "internal/linalg", "internal/rounding", "internal/scalar", "internal/subspace", "internal/units", "layers", "quiver", "symmetry/group"}},
	"internal/joining":           {module: []string{"quiver", "internal/inputs", "internal/linalg", "internal/units"}},
	"internal/subspace":          {module: []string{"quiver", "internal/linalg", "internal/ties", "symmetry/group"}},
	"internal/rounding":          {module: []string{"quiver", "internal/enclose", "internal/inputs", "internal/linalg"}},
	"internal/linalg":            {module: []string{"internal/blas", "quiver"}},
	"symmetry/group":             {module: []string{"quiver", "layers", "internal/linalg", "internal/scalar"}},
	"symmetry/stitch":            {module: []string{"quiver", "symmetry", "internal/assign"}},
	"symmetry/rewrite":           {[]string{"quiver", "symmetry", "internal/op", "internal/inspect", "internal/ir", "internal/rebuild", "internal/regions", "internal/shrink", "internal/simplify"}, gorgonia},
	"optim":                      {module: []string{"quiver", "internal/vec"}},
	"train":                      {[]string{"quiver", "optim", "quiver/store"}, []string{"github.com/schollz/progressbar/v3"}},
	"data":                       {},
	"internal/scalar":            {},
	"internal/pieces":            {module: []string{"quiver", "layers", "internal/exact"}},
	"internal/pieces/piecestest": {[]string{"quiver", "layers", "internal/golden", "internal/pieces"}, []string{"github.com/stretchr/testify"}},
	"internal/rescale":           {module: []string{"quiver", "internal/pieces", "internal/rank"}},
	"internal/rank":              {module: []string{"internal/jsontext"}},
	"symmetry/local":             {module: []string{"quiver", "symmetry/identify", "internal/exact", "internal/jsontext", "internal/pieces", "internal/rank", "internal/rescale"}},
	"symmetry/recovery":          {module: []string{"quiver", "layers", "symmetry/identify", "internal/exact", "internal/jsontext", "internal/pieces", "internal/rank"}},
	"symmetry/paths":             {module: []string{"quiver", "symmetry/identify", "internal/jsontext", "internal/pieces"}},
	"internal/golden":            {}, // for tests
	"internal/inspect":           {[]string{"quiver", "internal/op"}, gorgonia},
	"internal/composed":          {module: []string{"quiver", "layers"}},
	"internal/ir":                {[]string{"internal/inspect"}, gorgonia},
	"internal/simplify":          {[]string{"internal/inspect", "internal/ir", "internal/op"}, gorgonia},
	"internal/regions":           {[]string{"quiver", "layers", "internal/composed", "internal/inspect", "internal/ir", "internal/op"}, gorgonia},
	"internal/shrink":            {[]string{"quiver", "layers", "symmetry", "internal/inspect", "internal/ir", "internal/regions"}, gorgonia},
	"internal/rebuild":           {[]string{"quiver", "internal/inspect", "internal/ir", "internal/op", "internal/regions", "internal/shrink"}, gorgonia},
	"viz": {[]string{"quiver", "symmetry", "graph"}, []string{
		"gonum.org/v1/plot", "github.com/goccy/go-graphviz", "github.com/tetratelabs/wazero", "gorgonia.org/gorgonia",
	}},
	"internal/blas/crossover": {module: []string{"blas/auto", "internal/blas", "internal/cpu"}},

	"internal/imports": {},
	"cmd/quivernet":    program,
	"bench":            measuring,
	"examples/*":       {append([]string{"internal/example"}, program.module...), program.other},
	"internal/example": {module: []string{"quiver", "optim", "data", "graph"}}, // for examples
}

// testRules adds to inTests for the tests of one package.
var testRules = map[string][]string{
	"quiver/store": {"github.com/nlpodyssey/safetensors"},
	"internal/op":  gorgonia,
	"graph":        gorgonia,
	"symmetry":     gorgonia,

	"symmetry/identify":  gorgonia,
	"internal/composed":  gorgonia,
	"internal/agreement": gorgonia,
	"internal/nopanic":   gorgonia,
}

// pkg is what `go list -json` says of a package, as far as it matters here.
type pkg struct {
	ImportPath, Dir                                              string
	Imports, TestImports, XTestImports, IgnoredGoFiles, CgoFiles []string
}

// list runs go list in dir.
func list(dir string, args ...string) ([]pkg, error) {
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Dir,Imports,TestImports,XTestImports,IgnoredGoFiles,CgoFiles"}, args...)...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list %s: %w\n%s", strings.Join(args, " "), err, &stderr)
	}
	var pkgs []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
		pkgs = append(pkgs, p)
	}
	if len(pkgs) == 0 {
		return nil, fmt.Errorf("go list %s: no packages\n%s", strings.Join(args, " "), &stderr)
	}
	return pkgs, nil
}

// under reports whether path is one of the prefixes or below one.
func under(path string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return path == p || strings.HasPrefix(path, p+"/") })
}

func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".") && path != "C"
}

// violations compares packages with the table.
func violations(pkgs []pkg) (found []string) {
	for _, p := range pkgs {
		name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		r, ok := rules[name]
		if dir, _, sub := strings.Cut(name, "/"); !ok && sub {
			r, ok = rules[dir+"/*"]
		}
		if !ok {
			found = append(found, fmt.Sprintf("%s is not in the table of packages", name))
			continue
		}
		if len(p.CgoFiles) > 0 {
			found = append(found, fmt.Sprintf("%s uses cgo", name))
		}
		for _, i := range p.Imports {
			own, inModule := strings.CutPrefix(i, module+"/")
			switch {
			case standard(i) || under(i, free):
			case inModule && (slices.Contains(r.module, own) || slices.Contains(r.module, "public") && !strings.HasPrefix(own, "internal/")):
			case !inModule && under(i, r.other):
			default:
				found = append(found, fmt.Sprintf("%s imports %s", name, i))
			}
		}
		for _, i := range append(slices.Clone(p.TestImports), p.XTestImports...) {
			if !standard(i) && !under(i, []string{module}) && !under(i, inTests) && !under(i, r.other) && !under(i, testRules[name]) {
				found = append(found, fmt.Sprintf("the tests of %s import %s", name, i))
			}
		}
	}
	return found
}

// withIgnored adds the imports of files that this platform's build leaves out.
func withIgnored(t *testing.T, pkgs []pkg) []pkg {
	for i, p := range pkgs {
		for _, f := range p.IgnoredGoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, f), nil, parser.ImportsOnly)
			require.NoError(t, err)
			for _, s := range file.Imports {
				path, err := strconv.Unquote(s.Path.Value)
				require.NoError(t, err)
				if strings.HasSuffix(f, "_test.go") {
					pkgs[i].TestImports = append(pkgs[i].TestImports, path)
				} else {
					pkgs[i].Imports = append(pkgs[i].Imports, path)
				}
			}
		}
	}
	return pkgs
}

func root(t *testing.T) string {
	dir, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	require.FileExists(t, filepath.Join(dir, "go.mod"))
	return dir
}

func TestImports(t *testing.T) {
	pkgs, err := list(root(t), "./...")
	require.NoError(t, err)
	assert.Empty(t, violations(withIgnored(t, pkgs)))
}

// Whoever imports one of these pulls in gonum and nothing else, but for the Go project's own
// reading of the processor's flags where vector kernels are used.
func TestLightPackagesPullOnlyGonum(t *testing.T) {
	for _, p := range []string{"quiver", "layers", "quiver/store", "symmetry", "optim", "data"} {
		deps, err := list(root(t), "-deps", "./"+p)
		require.NoError(t, err)
		for _, d := range deps {
			// The standard library's own vendored packages start with "vendor/".
			assert.True(t, standard(d.ImportPath) || under(d.ImportPath, []string{module, "gonum.org/v1/gonum", "golang.org/x/sys/cpu"}), "%s pulls in %s", p, d.ImportPath)
		}
	}
}

func TestModuleHasNoReplace(t *testing.T) {
	cmd := exec.Command("go", "mod", "edit", "-json")
	cmd.Dir = root(t)
	out, err := cmd.Output()
	require.NoError(t, err)
	var mod struct {
		Module           struct{ Path string }
		Replace, Exclude []any
	}
	require.NoError(t, json.Unmarshal(out, &mod))
	assert.Equal(t, module, mod.Module.Path)
	assert.Empty(t, mod.Replace, "go install …@version refuses a module with replace directives")
	assert.Empty(t, mod.Exclude)
}

// The test above would pass on an empty list, so the list and the check are tested too.
func TestTheCheckCatches(t *testing.T) {
	own := func(s string) string { return module + "/" + s }
	for _, c := range []struct {
		reason string
		p      pkg
		want   string
	}{
		{"symmetry and optim do not know each other", pkg{ImportPath: own("optim"), Imports: []string{own("symmetry")}}, "optim imports " + own("symmetry")},
		{"the core knows nothing of Gorgonia", pkg{ImportPath: own("quiver"), Imports: []string{"gorgonia.org/gorgonia"}}, "quiver imports gorgonia.org/gorgonia"},
		{"a prefix is not a path element", pkg{ImportPath: own("graph"), Imports: []string{"gorgonia.org/gorgoniax"}}, "graph imports gorgonia.org/gorgoniax"},
		{"most of gonum is not free", pkg{ImportPath: own("quiver"), Imports: []string{"gonum.org/v1/gonum/optimize"}}, "quiver imports gonum.org/v1/gonum/optimize"},
		{"examples see only what is public", pkg{ImportPath: own("examples/new"), Imports: []string{own("internal/op")}}, "examples/new imports " + own("internal/op")},
		{"a package without a rule", pkg{ImportPath: own("misc")}, "misc is not in the table of packages"},
		{"tests stay with a few helpers", pkg{ImportPath: own("layers"), XTestImports: []string{"github.com/onsi/gomega"}}, "the tests of layers import github.com/onsi/gomega"},
		{"no cgo", pkg{ImportPath: own("graph"), CgoFiles: []string{"x.go"}}, "graph uses cgo"},
		{"no cgo in a file left out", pkg{ImportPath: own("graph"), Imports: []string{"C"}}, "graph imports C"},
		{"allowed", pkg{ImportPath: own("graph"), Imports: []string{"fmt", "gonum.org/v1/gonum/blas/blas64", own("quiver"), "gorgonia.org/tensor"}, TestImports: []string{own("optim"), "github.com/stretchr/testify/require"}}, ""},
		{"allowed in an example", pkg{ImportPath: own("examples/new"), Imports: []string{own("graph"), "gonum.org/v1/plot/plotter"}}, ""},
	} {
		var want []string
		if c.want != "" {
			want = []string{c.want}
		}
		assert.Equal(t, want, violations([]pkg{c.p}), c.reason)
	}
}

func TestAFailedListingIsAFailure(t *testing.T) {
	_, err := list(root(t), "./nowhere")
	assert.Error(t, err)

	dir := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	write("go.mod", "module "+module+"\n\ngo 1.26\n")
	_, err = list(dir, "./...")
	assert.Error(t, err, "a module without packages")
	write("a.go", "package quiver\n\nimport \"no.such.module/at/all\"\n")
	_, err = list(dir, "-deps", "./...")
	assert.Error(t, err, "an import that cannot be resolved")
	write("a.go", "package quiver\n\nimport \"fmt\n")
	_, err = list(dir, "./...")
	assert.Error(t, err, "a syntax error")
}
