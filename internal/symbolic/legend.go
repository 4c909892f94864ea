package symbolic

import (
	"fmt"
	"slices"
	"strings"

	"github.com/quivernet/quivernet/internal/formula"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/quiver"
)

// entry explains a symbol: words are strings and formulas by turns.
type entry struct {
	symbol *formula.Formula
	words  []any
}

// legend explains the symbols in the lines, in the order of the computation: values, then the loss, then
// gradients, then operations. Symbols that differ in their vertex alone, as δ[h1] and δ[h2], are explained
// once, as δ[v].
func (x *Expr) legend(lines []equation) []entry {
	s := &symbols{has: make(map[string]*formula.Formula), of: make(map[string][]string), seen: make(map[[2]string]bool)}
	for _, l := range lines {
		s.add(l.left)
		s.add(l.right)
	}
	list := x.valueEntries(s)
	list = append(list, x.lossEntries(s)...)
	for _, m := range meanings {
		if m.of == nil {
			continue
		}
		if i := slices.IndexFunc(m.heads, func(h string) bool { return s.has[h] != nil }); i >= 0 {
			list = append(list, entry{m.symbol(s.has[m.heads[i]]), m.of})
		}
	}
	for _, f := range []struct{ head, text string }{
		{"function", "functions of numbers, taken entry by entry; a prime is a derivative"},
		{"rowfunction", "functions of a row, one number each"},
		{"foreign", "operations of Gorgonia, of a custom loss"},
	} {
		if names := s.of[f.head]; len(names) > 0 {
			list = append(list, entry{several(names), []any{f.text}})
		}
	}
	return list
}

// symbols are those of some formulas: an instance of each head, and the vertices and arrows with which it stands.
type symbols struct {
	has map[string]*formula.Formula
	of  map[string][]string

	seen map[[2]string]bool
}

func (s *symbols) add(f *formula.Formula) {
	head := f.Head
	switch f.Kind {
	case formula.KindHadamard:
		head = "∘"
	case formula.KindInner:
		head = "⟨⟩"
	case formula.KindNorm:
		head = "|·|"
	case formula.KindTranspose:
		head = "ᵀ"
	}
	if head != "" {
		if s.has[head] == nil {
			s.has[head] = f
		}
		if k := [2]string{head, f.Index}; !s.seen[k] {
			s.seen[k] = true
			s.of[head] = append(s.of[head], f.Index)
		}
	}
	for _, a := range f.Args {
		s.add(a)
	}
}

// meaning explains the symbols with some heads.
type meaning struct {
	heads  []string
	symbol func(instance *formula.Formula) *formula.Formula
	of     []any
}

// at writes a symbol for any vertex v, and for any arrow a.
func at(letter, tex, index string) func(*formula.Formula) *formula.Formula {
	return func(*formula.Formula) *formula.Formula {
		return formula.Symbol(letter+"["+index+"]", formula.TexIndex(tex, index))
	}
}

func as(f *formula.Formula) func(*formula.Formula) *formula.Formula {
	return func(*formula.Formula) *formula.Formula { return f }
}

// Symbols that stand for themselves in the legend.
var (
	anyA, anyB = formula.Symbol("a", "a"), formula.Symbol("b", "b")
	anyG, anyS = formula.Symbol("g", "g"), formula.Symbol("s", "s")
	anyZ       = formula.Symbol("z", "z")
	lossOf     = func(letter, index string) *formula.Formula {
		return lossIn(formula.Symbol(letter+"["+index+"]", letter+"_{"+formula.TexName(index)+"}"))
	}
)

