package nopanic

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/golden"
)

const module = "github.com/quivernet/quivernet"

// exported is what one package exports.
type exported struct {
	path, name       string
	functions, types []string
}

// public lists the public packages with their exported functions, types and variables.
func public(t *testing.T, root string) (ps []exported) {
	err := filepath.WalkDir(root, func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(root, dir)
		switch name := d.Name(); {
		case rel == ".":
			return nil
		case strings.HasPrefix(name, ".") || slices.Contains([]string{"internal", "cmd", "examples", "bench", "testdata", "docs"}, name):
			return filepath.SkipDir
		}
		b, err := build.ImportDir(dir, 0)
		if _, none := err.(*build.NoGoError); none {
			return nil
		}
		if err != nil || b.Name == "main" {
			return err
		}
		p := exported{path: module + "/" + filepath.ToSlash(rel), name: b.Name}
		for _, f := range b.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, f), nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			p.collect(t, file)
		}
		slices.Sort(p.functions)
		slices.Sort(p.types)
		ps = append(ps, p)
		return nil
	})
	require.NoError(t, err)
	return ps
}

func (p *exported) collect(t *testing.T, file *ast.File) {
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.IsExported() {
				require.Nil(t, d.Type.TypeParams, "%s.%s is generic: extend this test", p.name, d.Name.Name)
				p.functions = append(p.functions, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					if s.Name.IsExported() {
						require.Nil(t, s.TypeParams, "%s.%s is generic: extend this test", p.name, s.Name.Name)
						p.types = append(p.types, s.Name.Name)
					}
				case *ast.ValueSpec:
					for _, n := range s.Names {
						if d.Tok == token.VAR && n.IsExported() {
							p.functions = append(p.functions, n.Name)
						}
					}
				}
			}
		}
	}
}

// write makes the file of the table.
func write(ps []exported) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("package nopanic\n\n// Written by go test -update.\n\nimport (\n\t\"reflect\"\n\n")
	for _, p := range ps {
		fmt.Fprintf(&b, "\t%q\n", p.path)
	}
	b.WriteString(")\n\n// values are the exported functions and variables.\nvar values = map[string]any{\n")
	for _, p := range ps {
		for _, f := range p.functions {
			fmt.Fprintf(&b, "\t\"%[1]s.%[2]s\": %[1]s.%[2]s,\n", p.name, f)
		}
	}
	b.WriteString("}\n\n// types are the exported types.\nvar types = map[string]reflect.Type{\n")
	for _, p := range ps {
		for _, f := range p.types {
			fmt.Fprintf(&b, "\t\"%[1]s.%[2]s\": reflect.TypeFor[%[1]s.%[2]s](),\n", p.name, f)
		}
	}
	b.WriteString("}\n")
	return format.Source(b.Bytes())
}

// The table has everything that is exported: a function that is new is called, too.
func TestTheTableIsComplete(t *testing.T) {
	ps := public(t, filepath.Join("..", ".."))
	require.Greater(t, len(ps), 10)
	want, err := write(ps)
	require.NoError(t, err)
	golden.File(t, "table_test.go", want)
	for _, p := range ps {
		for _, f := range p.functions {
			_, ok := values[p.name+"."+f]
			assert.True(t, ok, "%s.%s is not called; run go test ./internal/nopanic -update", p.name, f)
		}
	}
}
