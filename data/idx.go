package data

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// MaxIDX is the largest IDX array that ReadIDX reads, in bytes; the images of MNIST
// take 47 million.
const MaxIDX = 1 << 30

// IDX is an array of unsigned bytes in the format of the MNIST files.
type IDX struct {
	Dims []int  // sizes, outermost first: images × rows × columns
	Data []byte // row-major
}

// IDXError reports a file that is not what it says.
type IDXError struct {
	Path   string // the file, or "" for a reader
	Reason string
	Next   string // what to do about it
	Err    error  // the cause, or nil
}

func (e *IDXError) Error() string {
	var b strings.Builder
	b.WriteString("data: ")
	if e.Path != "" {
		fmt.Fprintf(&b, "%s: ", e.Path)
	}
	b.WriteString(e.Reason)
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	if e.Next != "" {
		fmt.Fprintf(&b, "; %s", e.Next)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *IDXError) Unwrap() error { return e.Err }

const again = "download the file again"

// ReadIDX reads an array in IDX format, gzipped or not, to the end of r: two zero bytes,
// the type 0x08 (unsigned byte, the only one read), the number of dimensions
// 1..8, each size as a big-endian uint32, then exactly as many bytes as the product of
// the sizes says.
//
// Memory grows with what has been read, not with what the header promises. Errors:
// *IDXError for whatever is wrong with the contents or the reading.
func ReadIDX(r io.Reader) (*IDX, error) {
	in := bufio.NewReader(r)
	var src io.Reader = in
	if head, _ := in.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, &IDXError{Reason: "the gzip header is damaged", Next: again, Err: err}
		}
		defer z.Close()
		src = z
	}
	dims, n, err := idxHeader(src)
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	got, err := io.Copy(&buf, io.LimitReader(src, n))
	if err != nil {
		return nil, &IDXError{Reason: fmt.Sprintf("reading failed after %d of %d bytes", got, n), Next: again, Err: err}
	}
	if got < n {
		return nil, &IDXError{Reason: fmt.Sprintf("cut short: the header promises %s = %d bytes, the file holds %d", product(dims), n, got), Next: again}
	}
	// The byte after the last also makes gzip check its sum.
	switch extra, err := io.ReadFull(src, make([]byte, 1)); {
	case extra > 0:
		return nil, &IDXError{Reason: fmt.Sprintf("the header promises %s = %d bytes, but more follow", product(dims), n), Next: again}
	case err != io.EOF:
		return nil, &IDXError{Reason: "reading failed at the end", Next: again, Err: err}
	}
	return &IDX{dims, buf.Bytes()}, nil
}

// idxHeader reads the header and returns the sizes and their product.
func idxHeader(r io.Reader) (dims []int, n int64, err error) {
	fail := func(reason, next string) ([]int, int64, error) {
		return nil, 0, &IDXError{Reason: reason, Next: next}
	}
	var magic [4]byte
	if k, err := io.ReadFull(r, magic[:]); err != nil {
		return nil, 0, short("a magic number of", k, 4, err)
	}
	if magic[0] != 0 || magic[1] != 0 {
		return fail(fmt.Sprintf("starts with % x, not with two zero bytes", magic), "this is not an IDX file")
	}
	if magic[2] != 0x08 {
		return fail(fmt.Sprintf("element type 0x%02x", magic[2]), "only unsigned bytes (0x08) are read")
	}
	if magic[3] < 1 || magic[3] > 8 {
		return fail(fmt.Sprintf("%d dimensions", magic[3]), "want 1 to 8")
	}
	sizes := make([]byte, 4*int(magic[3]))
	if k, err := io.ReadFull(r, sizes); err != nil {
		return nil, 0, short("a list of sizes of", k, len(sizes), err)
	}
	n = 1
	for i := 0; i < len(sizes); i += 4 {
		d := int64(binary.BigEndian.Uint32(sizes[i:]))
		if d > MaxIDX || n > 0 && d > MaxIDX/n {
			return fail(fmt.Sprintf("size %d of dimension %d makes the array larger than %d bytes", d, i/4, MaxIDX), "it is damaged, or too large for this reader")
		}
		dims = append(dims, int(d))
		n *= d
	}
	return dims, n, nil
}

// short reports a header that ends, or fails, after k of n bytes.
func short(what string, k, n int, err error) error {
	e := &IDXError{Reason: fmt.Sprintf("cut short: want %s %d bytes, the file holds %d of them", what, n, k), Next: again}
	if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		e.Err = err
	}
	return e
}

func product(dims []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(dims), " ", "×"), "[]")
}
