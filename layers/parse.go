package layers

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// heads are the words that an activation starts with.
var heads = []string{"identity", "radial", "pointwise", "rmsnorm", "deadzone", "trainable", "gain", "blocks", "quadratic"}

// maxText is the longest text that Parse reads, as long as the longest that a quiver takes.
const maxText = 1 << 16

// Parse reads what String of an activation of this package prints, constants to the
// last bit:
//
//	identity
//	radial(tanh)  radial(shift(relu,0.5))  radial(leakyrelu(0.1))  radial(power(3))
//	pointwise(gelu)
//	rmsnorm(64,1e-05)
//	deadzone(radial(sigmoid),1e-12)
//	trainable(squash,0,1)
//	gain(rmsnorm(64,1e-05),true)
//	blocks(tanh,2,3)
//	quadratic(sigmoid,[1 0 0 1],[0.5 2],0.1)
//
// and names given to [RegisterLambda]. Anything else gives an *UnknownActivationError;
// so does restrict(…), whose basis stands in a checkpoint beside the text: package
// quiver/store reads both.
func Parse(s string) (quiver.Activation, error) {
	if len(s) > maxText {
		return nil, &UnknownActivationError{Text: s, Reason: fmt.Sprintf("longer than %d bytes", maxText)}
	}
	if l, ok := registered(s); ok {
		return Rescaling(s, l), nil
	}
	return parseActivation(s, 0)
}

// call cuts "f(a,b)" into f and its arguments, commas inside brackets left alone.
func call(s string, depth int) (name string, args []string, err error) {
	if depth > 32 {
		return "", nil, &UnknownActivationError{Text: s, Reason: "nested more than 32 deep"}
	}
	i := strings.IndexByte(s, '(')
	if i < 0 {
		return s, nil, nil
	}
	if !strings.HasSuffix(s, ")") {
		return "", nil, &UnknownActivationError{Text: s, Reason: "the closing bracket is missing"}
	}
	name, s = s[:i], s[i+1:len(s)-1]
	level, from := 0, 0
	for j := range len(s) {
		switch s[j] {
		case '(', '[':
			level++
		case ')', ']':
			if level--; level < 0 {
				return "", nil, &UnknownActivationError{Text: s, Reason: "brackets do not match"}
			}
		case ',':
			if level == 0 {
				args = append(args, s[from:j])
				from = j + 1
			}
		}
	}
	if level != 0 {
		return "", nil, &UnknownActivationError{Text: s, Reason: "brackets do not match"}
	}
	return name, append(args, s[from:]), nil
}

func parseActivation(s string, depth int) (a quiver.Activation, err error) {
	name, args, err := call(s, depth)
	if err != nil {
		return nil, err
	}
	defer refused(s, &err)
	p := &arguments{text: s, args: args, depth: depth + 1}
	switch name {
	case "identity":
		a = quiver.Identity
	case "radial":
		a = Radial(p.function())
	case "pointwise":
		a = Pointwise(p.function())
	case "rmsnorm":
		a = RMSNorm(p.whole(), p.number())
	case "deadzone":
		a = DeadZone(p.activation(), p.number())
	case "trainable":
		a = Trainable(p.function(), p.number(), p.number())
	case "gain":
		a = Gain(p.activation(), p.flag())
	case "blocks":
		h := p.function()
		var sizes []int
		for len(p.args) > 0 {
			sizes = append(sizes, p.whole())
		}
		a = Blocks(h, sizes...)
	case "quadratic":
		g, m, v, c := p.function(), p.list(), p.list(), p.number()
		if p.err == nil {
			a = quadraticOf(p, g, m, v, c)
		}
	case "restrict":
		return nil, &UnknownActivationError{Text: s, Reason: "a restriction needs its basis; load it with package quiver/store"}
	default:
		e := &UnknownActivationError{Text: s, Reason: "want " + strings.Join(heads, ", ") + " or a name given to RegisterLambda", Near: near(name, heads)}
		if _, bad := parseFunc(s, depth); bad == nil {
			e.Near = fmt.Sprintf("radial(%s) or pointwise(%s)", s, s)
		}
		return nil, e
	}
	if p.err == nil && len(p.args) > 0 {
		p.fail("has too many arguments")
	}
	if p.err != nil {
		return nil, p.err
	}
	return a, nil
}

