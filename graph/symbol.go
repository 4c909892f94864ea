package graph

import "strings"

// indexed is a symbol such as W[x→h1].
func indexed(letter, tex, index string) *formula {
	return symbolOf(letter+"["+index+"]", texIndex(tex, index)).means(letter, index)
}

// vertexSymbol is the value of a vertex.
func vertexSymbol(name string) *formula { return symbolOf(name, texName(name)).means("vertex", name) }

func lossSymbol() *formula { return symbolOf("L", "L").means("L", "") }

// ones is a column or a row of ones.
func ones() *formula { return symbolOf("1", `\mathbf{1}`).means("ones", "") }

// texIndex adds an index, to the number below the line where there is one.
func texIndex(tex, index string) string {
	if i := strings.LastIndex(tex, "_"); i >= 0 && !strings.Contains(tex[i:], `\`) {
		return tex[:i] + "_{" + strings.Trim(tex[i+1:], "{}") + `,\,` + texName(index) + "}"
	}
	return tex + "_{" + texName(index) + "}"
}

func numbered(letter, k, index string) *formula {
	return symbolOf(letter+k+"["+index+"]", letter+"_{"+k+",\\,"+texName(index)+"}").means(letter, k)
}

// primed is the symbol of a second value of that name: δ′[h1].
func primed(s *formula) *formula {
	i := strings.Index(s.text+"[", "[")
	return symbolOf(s.text[:i]+"′"+s.text[i:], s.tex+`^{\prime}`).means(s.head+"′", s.index)
}
