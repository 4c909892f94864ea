package data

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
)

// MaxIDX is the largest IDX array, in bytes, that is read without the option Limit; the images of
// MNIST take 47 million, those of the largest EMNIST set 547 million.
const MaxIDX = 1 << 30

// IDXOption is an option of ReadIDX, LoadMNIST and LoadMNISTFS. Options are functions that are
// called with their setting: data.Limit(1 << 20).
type IDXOption func(*idxOptions)

type idxOptions struct{ limit int64 }

// Limit reads arrays of at most so many bytes, uncompressed and without the header, in place of
// MaxIDX. A file of 1 MB may hold an array of 1 GB: give a limit where files
// come from strangers. A limit below 1 is an *IDXError.
func Limit(bytes int64) IDXOption { return func(o *idxOptions) { o.limit = bytes } }

// read returns the options.
func (o *idxOptions) read(opts []IDXOption) error {
	o.limit = MaxIDX
	for i, f := range opts {
		if f == nil {
			return &IDXError{Reason: fmt.Sprintf("option %d is nil", i), Next: "leave it away"}
		}
		f(o)
	}
	if o.limit < 1 || o.limit > math.MaxInt {
		return &IDXError{Reason: fmt.Sprintf("a limit of %d bytes", o.limit), Next: "give a positive one"}
	}
	return nil
}

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
// The header's promise is not believed: all memory that the reader takes is at most a third more
// than the array, and where a file holds less than its header promises, at most six times what it
// holds, and 128 KiB. What a file holds is counted uncompressed, after gzip, which can make it a
// thousand times larger; an array of more than MaxIDX bytes, or of the bytes in the option Limit, is
// refused by its header. Errors:
// *IDXError for whatever is wrong with the contents, the reading or an option.
func ReadIDX(r io.Reader, opts ...IDXOption) (*IDX, error) {
	var o idxOptions
	if err := o.read(opts); err != nil {
		return nil, err
	}
	if isNil(r) {
		return nil, &IDXError{Reason: "the reader is nil", Next: "open a file"}
	}
	in := bufio.NewReader(&checkedReader{r: r})
	var src io.Reader = in
	if head, _ := in.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, &IDXError{Reason: "the gzip header is damaged", Next: again, Err: err}
		}
		defer z.Close()
		src = z
	}
	dims, n, err := idxHeader(src, o.limit)
	if err != nil {
		return nil, err
	}
	content, err := readArray(src, n)
	got := int64(len(content))
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
	return &IDX{dims, content}, nil
}

// readArray reads n bytes, or those before the end or an error, which the end is not. Its buffer
// has the sizes n/4ᵏ: the next one is made when the last one is full.
func readArray(r io.Reader, n int64) ([]byte, error) {
	size := n
	for size > 1<<16 {
		size /= 4
	}
	var buf []byte
	for got := 0; ; size = min(n, 4*size+3) {
		larger := make([]byte, size)
		copy(larger, buf)
		buf = larger
		for int64(got) < size {
			k, err := r.Read(buf[got:])
			if got += k; err == io.EOF {
				return buf[:got], nil
			} else if err != nil {
				return buf[:got], err
			}
		}
		if size == n {
			return buf, nil
		}
	}
}

// checkedReader reads from r and makes an error of a reader that gives nothing a hundred times, or more
// than was asked for.
type checkedReader struct {
	r     io.Reader
	empty int
}

func (s *checkedReader) Read(p []byte) (int, error) {
	k, err := s.r.Read(p)
	switch {
	case k < 0 || k > len(p):
		return 0, fmt.Errorf("a reader that returns %d of %d bytes", k, len(p))
	case k > 0 || err != nil || len(p) == 0:
		s.empty = 0
	default:
		if s.empty++; s.empty >= 100 {
			return 0, io.ErrNoProgress
		}
	}
	return k, err
}

// idxHeader reads the header and returns the sizes and their product.
func idxHeader(r io.Reader, limit int64) (dims []int, n int64, err error) {
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
		if d > limit || n > 0 && d > limit/n {
			return fail(fmt.Sprintf("size %d of dimension %d makes the array larger than %d bytes", d, i/4, limit), "it is damaged, or too large for this reader; the option data.Limit sets another limit")
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
