package store

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// dtype is the only element type that is read and written.
const dtype = "F64"

// maxRank bounds the number of sizes in a shape.
const maxRank = 8

// tensor is an entry of the header, with its contents.
type tensor struct {
	name       string
	shape      []int
	begin, end int64 // in bytes, from the end of the header
	data       []float64
}

func newTensor(name string, data []float64, shape ...int) tensor {
	return tensor{name: name, shape: shape, data: data}
}

// encodeHeader lays the tensors one after the other and returns the header's JSON, padded
// with blanks to a multiple of 8 bytes.
func encodeHeader(meta map[string]string, ts []tensor) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // keeps "->" readable
	put := func(x any) error {
		err := enc.Encode(x)
		b.Truncate(b.Len() - 1) // the line break of Encode
		return err
	}
	b.WriteString(`{"__metadata__":`)
	if err := put(meta); err != nil {
		return nil, err
	}
	var at int64
	for i := range ts {
		t := &ts[i]
		t.begin = at
		at += int64(len(t.data)) * 8
		t.end = at
		b.WriteByte(',')
		if err := put(t.name); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := put(struct {
			DType   string   `json:"dtype"`
			Shape   []int    `json:"shape"`
			Offsets [2]int64 `json:"data_offsets"`
		}{dtype, t.shape, [2]int64{t.begin, t.end}}); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	for b.Len()%8 != 0 {
		b.WriteByte(' ')
	}
	return b.Bytes(), nil
}

// decodeHeader reads the header's JSON: metadata, and the tensors in the order of their
// contents, checked to be whole, side by side and without gaps. It accepts nothing
// that two readers could understand differently: no key twice, no number with a
// fraction or an exponent, no unknown field.
func decodeHeader(text []byte) (map[string]string, []tensor, error) {
	if !utf8.Valid(text) {
		return nil, nil, bad("header", nextCopy, "not valid UTF-8")
	}
	p := &headerParser{dec: json.NewDecoder(bytes.NewReader(text)), meta: map[string]string{}}
	p.dec.UseNumber()
	if err := p.object(p.entry); err != nil {
		return nil, nil, err
	}
	if rest := bytes.TrimRight(text[p.dec.InputOffset():], " "); len(rest) > 0 {
		return nil, nil, bad("header", nextCopy, "%d bytes follow the closing }", len(rest))
	}
	if err := contiguous(p.tensors); err != nil {
		return nil, nil, err
	}
	return p.meta, p.tensors, nil
}

// headerParser goes through the header token by token, so that depth costs nothing: what
// is deeper than a header can be is refused where it begins.
type headerParser struct {
	dec     *json.Decoder
	meta    map[string]string
	tensors []tensor
}

func (p *headerParser) token() (json.Token, error) {
	t, err := p.dec.Token()
	if err != nil {
		return nil, &FormatError{At: "header", Reason: "not valid JSON", Next: nextCopy, Err: err}
	}
	return t, nil
}

// object reads { key: …, … } and calls value for each key.
func (p *headerParser) object(value func(key string) error) error {
	t, err := p.token()
	if err != nil {
		return err
	}
	if t != json.Delim('{') {
		return bad("header", nextCopy, "%s where an object should be", describe(t))
	}
	seen := make(map[string]bool)
	for {
		t, err := p.token()
		if err != nil {
			return err
		}
		key, ok := t.(string)
		if !ok {
			return nil // the closing }: the decoder lets nothing else through
		}
		if seen[key] {
			return bad("header", nextCopy, "the key %s stands there twice", short(key))
		}
		seen[key] = true
		if err := value(key); err != nil {
			return err
		}
	}
}

