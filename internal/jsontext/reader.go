// Package jsontext reads JSON texts that nobody vouches for: piece by piece, so that a text costs
// no more memory than what is asked of it, and strictly, so that no two readers understand it
// differently. A key that is unknown, written in another case or given twice is an error, and so
// is a number that is not of the kind asked for, or a null.
//
// Number is for the other direction: reports whose numbers may be infinite, which JSON has no
// numbers for.
package jsontext

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// Error reports what is wrong with a text, and where.
type Error struct {
	Offset int64 // in bytes from the start
	Reason string
}

func (e *Error) Error() string { return fmt.Sprintf("offset %d: %s", e.Offset, e.Reason) }

// Reader is a place in a text. Each method reads the value that begins there.
type Reader struct {
	text []byte
	at   int
}

// NewReader looks through the whole text, which must be one JSON value and valid UTF-8, and
// returns a reader at its start. The text must not change as long as the reader is used.
func NewReader(text []byte) (*Reader, error) {
	if !utf8.Valid(text) {
		return nil, &Error{0, "the text is not valid UTF-8"}
	}
	if !json.Valid(text) {
		var nothing struct{}
		e := &Error{int64(len(text)), "the text is not JSON"}
		if s := (*json.SyntaxError)(nil); errors.As(json.Unmarshal(text, &nothing), &s) {
			e.Offset, e.Reason = s.Offset, s.Error()
		}
		return nil, e
	}
	r := &Reader{text: text}
	r.blank()
	return r, nil
}

func (r *Reader) blank() {
	for r.at < len(r.text) {
		switch r.text[r.at] {
		case ' ', '\t', '\n', '\r':
			r.at++
		default:
			return
		}
	}
}

// next is the first byte of the value, 0 at the end of the text.
func (r *Reader) next() byte {
	if r.at < len(r.text) {
		return r.text[r.at]
	}
	return 0
}

// pass goes over one byte and the blanks behind it.
func (r *Reader) pass() {
	r.at++
	r.blank()
}

// Fail returns an error at the reader's place.
func (r *Reader) Fail(format string, args ...any) error {
	return &Error{int64(r.at), fmt.Sprintf(format, args...)}
}

// want refuses a value of another kind than the one that begins with c.
func (r *Reader) want(c byte, kind string) error {
	if r.next() == c {
		return nil
	}
	return r.Fail("%s where %s should be", r.describe(), kind)
}

// describe shows the value, or the beginning of a long one.
func (r *Reader) describe() string {
	switch r.next() {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case 0:
		return "nothing"
	}
	start := r.at
	defer func() { r.at = start }()
	r.Skip()
	const most = 40
	if raw := bytes.TrimSpace(r.text[start:r.at]); len(raw) > most {
		return string(bytes.ToValidUTF8(raw[:most], nil)) + "…"
	} else {
		return string(raw)
	}
}

// Entries reads an object and calls value at each of its values, which must read it. Whether a
// key stands there twice is for the caller to say.
func (r *Reader) Entries(value func(key string) error) error {
	if err := r.want('{', "an object"); err != nil {
		return err
	}
	for r.pass(); r.next() != '}'; {
		key, err := r.String()
		if err != nil {
			return err
		}
		r.pass() // the colon
		if err := value(key); err != nil {
			return err
		}
		if r.next() == ',' {
			r.pass()
		}
	}
	r.pass()
	return nil
}

// Fields reads an object that has some of the named keys, each once at most, and calls value with
// the index of each. It returns which were there, as a set of bits.
func (r *Reader) Fields(names []string, value func(i int) error) (present uint64, err error) {
	if err := r.want('{', "an object"); err != nil {
		return 0, err
	}
	for r.pass(); r.next() != '}'; {
		start := r.at
		raw := r.raw()
		i := index(names, raw)
		switch {
		case i < 0:
			r.at = start
			return 0, r.Fail("unknown key %s, want one of %q", r.describe(), names)
		case present>>i&1 != 0:
			r.at = start
			return 0, r.Fail("the key %q stands there twice", names[i])
		}
		present |= 1 << i
		r.pass() // the colon
		if err := value(i); err != nil {
			return 0, err
		}
		if r.next() == ',' {
			r.pass()
		}
	}
	r.pass()
	return present, nil
}

