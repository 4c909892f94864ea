package quiver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// Format names the JSON form of a quiver, version included.
const Format = "quivernet.quiver/1"

// maxJSON bounds how much DecodeJSON reads.
const maxJSON = 1 << 30

// SyntaxError reports a text that is not the JSON form of a quiver.
type SyntaxError struct {
	Where  string // `vertex 3`, `arrow "x->h"`, `offset 17`, …
	Reason string
	Err    error // the cause, may be nil
}

func (e *SyntaxError) Error() string {
	s := fmt.Sprintf("quiver: JSON, %s: %s", e.Where, e.Reason)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *SyntaxError) Unwrap() error { return e.Err }

type jsonQuiver struct {
	Format   string                `json:"format"`
	Vertices []jsonVertex          `json:"vertices"`
	Arrows   []jsonArrow           `json:"arrows"`
	Bases    map[string]jsonMatrix `json:"bases,omitempty"` // of restrictions, by hash
}

type jsonVertex struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
	Dim  int    `json:"dim"`
	Act  string `json:"act,omitempty"`
}

type jsonArrow struct {
	Name  string     `json:"name,omitempty"` // where it is not from->to
	From  string     `json:"from"`
	To    string     `json:"to"`
	Tied  string     `json:"tied,omitempty"`
	Fixed *jsonFixed `json:"fixed,omitempty"`
}

type jsonFixed struct {
	Inclusion *[5]int     `json:"inclusion,omitempty"` // rows, cols, row, col, k
	Dense     *jsonMatrix `json:"dense,omitempty"`
}

type jsonMatrix struct {
	Rows int       `json:"rows"`
	Cols int       `json:"cols"`
	Data []float64 `json:"data"` // row-major
}

func toJSON(m mat.Matrix) jsonMatrix {
	j := jsonMatrix{Data: []float64{}}
	if j.Rows, j.Cols = m.Dims(); j.Rows*j.Cols > 0 {
		j.Data = dense(m).RawMatrix().Data
	}
	return j
}

func (j *jsonMatrix) dense() (*mat.Dense, error) {
	if j.Rows < 0 || j.Cols < 0 || j.Rows > 0 && j.Cols > len(j.Data)/j.Rows || j.Rows*j.Cols != len(j.Data) {
		return nil, fmt.Errorf("%d numbers for a %d×%d matrix", len(j.Data), j.Rows, j.Cols)
	}
	if len(j.Data) == 0 {
		return &mat.Dense{}, nil
	}
	return mat.NewDense(j.Rows, j.Cols, j.Data), nil
}

// MarshalJSON writes the quiver with its activations as strings, its initial fixed matrices
// and the bases of restrictions, numbers to the last bit.
func (q *Quiver) MarshalJSON() ([]byte, error) {
	j := jsonQuiver{Format: Format, Vertices: []jsonVertex{}, Arrows: []jsonArrow{}}
	for _, p := range q.parts {
		switch p := p.(type) {
		case vertexPart:
			v := jsonVertex{Name: p.Name, Kind: p.Kind.String(), Dim: p.Dim}
			if p.Act != nil {
				v.Act = p.Act.String()
			}
			for r, ok := p.Act.(Restriction); ok; r, ok = r.Inner().(Restriction) {
				if j.Bases == nil {
					j.Bases = make(map[string]jsonMatrix)
				}
				j.Bases[r.Hash()] = toJSON(r.Basis())
			}
			j.Vertices = append(j.Vertices, v)
		case arrowPart:
			a := jsonArrow{Name: p.name, From: p.from, To: p.to, Tied: p.tied}
			if p.name == p.from+"->"+p.to {
				a.Name = ""
			}
			if in, ok := p.fixed.(Inclusion); ok {
				a.Fixed = &jsonFixed{Inclusion: &[5]int{in.Rows, in.Cols, in.Row, in.Col, in.K}}
			} else if p.frozen {
				m := toJSON(p.fixed)
				a.Fixed = &jsonFixed{Dense: &m}
			}
			j.Arrows = append(j.Arrows, a)
		}
	}
	return json.Marshal(j)
}