// list reads [ number, … ] of at most n whole numbers.
func (p *headerParser) list(at string, n int) (xs []int64, err error) {
	t, err := p.token()
	if err != nil {
		return nil, err
	}
	if t != json.Delim('[') {
		return nil, bad(at, nextCopy, "%s where a list of numbers should be", describe(t))
	}
	for {
		t, err := p.token()
		if err != nil {
			return nil, err
		}
		if t == json.Delim(']') {
			return xs, nil
		}
		number, ok := t.(json.Number)
		if !ok {
			return nil, bad(at, nextCopy, "%s where a number should be", describe(t))
		}
		x, err := strconv.ParseUint(number.String(), 10, 63)
		if err != nil {
			return nil, bad(at, nextCopy, "%s is not a whole number below 2⁶³", short(number.String()))
		}
		if len(xs) == n {
			return nil, bad(at, nextCopy, "more than %d numbers in a list", n)
		}
		xs = append(xs, int64(x))
	}
}

func (p *headerParser) entry(key string) error {
	if key == "__metadata__" {
		return p.object(func(k string) error {
			t, err := p.token()
			if err != nil {
				return err
			}
			s, ok := t.(string)
			if !ok {
				return bad("metadata "+short(k), nextCopy, "%s where a text should be", describe(t))
			}
			p.meta[k] = s
			return nil
		})
	}
	t, at, fields := tensor{name: key}, tensorAt(key), 0
	err := p.object(func(k string) error {
		fields++
		switch k {
		case "dtype":
			x, err := p.token()
			if err == nil && x != dtype {
				err = bad(at, "convert it to float64", "element type %s, want %q", describe(x), dtype)
			}
			return err
		case "shape":
			xs, err := p.list(at, maxRank)
			t.shape = make([]int, len(xs))
			for i, x := range xs {
				t.shape[i] = int(min(x, math.MaxInt))
			}
			return err
		case "data_offsets":
			xs, err := p.list(at, 2)
			if err != nil {
				return err
			}
			if len(xs) != 2 {
				return bad(at, nextCopy, "%d data offsets, want 2", len(xs))
			}
			t.begin, t.end = xs[0], xs[1]
			return nil
		}
		return bad(at, nextCopy, "unknown field %s", short(k))
	})
	if err != nil {
		return err
	}
	if fields != 3 {
		return bad(at, nextCopy, "%d fields, want dtype, shape and data_offsets", fields)
	}
	p.tensors = append(p.tensors, t)
	return nil
}

// contiguous sorts tensors by place and checks that each is as long as its shape
// says and begins where the one before it ends.
func contiguous(ts []tensor) error {
	slices.SortStableFunc(ts, func(a, b tensor) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
	})
	var at int64
	for i, t := range ts {
		n, ok := size(t.shape)
		if !ok {
			return bad(tensorAt(t.name), nextCopy, "a shape of %v is more than can be counted", t.shape)
		}
		switch {
		case t.end < t.begin:
			return bad(tensorAt(t.name), nextCopy, "ends at byte %d, before it begins at %d", t.end, t.begin)
		case t.end-t.begin != n*8:
			return bad(tensorAt(t.name), nextCopy, "%d bytes for a shape of %v, which takes %d", t.end-t.begin, t.shape, n*8)
		case t.begin < at:
			return bad(tensorAt(t.name), nextCopy, "begins at byte %d, inside tensor %s, which ends at %d", t.begin, short(ts[i-1].name), at)
		case t.begin > at:
			return bad(tensorAt(t.name), nextCopy, "begins at byte %d, but bytes from %d on belong to no tensor", t.begin, at)
		}
		at = t.end
	}
	return nil
}

// size returns the product of the sizes, or false where eight times it overflows.
func size(shape []int) (int64, bool) {
	n := int64(1)
	zero := slices.Contains(shape, 0)
	for _, d := range shape {
		if zero {
			return 0, true
		}
		if int64(d) > math.MaxInt64/8/n {
			return 0, false
		}
		n *= int64(d)
	}
	return n, true
}

// describe shows a JSON token in an error.
func describe(t json.Token) string {
	switch t := t.(type) {
	case json.Delim:
		return short(t.String())
	case string:
		return short(t)
	case json.Number:
		return short(t.String())
	}
	return fmt.Sprint(t)
}
