package quiver

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/quivernet/quivernet/internal/jsontext"
)

// maxJSON bounds how much DecodeJSON reads; tests lower it.
var maxJSON = 1 << 30

// DecodeJSON reads what MarshalJSON writes. parse turns the string of an activation into
// the activation, as layers.Parse does; "restrict(inner,#hash)" is offered to parse
// first and else made of inner and the basis in the text.
//
// It takes nothing that two readers could understand differently: a key that is unknown, in
// another case or there twice, a missing one (but for name, act, tied and fixed, which MarshalJSON
// leaves out where they say nothing, and bases), a null or a number with a fraction where a
// whole one should be is an error. Memory and time are proportional to the length of the text
// and what parse takes. Errors: SyntaxError for the text, those of New for the quiver it describes.
func DecodeJSON(r io.Reader, parse func(string) (Activation, error)) (*Quiver, error) {
	if isNil(r) {
		return nil, &SyntaxError{"reading", "the reader is nil", nil}
	}
	text, err := readAll(r)
	if err != nil {
		return nil, &SyntaxError{"reading", "failed", err}
	}
	if len(text) > maxJSON {
		return nil, &SyntaxError{"reading", fmt.Sprintf("more than %d bytes", maxJSON), nil}
	}
	j, err := jsontext.NewReader(text)
	if err != nil {
		return nil, syntaxError("", err)
	}
	d := &decoder{Reader: j, parse: parse, acts: make(map[string]Activation), bases: make(map[string]*basis)}
	if err := d.quiver(); err != nil {
		return nil, err
	}
	return New(d.parts...)
}

// readAll reads all there is, or a little more than maxJSON. A reader that knows how much it
// has left is read into memory of that length.
func readAll(r io.Reader) ([]byte, error) {
	if l, ok := r.(interface{ Len() int }); ok {
		text := make([]byte, max(0, min(l.Len(), maxJSON+1)))
		n, err := io.ReadFull(r, text)
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			err = nil
		}
		return text[:n], err
	}
	return io.ReadAll(io.LimitReader(r, int64(maxJSON)+1))
}

// decoder makes parts of a text. Activations are made last, when all bases are known.
type decoder struct {
	*jsontext.Reader
	parse    func(string) (Activation, error)
	vertices []Part
	arrows   []Part
	parts    []Part
	named    []string // the strings of the activations of the vertices
	acts     map[string]Activation
	bases    map[string]*basis // of restrictions, by hash
}

// syntaxError gives an error of the reader its place.
func syntaxError(where string, err error) error {
	if e := (*jsontext.Error)(nil); errors.As(err, &e) {
		if where != "" {
			where += ", "
		}
		return &SyntaxError{where + fmt.Sprintf("offset %d", e.Offset), e.Reason, nil}
	}
	return err
}

// fields is Fields for an object that must have the first n of the keys.
func (d *decoder) fields(n int, keys []string, value func(i int) error) error {
	present, err := d.Fields(keys, value)
	if err != nil {
		return err
	}
	for i := range n {
		if present>>i&1 == 0 {
			return d.Fail("%q is missing in the object that ends here", keys[i])
		}
	}
	return nil
}

// place names a vertex or arrow of the text, as far as it is known.
func place(what string, i int, name string) string {
	if name == "" {
		return fmt.Sprintf("%s %d", what, i)
	}
	return fmt.Sprintf("%s %d %q", what, i, short(name))
}

var (
	quiverKeys = []string{"format", "vertices", "arrows", "bases"}
	vertexKeys = []string{"name", "kind", "dim", "act"}
	arrowKeys  = []string{"from", "to", "name", "tied", "fixed"}
	fixedKeys  = []string{"inclusion", "dense"}
	matrixKeys = []string{"rows", "cols", "data"}
)

func (d *decoder) quiver() error {
	var format string
	err := d.fields(3, quiverKeys, func(i int) (err error) {
		switch i {
		case 0:
			if format, err = d.String(); err == nil && format != Format {
				return &SyntaxError{"format", fmt.Sprintf("is %q, want %q", short(format), Format), nil}
			}
			return err
		case 1:
			return d.List(d.vertex)
		case 2:
			return d.List(d.arrow)
		}
		return d.Entries(d.basis)
	})
	if err != nil {
		return syntaxError("", err)
	}
	for i, p := range d.vertices {
		if d.named[i] == "" {
			continue
		}
		v := p.(vertexPart)
		if v.Act, err = d.activation(d.named[i], 0); err != nil {
			return &SyntaxError{place("vertex", i, v.Name), fmt.Sprintf("activation %q", short(d.named[i])), err}
		}
		d.vertices[i] = v
	}
	d.parts = append(d.vertices, d.arrows...)
	return nil
}

func (d *decoder) vertex(i int) error {
	var v vertexPart
	var act string
	err := d.fields(3, vertexKeys, func(k int) (err error) {
		switch k {
		case 0:
			v.Name, err = d.String()
		case 1:
			v.Kind, err = d.kind()
		case 2:
			v.Dim, err = d.int()
		default:
			switch act, err = d.String(); {
			case err != nil:
			case act == "":
				err = d.Fail("an activation without a name; leave it out at inputs and biases")
			case len(act) > 1<<16:
				err = d.Fail("the activation's name is longer than 65536 bytes")
			case d.parse == nil:
				err = d.Fail("no parser for activations; pass layers.Parse")
			}
		}
		return err
	})
	if err != nil {
		return syntaxError(place("vertex", i, v.Name), err)
	}
	if r := checkName(v.Name); r != "" {
		return &NameError{"vertex", short(v.Name), r}
	}
	d.vertices, d.named = append(d.vertices, v), append(d.named, act)
	return nil
}

