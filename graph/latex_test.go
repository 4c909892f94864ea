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
	"github.com/quivernet/quivernet/internal/golden"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// texCommands are those of LaTeX with amsmath that may stand in a formula.
var texCommands = map[string]bool{}

func init() {
	for _, c := range strings.Fields(`mathrm mathbf mathsf operatorname frac sqrt partial left right langle rangle cdot circ to delta lambda rho sigma prime
		infty ldots Sigma bigl bigr quad times sim wedge backslash textstyle div odot geq leq nabla
		alpha beta gamma epsilon zeta eta theta iota kappa mu nu xi pi tau upsilon phi chi psi omega
		Gamma Delta Theta Lambda Xi Pi Phi Psi Omega _ # $ % & { } ,`) {
		texCommands[c] = true
	}
}

var texToken = regexp.MustCompile(`\\([a-zA-Z]+|.)|.`)

// checkTeX checks what LaTeX returns: ASCII, a group in which displays break over pages, one align* environment a
// part, and the legend as a description list.
func checkTeX(text string) error {
	for i, r := range text {
		if r > unicode.MaxASCII {
			return fmt.Errorf("%q at %d is not ASCII", r, i)
		}
	}
	body, ok := strings.CutPrefix(text, "\\begingroup\\allowdisplaybreaks\n")
	body, shut := strings.CutSuffix(body, "\\endgroup\n")
	if !ok || !shut {
		return fmt.Errorf("no group in which displays break: %q", text)
	}
	var rows []string
	inside, displays := "", 0
	for _, l := range strings.Split(strings.TrimSuffix(body, "\n"), "\n") {
		var err error
		switch {
		case inside == "" && (l == `\begin{align*}` || l == `\begin{description}`):
			inside, rows = l, nil
		case inside == `\begin{align*}` && l == `\end{align*}`:
			err, inside = checkRows(rows), ""
			displays++
		case inside == `\begin{description}` && l == `\end{description}`:
			inside = ""
		case inside == `\begin{align*}`:
			rows = append(rows, l)
		case inside == `\begin{description}`:
			err = checkItem(l)
		case !heading.MatchString(l):
			err = fmt.Errorf("%q between the displays", l)
		}
		if err != nil {
			return err
		}
	}
	if inside != "" || displays == 0 {
		return fmt.Errorf("%d displays, %q is open", displays, inside)
	}
	return nil
}

var (
	heading = regexp.MustCompile(`^\\par\\noindent\\textbf{[A-Z][a-z ]+}$`)
	item    = regexp.MustCompile(`^\\item\[{\$.+\$}\] `)
)

// checkItem checks a line of the legend: its formulas, and that the words between them need no care.
func checkItem(line string) error {
	if !item.MatchString(line) {
		return fmt.Errorf("no item: %q", line)
	}
	line = strings.TrimPrefix(line, `\item[{`)
	math := false
	for i, part := range strings.Split(strings.ReplaceAll(line, `\$`, `\#`), "$") {
		if math = i%2 == 1; math {
			if err := checkCell(part); err != nil {
				return fmt.Errorf("%w in %q", err, part)
			}
		} else if strings.ContainsAny(strings.Replace(part, "}]", "", 1), `\{}#%&_^~<>|"`) {
			return fmt.Errorf("%q cannot stand in text", part)
		}
	}
	if math {
		return fmt.Errorf("an open formula in %q", line)
	}
	return nil
}

// checkRows checks the rows of an align* environment: known commands, balanced braces and \left…\right within each cell, balanced
// \bigl…\bigr within each equation, one & a row, no two exponents or indices on one base, and
// arguments where they are needed.
func checkRows(body []string) error {
	big := 0
	for i, l := range body {
		if i < len(body)-1 {
			var ok bool
			if l, ok = strings.CutSuffix(l, ` \\`); !ok {
				return fmt.Errorf("row %d does not end: %q", i, l)
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
		if begins := cells[0] != ""; begins && big != 0 {
			return fmt.Errorf("a parenthesis is open before %q", l)
		}
		big += strings.Count(l, `\bigl(`) - strings.Count(l, `\bigr)`)
	}
	if big != 0 {
		return fmt.Errorf("a parenthesis is not closed")
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
	wrap := func(s string) string {
		return "\\begingroup\\allowdisplaybreaks\n\\begin{align*}\n" + s + "\n\\end{align*}\n\\endgroup\n"
	}
	assert.NoError(t, checkTeX(wrap("a &= \\bigl(b \\\\\n&\\quad {}+ c\\bigr)")))
	assert.NoError(t, checkTeX(wrap(`W_{\mathrm{a\_b}}^{\mathsf{T}} &= \left(\frac{1}{2}\right)^{2}`)))
	for _, bad := range []string{
		`a &= W_{a}_{b}`, `a &= x^{2}^{3}`, `a &= {`, `a &= }`, `a &= \left(b`, `a &= b\right)`, `a = b`, `a &= b & c`, `a &= \nonsense x`,
		`a &= \mathrm x`, `a &= a # b`, `a &= λ`, `a &= \frac x y`, `a &= x_`, "a &= b\nc &= d", `a &= \left(\mathrm{x\right)}`,
		"a &= \\bigl(b \\\\\nc &= d\\bigr)", `a &= \bigl(b`,
	} {
		assert.Error(t, checkTeX(wrap(bad)), bad)
	}
	assert.Error(t, checkTeX("\\begin{align*}\na &= b\n\\end{align*}\n"), "a block that does not break")
	for _, bad := range []string{`\item[{$a$}] 50%`, `\item[{$a$}] an open $b`, `\item a`, `\item[{$a_{b}_{c}$}] d`, `\item[{$a$}] b_c`} {
		assert.Error(t, checkItem(bad), bad)
	}
	assert.NoError(t, checkItem(`\item[{$\delta_{\mathrm{\$v}}$}] what $z_{v}$ is, 1 a sample`))
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
	golden.Check(t, "names.txt", x.String())
	golden.Check(t, "names.tex", x.LaTeX())
	golden.Check(t, "names.dot", x.DOT())
	assert.NoError(t, checkTeX(x.LaTeX()))
}
