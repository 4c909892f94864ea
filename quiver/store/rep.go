package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Tensors that are not arrows have a blank in their names, which no arrow can have.
func paramsName(vertex string) string { return "params " + vertex }
func basisName(hash string) string    { return "basis #" + hash }

// arrowName is the arrow's own name, but for the one name that no tensor can have.
func arrowName(arrow string) string {
	if arrow == "__metadata__" {
		return "arrow " + arrow
	}
	return arrow
}

// restrictionHash finds the bases that an activation's string refers to.
var restrictionHash = regexp.MustCompile(`,#([0-9a-f]+)\)`)

// pack turns w into tensors, in the order of the slab, and the metadata that explains them.
func pack(w *quiver.Rep, s *settings) (map[string]string, []tensor, error) {
	if err := w.Check(); err != nil {
		return nil, nil, err
	}
	if err := checkMetadata(s.metadata); err != nil {
		return nil, nil, err
	}
	if !s.nonFinite {
		if err := w.CheckFinite(); err != nil {
			return nil, nil, &FormatError{Reason: "will not save weights that are not finite", Next: "use AllowNonFinite to save them all the same", Err: err}
		}
	}
	if err := newProber(int64(len(w.Data()))).all(w.Quiver()); err != nil {
		return nil, nil, err
	}
	var ts []tensor
	for seg, data := range w.Segments() {
		if seg.Arrow != "" {
			ts = append(ts, newTensor(arrowName(seg.Arrow), data, seg.Rows, seg.Cols))
		} else {
			ts = append(ts, newTensor(paramsName(seg.Vertex), data, seg.Cols))
		}
	}
	q := w.Quiver()
	var fixed []string
	for i, a := range q.Arrows() {
		if _, structured := w.Fixed(i).(quiver.Inclusion); a.Fixed && !structured {
			fixed = append(fixed, a.Name)
			ts = append(ts, newTensor(arrowName(a.Name), flat(w.Matrix(i)), a.Rows, a.Cols))
		}
	}
	bases, err := packBases(q)
	if err != nil {
		return nil, nil, err
	}
	text, err := packQuiver(w)
	if err != nil {
		return nil, nil, err
	}
	meta := map[string]string{
		metaVersion: version,
		metaQuiver:  text,
		metaFixed:   strings.Join(fixed, " "),
	}
	for k, v := range s.metadata {
		meta[k] = v
	}
	return meta, append(ts, bases...), nil
}

// packBases collects the bases of all restrictions, each once.
func packBases(q *quiver.Quiver) (ts []tensor, err error) {
	known := make(map[string]bool)
	for _, v := range q.Vertices() {
		if v.Act == nil {
			continue
		}
		act := v.Act
		for r, ok := act.(quiver.Restriction); ok; r, ok = act.(quiver.Restriction) {
			if !known[r.Hash()] {
				known[r.Hash()] = true
				b := r.Basis()
				n, k := b.Dims()
				ts = append(ts, newTensor(basisName(r.Hash()), flat(b), n, k))
			}
			act = r.Inner()
		}
		for _, m := range restrictionHash.FindAllStringSubmatch(v.Act.String(), -1) {
			if !known[m[1]] {
				return nil, bad(fmt.Sprintf("vertex %q", v.Name), "restrict on the outside: quiver.Restricted(activation, basis)", "the activation %s holds a restriction inside another activation, whose basis cannot be reached", short(v.Act.String()))
			}
		}
	}
	return ts, nil
}

// plain hides from the quiver's JSON that an activation has a basis: it is a tensor.
type plain struct{ quiver.Activation }