// refused turns the panic by which a maker refuses a constant into an error.
func refused(text string, err *error) {
	switch e := recover().(type) {
	case nil:
	case *ConstantError:
		*err = &UnknownActivationError{Text: text, Reason: strings.TrimPrefix(e.Error(), "layers: ")}
	default:
		panic(e)
	}
}

func quadraticOf(p *arguments, g Func, m, v []float64, c float64) quiver.Activation {
	var dense *mat.Dense
	if n := isqrt(len(m)); n > 0 {
		if n*n != len(m) {
			p.fail("M is not square")
			return nil
		}
		dense = mat.NewDense(n, n, m)
	}
	return Quadratic(g, dense, v, c)
}

func isqrt(n int) int {
	r := 0
	for (r+1)*(r+1) <= n {
		r++
	}
	return r
}

// arguments takes the arguments of a call one by one and remembers the first error.
// After an error it hands out harmless values.
type arguments struct {
	text  string
	args  []string
	depth int
	err   error
}

func (p *arguments) fail(reason string) {
	if p.err == nil {
		p.err = &UnknownActivationError{Text: p.text, Reason: reason}
	}
}

func (p *arguments) next() string {
	if len(p.args) == 0 {
		p.fail("has too few arguments")
		return ""
	}
	s := p.args[0]
	p.args = p.args[1:]
	return s
}

func (p *arguments) number() float64 {
	x, err := strconv.ParseFloat(p.next(), 64)
	if err != nil {
		p.fail("wants a number")
	}
	return x
}

func (p *arguments) whole() int {
	n, err := strconv.Atoi(p.next())
	if err != nil {
		p.fail("wants a whole number")
		return 1
	}
	return n
}

func (p *arguments) flag() bool {
	b, err := strconv.ParseBool(p.next())
	if err != nil {
		p.fail("wants true or false")
	}
	return b
}

func (p *arguments) list() []float64 {
	s := p.next()
	if !strings.HasPrefix(s, "[") || !strings.HasSuffix(s, "]") {
		p.fail("wants a list in square brackets")
		return nil
	}
	var xs []float64
	for _, f := range strings.Fields(s[1 : len(s)-1]) {
		x, err := strconv.ParseFloat(f, 64)
		if err != nil {
			p.fail("wants numbers in the list")
			return nil
		}
		xs = append(xs, x)
	}
	return xs
}

func (p *arguments) activation() quiver.Activation {
	s := p.next()
	if p.err != nil {
		return Radial(Tanh)
	}
	a, err := parseActivation(s, p.depth)
	if err != nil {
		p.err = err
		return Radial(Tanh)
	}
	return a
}

func (p *arguments) function() Func {
	s := p.next()
	if p.err != nil {
		return Tanh
	}
	f, err := parseFunc(s, p.depth)
	if err != nil {
		p.err = err
		return Tanh
	}
	return f
}

func parseFunc(s string, depth int) (f Func, err error) {
	if f, ok := funcs[s]; ok {
		return f, nil
	}
	name, args, err := call(s, depth)
	if err != nil {
		return nil, err
	}
	defer refused(s, &err)
	p := &arguments{text: s, args: args, depth: depth + 1}
	switch family, ok := families[name]; {
	case name == "shift":
		f = Shift(p.function(), p.number())
	case ok:
		constants := make([]float64, family.Constants)
		for i := range constants {
			constants[i] = p.number()
		}
		f = family.Make(constants)
	default:
		names := slices.Concat(slices.Sorted(maps.Keys(funcs)), []string{"shift"}, slices.Sorted(maps.Keys(families)))
		return nil, &UnknownActivationError{Text: s, Reason: "want a function: " + strings.Join(names, ", "), Near: near(name, names)}
	}
	if p.err == nil && len(p.args) > 0 {
		p.fail("has too many arguments")
	}
	return f, p.err
}
