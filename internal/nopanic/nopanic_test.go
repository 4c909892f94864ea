package nopanic

import (
	"cmp"
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/trials"
)

// root is the directory of the module.
var root = func() string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Dir(filepath.Dir(filepath.Dir(here))) + "/"
}()

// typed says whether a panic is one that is documented: an error of this module.
func typed(p any) bool {
	if _, ok := p.(runtime.Error); ok {
		return false
	}
	err, ok := p.(error)
	if !ok {
		return false
	}
	t := reflect.TypeOf(err)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return strings.HasPrefix(t.PkgPath(), module)
}

// try calls f and returns an untyped panic with the place where it came from, or "".
func try(f reflect.Value, args []reflect.Value, keep func(reflect.Value)) (fault string) {
	defer func() {
		p := recover()
		if p == nil || typed(p) {
			return
		}
		pc := make([]uintptr, 40)
		frames := runtime.CallersFrames(pc[:runtime.Callers(2, pc)])
		at := "?"
		for {
			f, more := frames.Next()
			if strings.Contains(f.Function, module) && !strings.Contains(f.Function, "nopanic") {
				at = fmt.Sprintf("%s:%d", strings.TrimPrefix(f.File, root), f.Line)
				break
			}
			if !more {
				break
			}
		}
		fault = fmt.Sprintf("%T: %v at %s", p, p, at)
	}()
	var out []reflect.Value
	if f.Type().IsVariadic() {
		out = f.CallSlice(args)
	} else {
		out = f.Call(args)
	}
	for _, v := range out {
		if t := v.Type(); v.Kind() == reflect.Func && t.NumIn() == 1 && t.NumOut() == 0 && t.In(0).Kind() == reflect.Func && !v.IsNil() { // an iterator
			n := 0
			v.Call([]reflect.Value{reflect.MakeFunc(t.In(0), func([]reflect.Value) []reflect.Value {
				n++
				return []reflect.Value{reflect.ValueOf(n < 3)}
			})})
		}
		keep(v)
	}
	return ""
}

// show writes arguments down in short.
func show(args []reflect.Value) string {
	var s []string
	for _, a := range args {
		text := func() (text string) {
			defer func() {
				if recover() != nil {
					text = "?"
				}
			}()
			switch a.Kind() {
			case reflect.Pointer, reflect.Func, reflect.Interface, reflect.Map, reflect.Slice:
				if a.IsNil() {
					return "nil"
				}
			}
			if a.Kind() == reflect.Pointer {
				return "&…"
			}
			return fmt.Sprintf("%v", a)
		}()
		if len(text) > 40 {
			text = text[:40] + "…"
		}
		s = append(s, fmt.Sprintf("%s(%s)", a.Type(), text))
	}
	return strings.Join(s, ", ")
}

// target is a function, or the method of a type.
type target struct {
	name string
	// bind returns the function and, for a method, what its receiver is, in words.
	bind func(s *sampler, rng *rand.Rand, k int) (reflect.Value, string)
}

// promoted says whether a method is that of an embedded interface: where that is nil, the
// compiler's own code panics.
func promoted(t reflect.Type, method string) bool {
	if t.Kind() != reflect.Struct {
		return false
	}
	for i := range t.NumField() {
		if f := t.Field(i); f.Anonymous && f.Type.Kind() == reflect.Interface {
			if _, ok := f.Type.MethodByName(method); ok {
				return true
			}
		}
	}
	return false
}

