package graph_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// texCommands are those of LaTeX with amsmath that may stand in a formula.
var texCommands = map[string]bool{}

func init() {
	for _, c := range strings.Fields(`mathrm mathbf mathsf operatorname frac sqrt partial left right langle rangle cdot circ to delta lambda rho sigma prime
		infty ldots Sigma times sim wedge backslash textstyle div odot geq leq nabla
		alpha beta gamma epsilon zeta eta theta iota kappa mu nu xi pi tau upsilon phi chi psi omega
		Gamma Delta Theta Lambda Xi Pi Phi Psi Omega _ # $ % & { } ,`) {
		texCommands[c] = true
	}
}

var texToken = regexp.MustCompile(`\\([a-zA-Z]+|.)|.`)

// checkTeX checks an align* environment: ASCII, known commands, balanced braces and \left…\right
// within each cell, one & a line, no two exponents or indices on one base, and
// arguments where they are needed.
func checkTeX(text string) error {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 || lines[0] != `\begin{align*}` || lines[len(lines)-2] != `\end{align*}` || lines[len(lines)-1] != "" {
		return fmt.Errorf("no align* environment: %q", text)
	}
	for i, r := range text {
		if r > unicode.MaxASCII {
			return fmt.Errorf("%q at %d is not ASCII", r, i)
		}
	}
	body := lines[1 : len(lines)-2]
	for i, l := range body {
		if i < len(body)-1 {
			var ok bool
			if l, ok = strings.CutSuffix(l, ` \\`); !ok {
				return fmt.Errorf("line %d does not end: %q", i, l)
			}
		}
		cells := strings.Split(strings.ReplaceAll(l, `\&`, ``), "&")
		if len(cells) != 2 {
			return fmt.Errorf("%d cells in %q", len(cells), l)
		}
		for _, c := range cells {
			if err := checkCell(c); err != nil {
				return fmt.Errorf("%w in %q", err, c)
			}
		}
	}
	return nil
}

func checkCell(cell string) error {
	tokens := texToken.FindAllString(cell, -1)
	type level struct {
		open         string
		super, sub   bool // on the base at hand
		wantsOperand bool
	}
	stack := []level{{}}
	need := 0 // braces that must follow
	for _, tok := range tokens {
		top := &stack[len(stack)-1]
		if need > 0 && tok != "{" {
			return fmt.Errorf("%q where an argument must stand", tok)
		}
		switch name, command := strings.CutPrefix(tok, `\`); {
		case tok == " ":
		case tok == "{":
			if need > 0 {
				need--
			} else if !top.wantsOperand {
				top.super, top.sub = false, false
			}
			top.wantsOperand = false
			stack = append(stack, level{open: "{"})
		case tok == "}":
			if top.open != "{" || top.wantsOperand {
				return fmt.Errorf("a } too much")
			}
			stack = stack[:len(stack)-1]
		case tok == "^" || tok == "_":
			if tok == "^" && top.super || tok == "_" && top.sub {
				return fmt.Errorf("a double %s", tok)
			}
			top.super, top.sub = top.super || tok == "^", top.sub || tok == "_"
			top.wantsOperand = true
		case command && !texCommands[name]:
			return fmt.Errorf("unknown command %s", tok)
		case name == "left" && command:
			top.super, top.sub = false, false
			stack = append(stack, level{open: "left"})
		case name == "right" && command:
			if top.open != "left" || top.wantsOperand {
				return fmt.Errorf(`a \right too much`)
			}
			stack = stack[:len(stack)-1]
		case !command && strings.ContainsAny(tok, "#$%&~"):
			return fmt.Errorf("a bare %s", tok)
		default:
			if top.wantsOperand {
				return fmt.Errorf("a script without braces")
			}
			top.super, top.sub = false, false
			if command && (name == "mathrm" || name == "mathbf" || name == "mathsf" || name == "operatorname" || name == "sqrt") {
				need = 1
			}
			if command && name == "frac" {
				need = 1 // the second follows the first, which the golden files show
			}
		}
	}
	if len(stack) != 1 || need > 0 || stack[0].wantsOperand {
		return fmt.Errorf("something is not closed")
	}
	return nil
}

// TestCheckTeX: the check finds mistakes.
func TestCheckTeX(t *testing.T) {
	wrap := func(s string) string { return "\\begin{align*}\n" + s + "\n\\end{align*}\n" }
	assert.NoError(t, checkTeX(wrap(`W_{\mathrm{a\_b}}^{\mathsf{T}} &= \left(\frac{1}{2}\right)^{2}`)))
	for _, bad := range []string{
		`a &= W_{a}_{b}`, `a &= x^{2}^{3}`, `a &= {`, `a &= }`, `a &= \left(b`, `a &= b\right)`, `a = b`, `a &= b & c`, `a &= \nonsense x`,
		`a &= \mathrm x`, `a &= a # b`, `a &= λ`, `a &= \frac x y`, `a &= x_`, "a &= b\nc &= d", `a &= \left(\mathrm{x\right)}`,
	} {
		assert.Error(t, checkTeX(wrap(bad)), bad)
	}
}

// TestNames: vertices and arrows with names that LaTeX or Graphviz would take amiss.
func TestNames(t *testing.T) {
	var ps []quiver.Part
	names := []string{`a_b`, `x^2`, `50%`, `#1`, `$\alpha$`, `{h}`, `~`, `h&k`, `λ`, `層`, `x₁₂`, `é`, `α→β`, `u1`, `L`, `1`, `z[h]`, `<b>`, `\`, `a,b`, `1e5`}
	ps = append(ps, quiver.Input("x", 2), quiver.Output("y", 1, nil), quiver.Connect("x", "y", quiver.Named(`skip_#\[0]`)))
	from := "x"
	for i, n := range names {
		ps = append(ps, quiver.Hidden(n, 2, layers.Radial(layers.Tanh)), quiver.Connect(from, n))
		if i%5 == 4 {
			ps = append(ps, quiver.Connect("x", n, quiver.Named("skip"+n)))
		}
		from = n
	}
	ps = append(ps, quiver.Connect(from, "y"))
	q, err := quiver.New(ps...)
	require.NoError(t, err)
	p, err := graph.Compile(q, graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	x, err := p.Gradient("x->a_b")
	require.NoError(t, err)
	golden(t, "names.txt", x.String())
	golden(t, "names.tex", x.LaTeX())
	golden(t, "names.dot", x.DOT())
	assert.NoError(t, checkTeX(x.LaTeX()))
}
