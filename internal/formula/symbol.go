package formula

import "strings"

// Indexed is a symbol such as W[x→h1].
func Indexed(letter, tex, index string) *Formula {
	return Symbol(letter+"["+index+"]", TexIndex(tex, index)).Means(letter, index)
}

// Vertex is the value of a vertex.
func Vertex(name string) *Formula { return Symbol(name, TexName(name)).Means("vertex", name) }

// Loss is the loss, L.
func Loss() *Formula { return Symbol("L", "L").Means("L", "") }

// Ones is a column or a row of ones.
func Ones() *Formula { return Symbol("1", `\mathbf{1}`).Means("ones", "") }

// TexIndex adds an index, to the number below the line where there is one.
func TexIndex(tex, index string) string {
	if i := strings.LastIndex(tex, "_"); i >= 0 && !strings.Contains(tex[i:], `\`) {
		return tex[:i] + "_{" + strings.Trim(tex[i+1:], "{}") + `,\,` + TexName(index) + "}"
	}
	return tex + "_{" + TexName(index) + "}"
}

// Numbered is the symbol of the k-th thing of its kind: t1[y].
func Numbered(letter, k, index string) *Formula {
	return Symbol(letter+k+"["+index+"]", letter+"_{"+k+",\\,"+TexName(index)+"}").Means(letter, k)
}

// Primed is the symbol of a second value of that name: δ′[h1].
func Primed(s *Formula) *Formula {
	i := strings.Index(s.Text+"[", "[")
	return Symbol(s.Text[:i]+"′"+s.Text[i:], s.Tex+`^{\prime}`).Means(s.Head+"′", s.Index)
}