// DecodeJSON reads what MarshalJSON writes. parse turns the string of an activation into
// the activation, as layers.Parse does; "restrict(inner,#hash)" is offered to parse
// first and else made of inner and the basis in the text. Unknown fields are errors.
// Errors: SyntaxError for the text, those of New for the quiver it describes.
func DecodeJSON(r io.Reader, parse func(string) (Activation, error)) (*Quiver, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxJSON+1))
	if err != nil {
		return nil, &SyntaxError{"reading", "failed", err}
	}
	if len(text) > maxJSON {
		return nil, &SyntaxError{"reading", fmt.Sprintf("more than %d bytes", maxJSON), nil}
	}
	var j jsonQuiver
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&j); err != nil {
		return nil, &SyntaxError{fmt.Sprintf("offset %d", d.InputOffset()), "not a quiver", err}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, &SyntaxError{fmt.Sprintf("offset %d", d.InputOffset()), "text after the end of the quiver", nil}
	}
	if j.Format != Format {
		return nil, &SyntaxError{"format", fmt.Sprintf("is %q, want %q", short(j.Format), Format), nil}
	}
	var parts []Part
	for i, v := range j.Vertices {
		p, err := v.part(i, &j, parse)
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	for i, a := range j.Arrows {
		p, err := a.part(i)
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	return New(parts...)
}

func (v jsonVertex) part(i int, j *jsonQuiver, parse func(string) (Activation, error)) (Part, error) {
	where := fmt.Sprintf("vertex %d %q", i, short(v.Name))
	p := vertexPart{Vertex{Name: v.Name, Dim: v.Dim}}
	for k := KindInput; k <= KindOutput; k++ {
		if k.String() == v.Kind {
			p.Kind = k
		}
	}
	if p.Kind.String() != v.Kind {
		return nil, &SyntaxError{where, fmt.Sprintf("kind is %q, want input, bias, hidden or output", short(v.Kind)), nil}
	}
	if v.Act == "" {
		return p, nil
	}
	if len(v.Act) > 1<<16 {
		return nil, &SyntaxError{where, "the activation's name is longer than 65536 bytes", nil}
	}
	if parse == nil {
		return nil, &SyntaxError{where, "no parser for activations; pass layers.Parse", nil}
	}
	var err error
	if p.Act, err = j.activation(v.Act, parse, 0); err != nil {
		return nil, &SyntaxError{where, fmt.Sprintf("activation %q", short(v.Act)), err}
	}
	return p, nil
}

// activation parses s, or makes it of a restriction's inner activation and basis.
func (j *jsonQuiver) activation(s string, parse func(string) (Activation, error), depth int) (Activation, error) {
	if s == Identity.String() {
		return Identity, nil
	}
	a, err := parse(s)
	if err == nil && isNil(a) {
		return nil, errors.New("the parser returned nothing")
	}
	inner, hash, ok := cutRestriction(s)
	if err == nil || !ok || depth > 16 {
		return a, err
	}
	m, ok := j.Bases[hash]
	if !ok {
		return nil, fmt.Errorf("no basis #%s in the text", short(hash))
	}
	b, err := m.dense()
	if err != nil {
		return nil, fmt.Errorf("basis #%s: %w", short(hash), err)
	}
	if err := orthonormal(b); err != nil {
		return nil, fmt.Errorf("basis #%s: %w", short(hash), err)
	}
	in, err := j.activation(inner, parse, depth+1)
	if err != nil {
		return nil, err
	}
	r := Restricted(in, b)
	if got, ok := r.(Restriction); !ok || got.Hash() != hash {
		return nil, fmt.Errorf("basis #%s has another hash; the text was changed", short(hash))
	}
	return r, nil
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

// orthonormal checks that a basis is one, to 1e-8.
func orthonormal(b *mat.Dense) error {
	if b.IsEmpty() {
		return nil
	}
	n, k := b.Dims()
	if k > n {
		return fmt.Errorf("%d columns in dimension %d", k, n)
	}
	var g mat.Dense
	g.Mul(b.T(), b)
	for i := range k {
		for j := range k {
			want := 0.0
			if i == j {
				want = 1
			}
			if d := g.At(i, j) - want; !(d < 1e-8 && d > -1e-8) {
				return fmt.Errorf("columns %d and %d are not orthonormal", i, j)
			}
		}
	}
	return nil
}

func (a jsonArrow) part(i int) (Part, error) {
	p := arrowPart{name: a.Name, from: a.From, to: a.To, tied: a.Tied}
	if p.name == "" {
		p.name = a.From + "->" + a.To
	}
	if a.Fixed == nil {
		return p, nil
	}
	where := fmt.Sprintf("arrow %d %q", i, short(p.name))
	p.frozen = true
	switch {
	case (a.Fixed.Inclusion == nil) == (a.Fixed.Dense == nil):
		return nil, &SyntaxError{where, "a fixed matrix is either an inclusion or dense", nil}
	case a.Fixed.Inclusion != nil:
		in := a.Fixed.Inclusion
		p.fixed = Inclusion{in[0], in[1], in[2], in[3], in[4]}
	default:
		m, err := a.Fixed.Dense.dense()
		if err != nil {
			return nil, &SyntaxError{where, "fixed matrix", err}
		}
		p.fixed = m
	}
	return p, nil
}

// short cuts a text from a file to what an error can show.
func short(s string) string {
	if len(s) > 64 {
		return s[:64] + "…"
	}
	return s
}