func (d *decoder) kind() (Kind, error) {
	s, err := d.String()
	if err != nil {
		return 0, err
	}
	for k := KindInput; k <= KindOutput; k++ {
		if k.String() == s {
			return k, nil
		}
	}
	return 0, d.Fail("kind is %q, want input, bias, hidden or output", short(s))
}

func (d *decoder) int() (int, error) {
	x, err := d.Int()
	if err == nil && (x > math.MaxInt32 || x < math.MinInt32) {
		return 0, d.Fail("a size of %d; want at most %d", x, math.MaxInt32)
	}
	return int(x), err
}

func (d *decoder) arrow(i int) error {
	var a arrowPart
	err := d.fields(2, arrowKeys, func(k int) (err error) {
		switch k {
		case 0:
			a.from, err = d.String()
		case 1:
			a.to, err = d.String()
		case 2:
			a.name, err = d.String()
		case 3:
			a.tied, err = d.String()
		default:
			a.frozen = true
			err = d.fixed(&a)
		}
		return err
	})
	if a.name == "" && a.from != "" && a.to != "" {
		a.name = a.from + "->" + a.to
	}
	if err != nil {
		return syntaxError(place("arrow", i, a.name), err)
	}
	d.arrows = append(d.arrows, a)
	return nil
}

func (d *decoder) fixed(a *arrowPart) error {
	present, err := d.Fields(fixedKeys, func(k int) error {
		if k == 0 {
			x, err := d.Ints(5)
			if err != nil {
				return err
			}
			if len(x) != 5 {
				return d.Fail("an inclusion of %d numbers; want rows, cols, row, col and the number of ones", len(x))
			}
			for _, n := range x {
				if n < 0 || n > math.MaxInt32 {
					return d.Fail("a size of %d in an inclusion; want 0 … %d", n, math.MaxInt32)
				}
			}
			a.fixed = Inclusion{int(x[0]), int(x[1]), int(x[2]), int(x[3]), int(x[4])}
			return nil
		}
		m, err := d.matrix()
		a.fixed = m
		return err
	})
	if err == nil && present != 1 && present != 2 {
		err = d.Fail("a fixed matrix is either an inclusion or dense")
	}
	return err
}

// matrix reads rows, cols and as many numbers.
func (d *decoder) matrix() (*constant, error) {
	m := &constant{}
	present, err := d.Fields(matrixKeys, func(k int) (err error) {
		switch k {
		case 0:
			m.r, err = d.int()
		case 1:
			m.c, err = d.int()
		default:
			m.data, err = d.Floats()
		}
		return err
	})
	if err == nil && (present != 7 || m.r < 0 || m.c < 0 || int64(m.r)*int64(m.c) != int64(len(m.data))) {
		err = d.Fail("%d numbers for a %d×%d matrix; want rows, cols and rows·cols numbers", len(m.data), m.r, m.c)
	}
	return m, err
}

// basis reads the basis of a restriction.
func (d *decoder) basis(hash string) error {
	where := fmt.Sprintf("basis #%s", short(hash))
	if d.bases[hash] != nil {
		return syntaxError(where, d.Fail("stands there twice"))
	}
	m, err := d.matrix()
	if err != nil {
		return syntaxError(where, err)
	}
	b := newBasis(m.r, m.c, m.data)
	if err := b.orthonormal(); err != nil {
		return &SyntaxError{where, "is not one", err}
	}
	if b.hash != hash {
		return &SyntaxError{where, "has another hash; the text was changed", nil}
	}
	d.bases[hash] = b
	return nil
}

// activation parses s, or makes it of a restriction's inner activation and basis; each once.
func (d *decoder) activation(s string, depth int) (Activation, error) {
	if s == Identity.String() {
		return Identity, nil
	}
	if a := d.acts[s]; a != nil {
		return a, nil
	}
	a, err := d.parse(s)
	if err == nil && isNil(a) {
		return nil, errors.New("the parser returned nothing")
	}
	if inner, hash, ok := cutRestriction(s); err != nil && ok && depth <= 16 {
		b := d.bases[hash]
		if b == nil {
			return nil, fmt.Errorf("no basis #%s in the text", short(hash))
		}
		in, err := d.activation(inner, depth+1)
		if err != nil {
			return nil, err
		}
		if _, nested := in.(Restriction); nested && b.k > 0 { // no text that this package writes: their bases are multiplied
			return nil, fmt.Errorf("a restriction to #%s of a restriction; want one, to the product of their bases", short(hash))
		}
		r, ok := b.around(in).(Restriction)
		if !ok || r.Hash() != hash {
			return nil, fmt.Errorf("basis #%s makes another activation of %s; the text was changed", short(hash), short(inner))
		}
		d.acts[s] = r
		return r, nil
	}
	if err == nil {
		d.acts[s] = a
	}
	return a, err
}

// cutRestriction cuts "restrict(inner,#hash)".
func cutRestriction(s string) (inner, hash string, ok bool) {
	s, ok = strings.CutPrefix(s, "restrict(")
	if !ok || !strings.HasSuffix(s, ")") {
		return "", "", false
	}
	i := strings.LastIndex(s, ",#")
	if i < 0 {
		return "", "", false
	}
	return s[:i], s[i+2 : len(s)-1], true
}