// index finds a key, as it stands in the text, among names; escapes are resolved first.
func index(names []string, raw []byte) int {
	if bytes.IndexByte(raw, '\\') >= 0 {
		var s string
		json.Unmarshal(raw, &s)
		raw = []byte(`"` + s + `"`)
	}
	for i, name := range names {
		if string(raw[1:len(raw)-1]) == name {
			return i
		}
	}
	return -1
}

// List reads a list and calls element at each of its elements, which must read it.
func (r *Reader) List(element func(i int) error) error {
	if err := r.want('[', "a list"); err != nil {
		return err
	}
	r.pass()
	for i := 0; r.next() != ']'; i++ {
		if err := element(i); err != nil {
			return err
		}
		if r.next() == ',' {
			r.pass()
		}
	}
	r.pass()
	return nil
}

// raw returns a string as it stands in the text, quotes included, and goes over it.
func (r *Reader) raw() []byte {
	start := r.at
	for r.at++; r.text[r.at] != '"'; r.at++ {
		if r.text[r.at] == '\\' {
			r.at++
		}
	}
	raw := r.text[start : r.at+1]
	r.pass()
	return raw
}

// String reads a string into memory of its own.
func (r *Reader) String() (string, error) {
	if err := r.want('"', "a text"); err != nil {
		return "", err
	}
	raw := r.raw()
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1]), nil
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err
}

// number returns a number as it stands in the text and goes over it.
func (r *Reader) number() ([]byte, error) {
	start := r.at
	for r.at < len(r.text) {
		switch c := r.text[r.at]; {
		case '0' <= c && c <= '9', c == '-', c == '+', c == '.', c == 'e', c == 'E':
			r.at++
			continue
		}
		break
	}
	if c := r.text[start]; c != '-' && (c < '0' || c > '9') {
		r.at = start
		return nil, r.Fail("%s where a number should be", r.describe())
	}
	raw := r.text[start:r.at]
	r.blank()
	return raw, nil
}

// Int reads a whole number, without fraction or exponent.
func (r *Reader) Int() (int64, error) {
	start := r.at
	raw, err := r.number()
	if err != nil {
		return 0, err
	}
	x, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		r.at = start
		return 0, r.Fail("%s is not a whole number of at most 63 bits", r.describe())
	}
	return x, nil
}

// Ints reads a list of at most n whole numbers.
func (r *Reader) Ints(n int) (xs []int64, err error) {
	err = r.List(func(i int) error {
		if i == n {
			return r.Fail("more than %d numbers in a list", n)
		}
		x, err := r.Int()
		xs = append(xs, x)
		return err
	})
	return xs, err
}

// Floats reads a list of numbers, each to the nearest float64. It counts them first, so that
// they take 8 bytes each and no more.
func (r *Reader) Floats() ([]float64, error) {
	if err := r.want('[', "a list of numbers"); err != nil {
		return nil, err
	}
	n := 0
	if end := bytes.IndexByte(r.text[r.at:], ']'); end >= 0 {
		n = 1 + bytes.Count(r.text[r.at:r.at+end], []byte{','})
	}
	xs := make([]float64, 0, n)
	err := r.List(func(int) error {
		start := r.at
		raw, err := r.number()
		if err != nil {
			return err
		}
		x, err := strconv.ParseFloat(string(raw), 64)
		if err != nil {
			r.at = start
			return r.Fail("%s is not a number of double precision", r.describe())
		}
		xs = append(xs, x)
		return nil
	})
	return xs, err
}

// Skip goes over a value of any kind.
func (r *Reader) Skip() {
	depth := 0
	for {
		switch r.next() {
		case 0:
			return
		case '{', '[':
			depth++
			r.pass()
		case '}', ']':
			depth--
			r.pass()
		case '"':
			r.raw()
		case ',', ':':
			r.pass()
		default:
			for r.at < len(r.text) && bytes.IndexByte([]byte(",:]} \t\n\r"), r.text[r.at]) < 0 {
				r.at++
			}
			r.blank()
		}
		if depth <= 0 {
			return
		}
	}
}