// packQuiver returns the JSON of w's quiver with w's own fixed matrices, where those
// that are saved as tensors are zero Inclusions. It reads the text back: what is saved can
// be loaded.
func packQuiver(w *quiver.Rep) (string, error) {
	q := w.Quiver()
	at := func(a quiver.Arrow) int { i, _ := q.ArrowIndex(a.Name); return i }
	light, err := q.Derive(func(v quiver.Vertex) quiver.Vertex {
		if _, ok := v.Act.(quiver.Restriction); ok {
			v.Act = plain{v.Act}
		}
		return v
	}, func(a quiver.Arrow, _ mat.Matrix) mat.Matrix {
		if in, ok := w.Fixed(at(a)).(quiver.Inclusion); ok {
			return in
		}
		return quiver.Inclusion{Rows: a.Rows, Cols: a.Cols}
	})
	if err != nil {
		return "", err
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false) // keeps "->" readable
	if err := enc.Encode(light); err != nil {
		return "", &FormatError{At: "quiver", Reason: "has no JSON", Err: err}
	}
	acts := make(map[string]quiver.Activation)
	for _, v := range q.Vertices() {
		if v.Act != nil {
			acts[v.Act.String()] = v.Act
		}
	}
	back, err := quiver.DecodeJSON(bytes.NewReader(text.Bytes()), func(s string) (quiver.Activation, error) {
		if a, ok := acts[s]; ok {
			return a, nil
		}
		return nil, fmt.Errorf("the activation %s does not stand in the quiver", short(s))
	})
	if err != nil {
		return "", &FormatError{At: "quiver", Reason: "its JSON cannot be read back", Next: "look for an activation whose string is not valid UTF-8", Err: err}
	}
	if back.Layout() != q.Layout() || !utf8.Valid(text.Bytes()) {
		return "", bad("quiver", "look for an activation whose string is not valid UTF-8", "its JSON reads back as another quiver")
	}
	return strings.TrimSpace(text.String()), nil
}

// flat returns the entries of m, row-major.
func flat(m mat.Matrix) []float64 {
	r, c := m.Dims()
	if r == 0 || c == 0 {
		return nil
	}
	if d, ok := m.(*mat.Dense); ok && d.RawMatrix().Stride == c {
		return d.RawMatrix().Data[:r*c]
	}
	x := make([]float64, 0, r*c)
	for i := range r {
		for j := range c {
			x = append(x, m.At(i, j))
		}
	}
	return x
}

// dense is the opposite of flat.
func dense(r, c int, x []float64) *mat.Dense {
	if r == 0 || c == 0 {
		return &mat.Dense{}
	}
	return mat.NewDense(r, c, x)
}

// unpack makes a representation of tensors and metadata, each of which it must use.
func unpack(meta map[string]string, ts []tensor, s *settings) (*quiver.Rep, error) {
	u := &unpacker{settings: s, tensors: make(map[string]*tensor, len(ts)), used: make(map[string]bool, len(ts)), bases: make(map[string]around)}
	for i := range ts {
		u.tensors[ts[i].name] = &ts[i]
		u.numbers += int64(len(ts[i].data))
	}
	q, err := u.quiver(meta)
	if err != nil {
		return nil, err
	}
	w, err := u.weights(q)
	if err != nil {
		return nil, err
	}
	for _, t := range ts {
		if !u.used[t.name] {
			return nil, bad(tensorAt(t.name), nextRepack, "belongs to nothing in the quiver")
		}
	}
	for k, v := range meta {
		if s.into != nil && !strings.HasPrefix(k, metaPrefix) {
			s.into[k] = v
		}
	}
	return w, nil
}

func checkVersion(meta map[string]string) error {
	switch v, ok := meta[metaVersion]; {
	case !ok:
		return bad("metadata", nextForeign, "no %s: the file holds tensors, and no quiver that says what they mean", metaVersion)
	case v != version:
		return bad("metadata", "use a newer version of this package", "format version %s, want %s", short(v), version)
	}
	for k := range meta {
		if strings.HasPrefix(k, metaPrefix) && !slices.Contains([]string{metaVersion, metaQuiver, metaFixed, metaSum}, k) {
			return bad("metadata", "use a newer version of this package", "unknown entry %s", short(k))
		}
	}
	return nil
}