// meanings lists what does not need to know the network.
var meanings = slices.Concat([]meaning{
	{[]string{"δ"}, at("δ", `\delta`, "v"), []any{lossOf("z", "v"), ", the gradient of the loss at what arrives at vertex v, one sample a row"}},
	{[]string{"δ′"}, at("δ′", `\delta^{\prime}`, "v"), []any{"what δ[v] is to the loss, for the second derivatives"}},
	{[]string{"Dρ"}, at("Dρ", `D\rho`, "v"), []any{"the Jacobian matrix of the activation of vertex v; ",
		formula.Apply(formula.Transpose(formula.Call("Dρ[v]", formula.TexIndex(`D\rho`, "v"), anyZ)), anyG), " sends the gradient g back through it, sample by sample"}},
	{[]string{"Dₚρ"}, at("Dₚρ", `D_{p}\rho`, "v"), []any{"the Jacobian matrix of the activation of vertex v in its parameters p[v]"}},
	{[]string{"D²ρ"}, at("D²ρ", `D^{2}\rho`, "v"), []any{"the second derivative of the activation of vertex v at its first argument, in the directions of the others"}},
	{[]string{"∂²ρ/∂z", "∂²ρ/∂g", "∂²ρ/∂p"}, at("∂²ρ/∂z", `\partial_{z}D\rho`, "v"), []any{"a second derivative of the activation of vertex v: in what arrives (z), in the gradient that arrives (g) or in its parameters (p)"}},
	{[]string{"λ"}, at("λ", `\lambda`, "v"), []any{"the factor by which the activation of vertex v scales a sample, a function of its norm: ", formula.Symbol("ρ(z) = λ(|z|)·z", `\rho(z)=\lambda(\left|z\right|)\cdot z`)}},
	{[]string{"λ₁", "λ₂", "λ₃"}, at("λ₁", `\lambda_{1}`, "v"), []any{"the derivative of λ[v] divided by the norm; λ₂, λ₃ are made of it in the same way"}},
	{[]string{"λ′"}, at("λ′", `\lambda^{\prime}`, "v"), []any{"the derivative of λ[v] in the norm"}},
	{[]string{"σ", "σ′", "σ″", "σ′′"}, at("σ", `\sigma`, "v"), []any{"the function that the activation of vertex v applies to each number; a prime is a derivative"}},
	{[]string{"V"}, at("V", "V", "a"), []any{"the direction of the second derivative in the matrix of arrow a"}},
	{[]string{"q"}, at("q", "q", "v"), []any{"the direction of the second derivative in the parameters of vertex v"}},
	{[]string{"H"}, at("H", "H", "k"), []any{"row k of the matrix of second derivatives"}},
	{[]string{"E"}, as(formula.Symbol("E[i,j]", "E_{i,j}")), []any{"the matrix whose entry (i, j) is 1 and whose others are 0"}},
	{[]string{"B"}, at("B", "B", "v"), []any{"orthonormal columns, a basis of the subspace to which the activation of vertex v is restricted"}},
	{[]string{"u"}, as(formula.Symbol("u1, u2, …", `u_{1},\,u_{2},\,\ldots `)), []any{"values that stand in several formulas"}},
	{[]string{"seed"}, as(formula.Symbol("1", "1")), []any{"the derivative of the loss in itself"}},
	{[]string{"ones"}, as(formula.Ones()), []any{"a column of ones, one a sample, or a row of them"}},
	{[]string{"diag"}, as(formula.Call("diag", `\operatorname{diag}`, anyS)), []any{"the diagonal matrix of s: ", formula.Product(formula.Call("diag", `\operatorname{diag}`, anyS), anyA), " multiplies row i of a by the number i of s"}},
	{[]string{"rows"}, as(formula.Call("rows", `\operatorname{rows}`, formula.Inner(anyA, anyB))), []any{"the inner products of the rows of a with those of b"}},
	{[]string{"⟨⟩"}, as(formula.Inner(anyA, anyB)), []any{"the inner product"}},
	{[]string{"|·|"}, as(formula.Norm(anyZ)), []any{"the norm of each row"}},
	{[]string{"∘"}, as(formula.Hadamard(anyA, anyB)), []any{"the product entry by entry"}},
	{[]string{"Σ"}, as(formula.Call("Σ", `\operatorname{\Sigma}`, anyA)), []any{"the sum over the samples"}},
	{[]string{"Dsoftmax"}, as(formula.Call("Dsoftmax", `D\operatorname{softmax}`, anyA)), []any{"the Jacobian matrix of softmax at a, which is symmetric; ", formula.Product(formula.Transpose(formula.Call("Dsoftmax", `D\operatorname{softmax}`, anyA)), formula.Symbol("g", "g")), " sends the gradient g back through it, sample by sample"}},
	{[]string{"softmax"}, as(formula.Call("softmax", `\operatorname{softmax}`, anyA)), []any{"the exponentials of each row, divided by their sum"}},
}, sums(), []meaning{
	{[]string{"col"}, as(formula.Call("colk", `\operatorname{col}_{k}`, anyA)), []any{"column k of a; with two numbers, the columns from the first to the second"}},
	{[]string{"join"}, as(formula.Call("join", `\operatorname{join}`, anyA, anyB)), []any{"a and b side by side"}},
	{[]string{"stack"}, as(formula.Call("stack", `\operatorname{stack}`, anyA, anyB)), []any{"a and b below one another"}},
	{[]string{"vec"}, as(formula.Call("vec", `\operatorname{vec}`, anyA)), []any{"the entries of a as one row"}},
	{[]string{"ᵀ"}, as(formula.Transpose(anyA)), []any{"the transposed matrix"}},
})

// sums explains the sums of the losses of the library, in the order of their symbols.
func sums() (list []meaning) {
	for _, s := range model.Stages() {
		if s.Symbol != "" {
			list = append(list, meaning{[]string{s.Symbol}, as(formula.Call(s.Symbol, texOperator(s.Symbol), formula.Symbol("y", "y"), formula.Symbol("t", "t"))), []any{s.Words}})
		}
	}
	slices.SortFunc(list, func(a, b meaning) int { return strings.Compare(a.heads[0], b.heads[0]) })
	return list
}

