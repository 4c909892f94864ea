package quiver

import (
	"encoding/json"
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// Format names the JSON form of a quiver, version included.
const Format = "quivernet.quiver/1"

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

// MarshalJSON writes the quiver with its activations as strings, its initial fixed matrices
// and the bases of restrictions, numbers to the last bit.
func (q *Quiver) MarshalJSON() ([]byte, error) {
	if q == nil {
		return nil, nilQuiver
	}
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
