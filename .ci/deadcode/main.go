// Command deadcode finds functions of the module that nothing reaches: neither its programs nor a
// program that calls every exported function and method of every public package. It writes such a
// program into a folder of the module, runs golang.org/x/tools/cmd/deadcode on the whole, and removes
// the folder.
//
//	go run ./.ci/deadcode [PATH-OF-DEADCODE]   # from the root of the module
//
// It fails if a function is unreachable and does not stand in kept, or stands in kept and is reachable.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// kept holds what only tests reach and stays, with the reason. A key that ends in a slash is a folder;
// another is a file and a function.
var kept = map[string]string{
	"internal/golden/":            "what tests compare their texts with",
	"internal/pieces/piecestest/": "networks and oracles of the tests of several packages",
	"internal/trials/":            "how often tests draw",
	// Kernels of the generated assembly.
	"internal/vec/blocks.go SumSquares":            "a kernel that only tests and benchmarks call",
	"internal/vec/blocks.go RowDots":               "a kernel that only tests and benchmarks call",
	"internal/vec/blocks.go Combine":               "a kernel that only tests and benchmarks call",
	"internal/vec/elem.go Exp":                     "a kernel that only tests and benchmarks call",
	"internal/vec/loss.go SoftmaxLabels":           "a kernel that only tests and benchmarks call",
	"internal/vec/oracle.go oracleSumSquares":      "the oracle of such a kernel",
	"internal/vec/oracle.go oracleRowDots":         "the oracle of such a kernel",
	"internal/vec/oracle.go oracleCombine":         "the oracle of such a kernel",
	"internal/vec/oracle_elem.go oracleExp":        "the oracle of such a kernel",
	"internal/vec/oracle_elem.go exp":              "the oracle of such a kernel",
	"internal/vec/oracle_radial.go oracleProfiles": "the oracle of such a kernel",
	"internal/vec/radial.go Profiles":              "a kernel that only tests and benchmarks call",
}

func main() {
	tool := "deadcode"
	if len(os.Args) > 1 {
		tool = os.Args[1]
	}
	bad, err := check(tool)
	if err != nil {
		fmt.Fprintln(os.Stderr, "deadcode:", err)
		os.Exit(2)
	}
	for _, line := range bad {
		fmt.Println(line)
	}
	if len(bad) > 0 {
		os.Exit(1)
	}
}

// check returns a line for each function that is dead and not kept, and for each entry of kept that
// is not needed.
func check(tool string) ([]string, error) {
	source, err := program()
	if err != nil {
		return nil, err
	}
	found, err := dead(tool, source)
	if err != nil {
		return nil, err
	}
	var bad []string
	used := map[string]bool{}
	for _, line := range found {
		file, name := split(line)
		folder := file[:strings.LastIndex(file, "/")+1]
		switch {
		case kept[folder] != "":
			used[folder] = true
		case kept[file+" "+name] != "":
			used[file+" "+name] = true
		default:
			bad = append(bad, line)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(kept)) {
		if !used[key] {
			bad = append(bad, "kept without need: "+key)
		}
	}
	return bad, nil
}

var report = regexp.MustCompile(`^(.+\.go):\d+:\d+: unreachable func: (.+)$`)

// split takes a line of the report apart: the file with slashes, and the function.
func split(line string) (file, name string) {
	m := report.FindStringSubmatch(line)
	if m == nil {
		return "", line
	}
	return filepath.ToSlash(m[1]), m[2]
}

// dead runs the tool on the module with the program in a folder of its own. The tool itself leaves
// out generated files.
func dead(tool, source string) ([]string, error) {
	dir, err := os.MkdirTemp(".", "deadcode")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(source), 0o644); err != nil {
		return nil, err
	}
	out, err := run(tool, "-test=false", "./...")
	if err != nil {
		return nil, err
	}
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == '\n' || r == '\r' }), nil
}