// valueEntries explains inputs, vertices, matrices and parameters.
func (x *Expr) valueEntries(s *symbols) (list []entry) {
	var inputs, biases, others []string
	for _, name := range s.of["vertex"] {
		switch x.p.model.Vertices[x.indexOf(name)].Kind {
		case quiver.KindInput:
			inputs = append(inputs, name)
		case quiver.KindBias:
			biases = append(biases, name)
		default:
			others = append(others, name)
		}
	}
	add := func(f *formula.Formula, words ...any) { list = append(list, entry{f, words}) }
	if len(inputs) > 0 {
		var dims []string
		for _, name := range inputs {
			dims = append(dims, fmt.Sprint(x.p.model.Vertices[x.indexOf(name)].Dim))
		}
		add(several(inputs), "data, one sample a row, "+strings.Join(dims, ", ")+" numbers each")
	}
	if len(biases) > 0 {
		add(several(biases), "the bias: the number 1 for each sample")
	}
	if len(others) > 0 {
		inTopology(x.p.model, others)
		add(several(others), "the value of a vertex, one sample a row")
	}
	if s.has["z"] != nil {
		add(at("z", "z", "v")(nil), "what arrives at vertex v: the sum over its arrows, before its activation")
	}
	if s.has["ρ"] != nil || s.has["Dρ"] != nil {
		add(at("ρ", `\rho`, "v")(nil), x.activations(s)...)
	}
	for _, m := range []struct{ head, text string }{
		{"W", "the matrix of arrow s→t, or of a named arrow, dimension of t × dimension of s; tied arrows share one"},
		{"F", "the fixed matrix of arrow s→t"},
		{"I", "a fixed identity or inclusion of coordinates, the matrix of arrow s→t"},
	} {
		if s.has[m.head] != nil {
			add(at(m.head, m.head, "s→t")(nil), m.text)
		}
	}
	if s.has["p"] != nil {
		add(at("p", "p", "v")(nil), "the trainable parameters of the activation of vertex v")
	}
	return list
}

// activations names the activation of each vertex that is met.
func (x *Expr) activations(s *symbols) []any {
	words := []any{"the activation of vertex v"}
	var vertices, acts []string
	for _, head := range []string{"ρ", "Dρ"} {
		for _, name := range s.of[head] {
			if !slices.Contains(vertices, name) {
				vertices = append(vertices, name)
			}
		}
	}
	inTopology(x.p.model, vertices)
	of := make(map[string][]string)
	for _, name := range vertices {
		act := x.p.model.Vertices[x.indexOf(name)].Act.String()
		if of[act] == nil {
			acts = append(acts, act)
		}
		of[act] = append(of[act], name)
	}
	for i, act := range acts {
		sign := "; "
		if i == 0 {
			sign = ": "
		}
		words = append(words, sign, formula.Symbol(act, formula.TexName(act)))
		if len(acts) > 1 {
			words = append(words, " at ", several(of[act]))
		}
	}
	return words
}

// lossEntries explains targets, weights and residuals, loss by loss.
func (x *Expr) lossEntries(s *symbols) (list []entry) {
	add := func(f *formula.Formula, words ...any) { list = append(list, entry{f, words}) }
	for i, l := range x.p.model.Losses {
		k, d := fmt.Sprint(i+1), x.p.model.Vertices[x.p.model.LossAt[i]].Dim
		name := fmt.Sprintf("loss %s (%s)", k, l.Loss.Name)
		if slices.Contains(s.of["t"], k) {
			add(formula.Numbered("t", k, l.Output), "the targets of "+name+" at output ", formula.Vertex(l.Output), ", one sample a row")
		}
		if slices.Contains(s.of["c"], k) {
			what := fmt.Sprintf("the factor of %s: its weight %g", name, l.Weight)
			switch {
			case l.Loss.Share(2, 3) == 1.0/6 && d > 1:
				what += fmt.Sprintf(", divided by the n·%d numbers of the n samples", d)
			case l.Loss.Share(2, 3) < 1:
				what += ", divided by the number n of samples"
			}
			add(formula.Numbered("c", k, l.Output), what)
		}
	}
	if s.has["r"] != nil {
		for _, name := range s.of["r"] {
			add(formula.Indexed("r", "r", name), "the residual at output ", formula.Vertex(name), ": its value minus the target")
		}
	}
	if s.has["L"] != nil || s.has["∂L"] != nil || s.has["∂²L"] != nil || s.has["Hessian"] != nil || s.has["δ"] != nil {
		add(formula.Loss(), "the loss")
	}
	return list
}

// several writes a few names, or the first and the last of many.
func several(names []string) *formula.Formula {
	const many = 6
	var text, tex []string
	for i, name := range names {
		if len(names) > many && i == 2 {
			text, tex = append(text, "…"), append(tex, `\ldots `)
		}
		if len(names) <= many || i < 2 || i == len(names)-1 {
			text, tex = append(text, name), append(tex, formula.TexName(name))
		}
	}
	return formula.Symbol(strings.Join(text, ", "), strings.Join(tex, `,\,`))
}

// indexOf returns the position of a vertex that is known to exist.
func (x *Expr) indexOf(name string) int {
	v, _ := x.p.model.Quiver.VertexIndex(name)
	return v
}

// inTopology sorts names of vertices along the quiver.
func inTopology(p *model.Model, names []string) {
	slices.SortFunc(names, func(a, b string) int {
		i, _ := p.Quiver.VertexIndex(a)
		j, _ := p.Quiver.VertexIndex(b)
		return i - j
	})
}
