package store

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"math"
	"slices"

	"github.com/quivernet/quivernet/internal/jsontext"
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
	end := bytes.LastIndexByte(text, '}') + 1
	if rest := bytes.TrimRight(text[end:], " "); end > 0 && len(rest) > 0 {
		return nil, nil, bad("header", nextCopy, "%d bytes follow the closing }", len(rest))
	}
	r, err := jsontext.NewReader(text)
	if err != nil {
		return nil, nil, headerError("header", err)
	}
	p := &headerParser{Reader: r, seen: map[string]bool{}, meta: map[string]string{}}
	if err := p.Entries(p.entry); err != nil {
		return nil, nil, headerError("header", err)
	}
	if err := checkVersion(p.meta); err != nil { // before the types: they are not what is wrong with another's file
		return nil, nil, err
	}
	if p.foreign != nil {
		return nil, nil, p.foreign
	}
	if err := contiguous(p.tensors); err != nil {
		return nil, nil, err
	}
	return p.meta, p.tensors, nil
}

// headerError gives an error of the reader its place, and leaves others as they are.
func headerError(at string, err error) error {
	if e := (*jsontext.Error)(nil); errors.As(err, &e) {
		return bad(at, nextCopy, "%v", e)
	}
	return err
}

// headerParser goes through the header piece by piece, so that it costs what stands in it.
type headerParser struct {
	*jsontext.Reader
	seen    map[string]bool
	meta    map[string]string
	tensors []tensor
	foreign *FormatError // the first tensor of another type
}

func (p *headerParser) entry(key string) error {
	if p.seen[key] {
		return bad("header", nextCopy, "the key %s stands there twice", short(key))
	}
	p.seen[key] = true
	if key == "__metadata__" {
		return p.Entries(func(k string) error {
			if _, twice := p.meta[k]; twice {
				return bad("header", nextCopy, "the key %s of the metadata stands there twice", short(k))
			}
			s, err := p.String()
			p.meta[k] = s
			return headerError("header, metadata "+short(k), err)
		})
	}
	t := tensor{name: key}
	err := p.tensor(&t)
	if err != nil {
		return headerError("header, "+tensorAt(key), err)
	}
	p.tensors = append(p.tensors, t)
	return nil
}

var tensorKeys = []string{"dtype", "shape", "data_offsets"}

func (p *headerParser) tensor(t *tensor) error {
	present, err := p.Fields(tensorKeys, func(k int) error {
		switch k {
		case 0:
			x, err := p.String()
			if err == nil && x != dtype && p.foreign == nil {
				p.foreign = bad(tensorAt(t.name), "save the representation with this package, which writes "+dtype, "element type %s, want %q", short(x), dtype)
			}
			return err
		case 1:
			xs, err := p.sizes(maxRank)
			t.shape = make([]int, len(xs))
			for i, x := range xs {
				t.shape[i] = int(min(x, math.MaxInt))
			}
			return err
		}
		xs, err := p.sizes(2)
		if err == nil && len(xs) != 2 {
			err = p.Fail("%d data offsets, want 2", len(xs))
		}
		if err == nil {
			t.begin, t.end = xs[0], xs[1]
		}
		return err
	})
	if err == nil && present != 7 {
		err = p.Fail("some of dtype, shape and data_offsets are missing")
	}
	return err
}

// sizes reads at most n whole numbers that are not negative.
func (p *headerParser) sizes(n int) ([]int64, error) {
	xs, err := p.Ints(n)
	for _, x := range xs {
		if x < 0 && err == nil {
			err = p.Fail("the size %d is negative", x)
		}
	}
	return xs, err
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
