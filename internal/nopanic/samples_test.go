package nopanic

import (
	"bytes"
	"context"
	"errors"
	"go/token"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing/fstest"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

var (
	chain = must(layers.MLP(layers.Radial(layers.Tanh), 2, 3, 2))
	units = must(layers.MLP(layers.Pointwise(layers.ReLU), 2, 3, 2))
	mixed = must(quiver.New(quiver.Input("x", 2), quiver.Input("u", 0), quiver.Bias("one"), quiver.Hidden("h1", 2, layers.Trainable(layers.Tanh, 0, 1)),
		quiver.Hidden("alone", 0, quiver.Identity), quiver.Output("y", 2, layers.RMSNorm(2, 1e-5)), quiver.Connect("x", "h1"), quiver.Connect("one", "h1"),
		quiver.Connect("h1", "y"), quiver.Connect("h1", "y", quiver.Named("tied"), quiver.Tied("h1->y")), quiver.Connect("x", "y", quiver.Frozen(quiver.Eye(2)))))
	nothing = must(quiver.New())
)

func dense(r, c int, f func(i int) float64) *mat.Dense {
	m := mat.NewDense(r, c, nil)
	for i := range r * c {
		m.Set(i/c, i%c, f(i))
	}
	return m
}

func wave(i int) float64 { return math.Sin(float64(i + 1)) }

func weights(q *quiver.Quiver, change func(*quiver.Rep)) *quiver.Rep {
	w := quiver.Random(q, nil, rand.NewPCG(1, 2))
	if change != nil {
		change(w)
	}
	return w
}

// objective is |w|², with its gradient.
type objective struct{}

func (objective) LossGrad(grad, w *quiver.Rep) (float64, error) {
	grad.CopyFrom(w)
	return w.Dot(w) / 2, nil
}

// project does nothing.
type project struct{}

func (project) Project(*quiver.Rep) error { return nil }

// tb is a test that nobody looks at.
type tb struct{}

func (tb) Helper()               {}
func (tb) Errorf(string, ...any) {}

// makers make values of one type, sensible ones first; each call makes new ones, since some are
// written to.
var makers = []func() any{
	func() any { return chain }, func() any { return units }, func() any { return mixed }, func() any { return nothing }, func() any { return new(quiver.Quiver) },
	func() any { return weights(chain, nil) }, func() any { return weights(units, nil) }, func() any { return weights(mixed, nil) },
	func() any { return weights(nothing, nil) }, func() any { return new(quiver.Rep) },
	func() any { return weights(chain, func(w *quiver.Rep) { w.Data()[0] = math.NaN() }) },
	func() any { return weights(units, func(w *quiver.Rep) { w.Scale(1e200) }) },
	func() any { return quiver.Zero(units) },
	func() any { return dense(3, 2, wave) }, func() any { return dense(2, 2, wave) }, func() any { return &mat.Dense{} }, func() any { return dense(1, 1, wave) },
	func() any { return dense(3, 2, func(int) float64 { return math.NaN() }) }, func() any { return dense(2, 3, func(int) float64 { return math.Inf(1) }) },
	func() any { return dense(3, 2, func(int) float64 { return 1e300 }) }, func() any { return dense(3, 3, func(int) float64 { return 0 }) },
	func() any { return quiver.Eye(2) }, func() any { return quiver.Eye(-1) }, func() any { return quiver.Inclusion{Rows: math.MaxInt, Cols: math.MaxInt, K: math.MaxInt} },
	func() any { return mat.NewSymDense(2, nil) },
	func() any { return rand.NewPCG(1, 2) }, func() any { return rand.New(rand.NewPCG(1, 2)) },
	func() any { return layers.Radial(layers.Tanh) }, func() any { return layers.Pointwise(layers.ReLU) }, func() any { return quiver.Identity },
	func() any { return layers.Trainable(layers.Tanh, 0, 1) }, func() any { return layers.Tanh }, func() any { return layers.ReLU },
	func() any { return layers.OneNorm{} },
	func() any { return context.Background() },
	func() any { ctx, cancel := context.WithCancel(context.Background()); cancel(); return ctx },
	func() any { return bytes.NewReader([]byte(`{"format":"quivernet.quiver/1"}`)) }, func() any { return bytes.NewReader(nil) }, func() any { return &bytes.Buffer{} },
	func() any { return io.Discard }, func() any { return fstest.MapFS{} }, func() any { return errors.New("an error") }, func() any { return slog.New(slog.DiscardHandler) },
	func() any { return objective{} }, func() any { return project{} }, func() any { return &optim.SGD{Rate: 0.1} }, func() any { return &optim.Adam{} }, func() any { return tb{} },
	func() any { return must(graph.Compile(chain, graph.Loss("y", graph.MSE, 1))) },
	func() any { return big.NewInt(-3) }, func() any { return big.NewRat(1, 3) },
	func() any {
		g := gorgonia.NewGraph()
		x := gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithShape(3, 2), gorgonia.WithName("x"))
		w := gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithShape(2, 2), gorgonia.WithName("w"), gorgonia.WithInit(gorgonia.GlorotN(1)))
		return must(gorgonia.Tanh(must(gorgonia.Mul(x, w))))
	},
	func() any { return gorgonia.NewGraph() },
	func() any { return must(symmetry.Compress(weights(chain, nil))) },
	func() any {
		return must(symmetry.Compress(weights(units, nil), symmetry.Pointwise(), symmetry.Box(-1, 1)))
	},
	func() any { return symmetry.RandomElement(chain, rand.NewPCG(1, 2)) },
	func() any { return symmetry.Monomial{Perm: []int{1, 0}, Scale: []float64{2, -1}} },
	func() any { return symmetry.Monomial{Perm: []int{7, -1}, Scale: []float64{0}} },
	func() any { return symmetry.GroupOf(layers.Pointwise(layers.ReLU), 3) },
}