// program writes a main package that calls every exported function and method of the public packages.
func program() (string, error) {
	out, err := run("go", "list", "-export", "-deps", "-json=ImportPath,Name,Export,DepOnly", "./...")
	if err != nil {
		return "", err
	}
	exports := map[string]string{}
	var public []string
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath, Name, Export string
			DepOnly                  bool
		}
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			return "", err
		}
		exports[p.ImportPath] = p.Export
		if !p.DepOnly && p.Name != "main" && p.Export != "" && !strings.Contains(p.ImportPath+"/", "/internal/") {
			public = append(public, p.ImportPath)
		}
	}
	from := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})
	w := writer{helpers: map[string]string{}}
	for i, path := range public {
		p, err := from.Import(path)
		if err != nil {
			return "", err
		}
		w.all(fmt.Sprintf("p%d", i), p)
	}
	return w.source(), nil
}

// writer collects the program.
type writer struct {
	imports, body strings.Builder
	helpers       map[string]string // by name
}

func (w *writer) source() string {
	var b strings.Builder
	fmt.Fprintf(&b, "package main\n\nimport (\n%s)\n\nvar value any\n\nfunc main() {\n%s}\n", w.imports.String(), w.body.String())
	for _, name := range slices.Sorted(maps.Keys(w.helpers)) {
		b.WriteString(w.helpers[name])
	}
	return b.String()
}

// all writes the calls of a package, imported under a name. Generic functions and types have no
// code of their own; the programs and the other packages instantiate them.
func (w *writer) all(alias string, p *types.Package) {
	start := w.body.Len()
	for _, name := range p.Scope().Names() {
		o := p.Scope().Lookup(name)
		if !o.Exported() {
			continue
		}
		switch o := o.(type) {
		case *types.Func:
			w.call(alias+"."+name, o.Signature(), 0)
		case *types.TypeName:
			t, ok := types.Unalias(o.Type()).(*types.Named)
			if !ok || t.TypeParams().Len() > 0 || t.TypeArgs().Len() > 0 || types.IsInterface(t) {
				continue
			}
			fmt.Fprintf(&w.body, "\tvalue = new(%s.%s)\n", alias, name)
			methods := types.NewMethodSet(types.NewPointer(t))
			for m := range methods.Methods() {
				if m.Obj().Exported() {
					w.call(fmt.Sprintf("(*%s.%s).%s", alias, name, m.Obj().Name()), m.Obj().(*types.Func).Signature(), 1)
				}
			}
		}
	}
	if w.body.Len() > start {
		fmt.Fprintf(&w.imports, "\t%s %q\n", alias, p.Path())
	}
}

// call writes the call of a function through a generic helper of its shape, which infers types that
// the program cannot name. The receiver of a method is the first of its arguments.
func (w *writer) call(function string, sig *types.Signature, receivers int) {
	if sig.TypeParams().Len() > 0 {
		return
	}
	in, out := sig.Params().Len()+receivers, sig.Results().Len()
	helper := fmt.Sprintf("call%dto%d", in, out)
	if sig.Variadic() {
		helper += "variadic"
	}
	fmt.Fprintf(&w.body, "\t%s(%s)\n", helper, function)
	if w.helpers[helper] != "" {
		return
	}
	var names, params, results, vars, args []string
	for i := range in {
		t := fmt.Sprintf("A%d", i)
		names = append(names, t)
		arg := fmt.Sprintf("a%d", i)
		if sig.Variadic() && i == in-1 {
			vars = append(vars, arg+" []"+t)
			params, args = append(params, "..."+t), append(args, arg+"...")
			continue
		}
		vars = append(vars, arg+" "+t)
		params, args = append(params, t), append(args, arg)
	}
	for i := range out {
		names = append(names, fmt.Sprintf("R%d", i))
		results = append(results, fmt.Sprintf("R%d", i))
	}
	list := ""
	if len(names) > 0 {
		list = "[" + strings.Join(names, ", ") + " any]"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\nfunc %s%s(f func(%s) (%s)) {\n", helper, list, strings.Join(params, ", "), strings.Join(results, ", "))
	for _, v := range vars {
		fmt.Fprintf(&b, "\tvar %s\n", v)
	}
	fmt.Fprintf(&b, "\tf(%s)\n}\n", strings.Join(args, ", "))
	w.helpers[helper] = b.String()
}

// run returns what a command prints.
func run(name string, args ...string) ([]byte, error) {
	cmd := exec.Command(name, args...)
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", name, err, problems.String())
	}
	return out, nil
}