func targets() (ts []target) {
	for name, v := range values {
		if f := reflect.ValueOf(v); f.Kind() == reflect.Func && f.Type().Name() == "" { // an option that is a variable is no function to call
			ts = append(ts, target{name, func(*sampler, *rand.Rand, int) (reflect.Value, string) { return f, "" }})
		}
	}
	for name, t := range types {
		if t.Kind() == reflect.Interface {
			continue
		}
		p := reflect.PointerTo(t)
		for i := range p.NumMethod() {
			m := p.Method(i).Name
			_, byValue := t.MethodByName(m)
			if promoted(t, m) {
				continue
			}
			// A nil pointer in an error is no error: Go itself has no answer to its text.
			byValue = byValue || p.Implements(reflect.TypeFor[error]())
			ts = append(ts, target{name + "." + m, func(s *sampler, rng *rand.Rand, k int) (reflect.Value, string) {
				var rs []reflect.Value
				for _, r := range s.of(p, 0) {
					if !r.IsNil() || !byValue { // Go itself panics where a method with a value meets nil
						rs = append(rs, r)
					}
				}
				if byValue {
					for _, r := range s.of(t, 0) {
						c := reflect.New(t)
						c.Elem().Set(r)
						rs = append(rs, c)
					}
				}
				r := rs[k%len(rs)]
				return r.MethodByName(m), show([]reflect.Value{r}) + "."
			}})
		}
	}
	order := []string{"quiver", "layers", "quivertest", "store", "data", "optim", "graph", "group", "symmetry", "identify", "paths", "local", "recovery", "stitch", "rewrite", "viz", "auto"}
	rank := func(t target) int {
		name, _, _ := strings.Cut(t.name, ".")
		return slices.Index(order, name)*2 + strings.Count(t.name, ".")
	}
	slices.SortFunc(ts, func(a, b target) int { return cmp.Or(rank(a)-rank(b), strings.Compare(a.name, b.name)) })
	return ts
}

// attack calls a target with n lists of arguments and returns what went wrong, each place once.
func attack(t target, s *sampler, n int, progress func(string)) (faults []string) {
	h := fnv.New64a()
	h.Write([]byte(t.name))
	rng := rand.New(rand.NewPCG(h.Sum64(), 1))
	seen := make(map[string]bool)
	for k := range n {
		f, receiver := t.bind(s, rng, k)
		var args []reflect.Value
		for i := range f.Type().NumIn() {
			pool := s.of(f.Type().In(i), 0)
			at := 0
			switch {
			case k == 0: // nil and zero everywhere
				at = len(pool) - 1
			case k%3 == 1: // one absurd argument among sensible ones
				if in := f.Type().NumIn(); k/3%in == i {
					at = k / 3 / in % len(pool)
				}
			default:
				at = rng.IntN(len(pool))
			}
			args = append(args, pool[at])
		}
		call := receiver + t.name + "(" + show(args) + ")"
		progress(call)
		if fault := try(f, args, s.keep); fault != "" && !seen[fault[max(0, strings.LastIndex(fault, " at ")):]] {
			seen[fault[max(0, strings.LastIndex(fault, " at ")):]] = true
			faults = append(faults, fault+"\n\t\t"+call)
		}
	}
	return faults
}

var only = flag.String("only", "", "call what begins with this text, such as \"quiver.\" or \"graph.Compile\"")

// limit is how long the calls of one function may take: a watchdog, no measurement.
const limit = time.Minute

func TestNoUntypedPanic(t *testing.T) {
	t.Chdir(t.TempDir()) // some of the functions write files
	s := newSampler()
	n := trials.Count(8, 200)
	for _, f := range targets() {
		if !strings.HasPrefix(f.name, *only) {
			continue
		}
		var last string
		done := make(chan []string, 1)
		go func() { done <- attack(f, s, n, func(call string) { last = call }) }()
		select {
		case faults := <-done:
			if len(faults) > 0 {
				t.Errorf("%s\n\t%s", f.name, strings.Join(faults, "\n\t"))
			}
		case <-time.After(limit):
			t.Fatalf("%s does not end: %s", f.name, last)
		}
	}
}

// The check itself tells untyped panics from typed ones.
func TestTheCheckCatches(t *testing.T) {
	nothing := func(reflect.Value) {}
	for _, f := range []func(){
		func() { panic("text") }, func() { panic(fmt.Errorf("an error of another package")) },
		func() { panic(assert.AnError) }, func() { var p *target; _ = p.name }, func() { _ = []int{}[len(os.Args)] },
	} {
		require.NotEmpty(t, try(reflect.ValueOf(f), nil, nothing))
	}
	for _, f := range []func(){func() {}, func() { panic(&moduleError{}) }, func() { panic(moduleError{}) }} {
		require.Empty(t, try(reflect.ValueOf(f), nil, nothing))
	}
	require.Greater(t, len(targets()), 400)
}

type moduleError struct{}

func (moduleError) Error() string { return "an error of this module" }