var (
	texts    = []string{"y", "h1", "", "x", "x->h1", "no such", "\x00", "a->b", "\xff", "relu", `"`, "%s%n", "/", "one"}
	integers = []int64{2, 0, 1, -1, 3, math.MaxInt64, math.MinInt64}
	numbers  = []float64{0.5, 0, 1, -1, math.NaN(), math.Inf(1), math.Inf(-1), 1e308, 5e-324, 1e17}
)

// sampler makes arguments.
type sampler struct {
	made  []any                            // what makers make, for the types
	found map[reflect.Type][]reflect.Value // what the functions returned
	order []reflect.Type                   // of found
}

func newSampler() *sampler {
	s := &sampler{found: make(map[reflect.Type][]reflect.Value)}
	for _, m := range makers {
		s.made = append(s.made, m())
	}
	return s
}

// keep remembers some results, so that their methods are called.
func (s *sampler) keep(v reflect.Value) {
	for v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return
	}
	if t := v.Type(); t.Name() != "" || t.Kind() == reflect.Pointer {
		if s.found[t] == nil {
			s.order = append(s.order, t)
		}
		if len(s.found[t]) < 3 {
			s.found[t] = append(s.found[t], v)
		}
	}
}

// of returns values of a type: sensible ones first, as far as there are any, then nil, zero and absurd
// ones.
func (s *sampler) of(t reflect.Type, depth int) (vs []reflect.Value) {
	for i, m := range s.made {
		if reflect.TypeOf(m) == t || t.Kind() == reflect.Interface && t.NumMethod() > 0 && reflect.TypeOf(m).Implements(t) {
			vs = append(vs, reflect.ValueOf(makers[i]()).Convert(t))
		}
	}
	if t.Kind() == reflect.Interface {
		for _, dyn := range s.order {
			found := s.found[dyn]
			if t.NumMethod() > 0 && dyn.Implements(t) {
				vs = append(vs, found[0].Convert(t))
				if typedNil(dyn) {
					vs = append(vs, reflect.Zero(dyn).Convert(t), reflect.New(dyn.Elem()).Convert(t))
				}
			}
		}
		for _, m := range s.made {
			if dyn := reflect.TypeOf(m); typedNil(dyn) && t.NumMethod() > 0 && dyn.Implements(t) {
				vs = append(vs, reflect.Zero(dyn).Convert(t))
			}
		}
		return append(vs, reflect.Zero(t))
	}
	vs = append(vs, s.found[t]...)
	add := func(x any) { vs = append(vs, reflect.ValueOf(x).Convert(t)) }
	switch t.Kind() {
	case reflect.Bool:
		add(true)
	case reflect.String:
		for _, x := range texts {
			add(x)
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		for _, x := range integers {
			add(x)
		}
	case reflect.Float32, reflect.Float64:
		for _, x := range numbers {
			add(x)
		}
	case reflect.Func:
		vs = append(vs, reflect.MakeFunc(t, func([]reflect.Value) (out []reflect.Value) {
			for i := range t.NumOut() {
				out = append(out, reflect.Zero(t.Out(i)))
			}
			return out
		}))
	case reflect.Slice:
		if depth < 3 {
			es := s.of(t.Elem(), depth+1)
			for i, e := range es {
				vs = append(vs, reflect.Append(reflect.MakeSlice(t, 0, 1), e))
				if i == 0 {
					vs = append(vs, reflect.Append(reflect.MakeSlice(t, 0, 2), e, es[len(es)-1]))
				}
			}
		}
		vs = append(vs, reflect.MakeSlice(t, 0, 0))
	case reflect.Map:
		if depth < 3 {
			k, e := s.of(t.Key(), depth+1), s.of(t.Elem(), depth+1)
			for i := range max(len(k), len(e)) {
				m := reflect.MakeMap(t)
				m.SetMapIndex(k[i%len(k)], e[i%len(e)])
				vs = append(vs, m)
			}
		}
	case reflect.Pointer:
		// A zero value of another module or of the standard library is that package's own matter.
		p := t.Elem().PkgPath()
		ours := strings.HasPrefix(p, module) || p == "gonum.org/v1/gonum/mat"
		if ours && t.Elem().Kind() == reflect.Struct && depth < 3 {
			for _, v := range s.structs(t.Elem(), depth+1) {
				p := reflect.New(t.Elem())
				p.Elem().Set(v)
				vs = append(vs, p)
			}
		}
		if ours {
			vs = append(vs, reflect.New(t.Elem()))
		}
	case reflect.Struct:
		vs = append(vs, s.structs(t, depth)...)
	}
	return append(vs, reflect.Zero(t))
}

// typedNil says whether a caller can put a nil pointer of a type into an interface. A nil pointer in an
// error is left out: Go itself has no answer to its text. A type of an internal package has no name for a caller.
func typedNil(t reflect.Type) bool {
	return t.Kind() == reflect.Pointer && token.IsExported(t.Elem().Name()) && !strings.Contains(t.Elem().PkgPath(), "/internal/") && !t.Implements(reflect.TypeFor[error]())
}

// structs fills the exported fields with values from the front, the middle and the end.
func (s *sampler) structs(t reflect.Type, depth int) (vs []reflect.Value) {
	if depth >= 3 || t.PkgPath() == "" || t.PkgPath() == "sync" || t == reflect.TypeFor[mat.Dense]() {
		return nil
	}
	for k := range 4 {
		v := reflect.New(t).Elem()
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() && depth < 2 {
				xs := s.of(f.Type, depth+1)
				v.Field(i).Set(xs[(k*len(xs)/4+k*i)%len(xs)])
			}
		}
		vs = append(vs, v)
	}
	return vs
}

var _ fs.FS = fstest.MapFS{}
