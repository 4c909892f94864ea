package optim_test

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/golden"
	"github.com/quivernet/quivernet/optim"
)

// catalogued are all methods by name; steppers are those that need no objective.
func catalogued() map[string]func() optim.Stateful {
	out := make(map[string]func() optim.Stateful)
	for _, e := range optim.Catalogue() {
		out[e.Name] = e.New
	}
	return out
}

func steppers() map[string]func() optim.Stateful {
	out := catalogued()
	for name, m := range out {
		if _, ok := m().(optim.Searcher); ok {
			delete(out, name)
		}
	}
	return out
}

// set sets a field of a method where it has it.
func set(m any, field string, x any) bool {
	f := reflect.ValueOf(m).Elem().FieldByName(field)
	if !f.IsValid() {
		return false
	}
	f.Set(reflect.ValueOf(x).Convert(f.Type()))
	return true
}

// having are the methods that have a field, with that field set.
func having(methods map[string]func() optim.Stateful, field string, x any) map[string]func() optim.Stateful {
	out := make(map[string]func() optim.Stateful)
	for name, m := range methods {
		if set(m(), field, x) {
			out[name] = func() optim.Stateful { s := m(); set(s, field, x); return s }
		}
	}
	return out
}

// decaying are a method's forms with one kind of decay each, as its own Traits call them.
func decaying(m func() optim.Stateful, lambda float64) map[optim.DecayKind]func() optim.Stateful {
	out := make(map[optim.DecayKind]func() optim.Stateful)
	for _, decoupled := range []bool{true, false} {
		for _, l := range []float64{lambda, 0} {
			form := func() optim.Stateful {
				s := m()
				set(s, "Decay", l)
				set(s, "Decoupled", decoupled)
				return s
			}
			kind := form().(optim.Trait).Traits().Decay
			if kind == optim.Decoupled && l == 0 {
				continue // what it decays by where nothing is said
			}
			out[kind] = form
		}
	}
	return out
}

// forms are all methods with one kind of decay, by name.
func forms(kind optim.DecayKind, lambda float64) map[string]func() optim.Stateful {
	out := make(map[string]func() optim.Stateful)
	for name, m := range steppers() {
		if form := decaying(m, lambda)[kind]; form != nil {
			out[name] = form
		}
	}
	return out
}

// keeps says whether a method keeps something, by its record; a name that ends in ² is one of squares.
func keeps(t *testing.T, method, what string) bool {
	t.Helper()
	names, err := optim.Keeps(method)
	require.NoError(t, err)
	for _, n := range names {
		if what == n || what == "²" && strings.HasSuffix(n, what) {
			return true
		}
	}
	return false
}

// traits are those that a method declares.
func traits(m optim.Method) optim.Traits { return m.(optim.Trait).Traits() }

// parsed are the files of the package without its tests.
func parsed(t *testing.T) (files []*ast.File) {
	t.Helper()
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		require.NoError(t, err)
		files = append(files, file)
	}
	return files
}

// TestEveryMethodIsInTheCatalogue: an exported type with a method Step is there, under its name.
func TestEveryMethodIsInTheCatalogue(t *testing.T) {
	listed := catalogued()
	found := 0
	for _, file := range parsed(t) {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil || f.Name.Name != "Step" {
				continue
			}
			receiver := f.Recv.List[0].Type
			if p, ok := receiver.(*ast.StarExpr); ok {
				receiver = p.X
			}
			if name := receiver.(*ast.Ident).Name; ast.IsExported(name) {
				assert.Contains(t, listed, name, "the method is in no list: add its record to catalogue in catalogue.go")
				found++
			}
		}
	}
	assert.Equal(t, len(optim.Catalogue()), found, "each method once")
	for name, m := range listed {
		assert.Equal(t, name, reflect.TypeOf(m()).Elem().Name())
		assert.Equal(t, name, m().Snapshot().Method)
		assert.NotSame(t, m(), m())
		_, ok := m().(optim.Trait)
		assert.True(t, ok, name)
		if set(m(), "Groups", []optim.Group(nil)) {
			_, ok = m().(optim.Factored)
			assert.True(t, ok, name)
		}
	}
}

// TestSettingsOfTheCatalogue: what the catalogue says of the settings are the fields of the methods, and their defaults
// what the comments say.
func TestSettingsOfTheCatalogue(t *testing.T) {
	number := regexp.MustCompile(`[0-9][0-9.e-]*[0-9]|[0-9]`)
	comments := make(map[string]string)
	for _, file := range parsed(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			s, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			body, ok := s.Type.(*ast.StructType)
			if !ok {
				return false
			}
			for _, f := range body.Fields.List {
				_, said, _ := strings.Cut(f.Comment.Text(), "0 means ")
				defaults := number.FindAllString(said, -1)
				for i, n := range f.Names {
					if i < len(defaults) {
						comments[s.Name.Name+"."+n.Name] = defaults[i]
					}
				}
			}
			return false
		})
	}
	var text strings.Builder
	for _, e := range optim.Catalogue() {
		said := make(map[string]bool)
		for _, s := range e.Settings {
			said[s.Field] = true
			fmt.Fprintf(&text, "%-9s %-10s %-7v %s\n", e.Name, s.Field, s.Default, s.Want)
			comment := comments[e.Name+"."+s.Field]
			if s.Default == 0 {
				assert.Empty(t, comment, "%s.%s", e.Name, s.Field)
				continue
			}
			x, err := strconv.ParseFloat(comment, 64)
			require.NoError(t, err, "%s.%s: the comment does not say what 0 means", e.Name, s.Field)
			assert.Equal(t, s.Default, x, "%s.%s", e.Name, s.Field)
		}
		fields := reflect.TypeOf(e.New()).Elem()
		for i := range fields.NumField() {
			f := fields.Field(i)
			k := f.Type.Kind()
			assert.Equal(t, f.IsExported() && (k == reflect.Float64 || k == reflect.Int), said[f.Name], "%s.%s", e.Name, f.Name)
		}
		keeps, err := optim.Keeps(e.Name)
		require.NoError(t, err)
		fmt.Fprintf(&text, "%-9s keeps      %s\n", e.Name, cmp.Or(strings.Join(keeps, ", "), "nothing"))
	}
	golden.Check(t, "methods.golden", text.String())
}
