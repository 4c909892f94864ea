package data_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/data"
	"github.com/quivernet/quivernet/internal/golden"
)

// idx makes a file of bytes with the given sizes; the bytes need not fit.
func idx(content []byte, dims ...uint32) []byte {
	b := []byte{0, 0, 8, byte(len(dims))}
	for _, d := range dims {
		b = binary.BigEndian.AppendUint32(b, d)
	}
	return append(b, content...)
}

func zipped(b []byte) []byte {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	z.Write(b)
	z.Close()
	return buf.Bytes()
}

func TestReadIDX(t *testing.T) {
	content := []byte{1, 2, 3, 4, 5, 6}
	for name, file := range map[string][]byte{"plain": idx(content, 1, 2, 3), "gzip": zipped(idx(content, 1, 2, 3))} {
		for _, r := range []io.Reader{bytes.NewReader(file), iotest.OneByteReader(bytes.NewReader(file))} {
			x, err := data.ReadIDX(r)
			require.NoError(t, err, name)
			assert.Equal(t, []int{1, 2, 3}, x.Dims)
			assert.Equal(t, content, x.Data)
		}
	}
	x, err := data.ReadIDX(bytes.NewReader(idx(nil, 5, 0)))
	require.NoError(t, err)
	assert.Equal(t, []int{5, 0}, x.Dims)
	assert.Empty(t, x.Data)
}

// damaged lists files that are not what they say.
func damaged() []struct {
	name string
	file []byte
} {
	good := idx([]byte{1, 2, 3, 4, 5, 6}, 2, 3)
	whole := zipped(good)
	flipped := bytes.Clone(whole)
	flipped[len(flipped)-5] ^= 1 // in the checksum
	return []struct {
		name string
		file []byte
	}{
		{"empty", nil},
		{"one byte", good[:1]},
		{"cut in the magic number", good[:3]},
		{"cut in the sizes", good[:10]},
		{"cut before the data", good[:12]},
		{"cut in the data", good[:15]},
		{"a byte too many", append(bytes.Clone(good), 7)},
		{"not IDX", []byte("P5 28 28 255\n")},
		{"floats", append([]byte{0, 0, 0x0d, 1}, 0, 0, 0, 1, 0, 0, 0, 0)},
		{"no dimensions", []byte{0, 0, 8, 0, 42}},
		{"nine dimensions", idx([]byte{1}, 1, 1, 1, 1, 1, 1, 1, 1, 1)},
		{"four billion rows", idx([]byte{1}, 1<<32-1)},
		{"a product that overflows 64 bits", idx([]byte{1}, 1<<30, 1<<30, 1<<30)},
		{"lying sizes", idx([]byte{1, 2}, 1000, 28, 28)},
		{"a zero hides a huge size", idx([]byte{1}, 0, 1<<32-1)},
		{"gzip: header only", whole[:6]},
		{"gzip: cut", whole[:len(whole)-12]},
		{"gzip: wrong checksum", flipped},
		{"gzip: lying sizes", zipped(idx([]byte{1, 2}, 1000, 28, 28))},
		{"gzip: more than promised", zipped(idx(make([]byte, 1<<20), 1))},
	}
}

func TestReadIDXRefusesDamage(t *testing.T) {
	var out strings.Builder
	for _, c := range damaged() {
		x, err := data.ReadIDX(bytes.NewReader(c.file))
		require.Error(t, err, c.name)
		require.Nil(t, x)
		require.ErrorAs(t, err, new(*data.IDXError), c.name)
		fmt.Fprintf(&out, "%s\n\t%v\n", c.name, err)
	}
	golden.Check(t, "idx_errors.txt", out.String())
}

func TestReadIDXPassesOnReadErrors(t *testing.T) {
	broken := errors.New("the disk is on fire")
	file := idx([]byte{1, 2, 3, 4, 5, 6}, 2, 3)
	for n := range len(file) + 1 {
		r := io.MultiReader(bytes.NewReader(file[:n]), iotest.ErrReader(broken))
		_, err := data.ReadIDX(r)
		require.ErrorIs(t, err, broken, "after %d bytes", n)
		require.ErrorAs(t, err, new(*data.IDXError))
	}
}

// A header that promises a gigabyte costs no more than the bytes that follow.
func TestReadIDXMemoryIsBounded(t *testing.T) {
	file := idx(make([]byte, 1000), 1<<30)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := data.ReadIDX(bytes.NewReader(file))
	runtime.ReadMemStats(&after)
	require.Error(t, err)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
}

func FuzzIDX(f *testing.F) {
	f.Add(idx([]byte{1, 2, 3, 4, 5, 6}, 2, 3))
	for _, c := range damaged() {
		if len(c.file) < 1<<12 {
			f.Add(c.file)
		}
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		x, err := data.ReadIDX(bytes.NewReader(file))
		if err != nil {
			require.Nil(t, x)
			require.ErrorAs(t, err, new(*data.IDXError))
			return
		}
		n := 1
		dims := make([]uint32, len(x.Dims))
		for i, d := range x.Dims {
			n *= d
			dims[i] = uint32(d)
		}
		require.Len(t, x.Data, n)
		if file[0] == 0 { // plain: what was read says all that stood there
			require.Equal(t, file, idx(x.Data, dims...))
		}
	})
}

// mnist makes the files of one half with n images of h×w.
func mnist(fsys fstest.MapFS, prefix, ext string, n, h, w int) {
	pixels, labels := make([]byte, n*h*w), make([]byte, n)
	for i := range pixels {
		pixels[i] = byte(i * 51)
	}
	for i := range labels {
		labels[i] = byte(i % 10)
	}
	pack := func(b []byte) []byte { return b }
	if ext != "" {
		pack = zipped
	}
	fsys[prefix+"-images-idx3-ubyte"+ext] = &fstest.MapFile{Data: pack(idx(pixels, uint32(n), uint32(h), uint32(w)))}
	fsys[prefix+"-labels-idx1-ubyte"+ext] = &fstest.MapFile{Data: pack(idx(labels, uint32(n)))}
}

func TestLoadMNIST(t *testing.T) {
	for _, ext := range []string{"", ".gz"} {
		fsys := fstest.MapFS{}
		mnist(fsys, "train", ext, 12, 2, 3)
		mnist(fsys, "t10k", ext, 10, 2, 3)
		s, err := data.LoadMNISTFS(fsys, "m")
		require.NoError(t, err)
		assert.Equal(t, []int{12, 10, 2, 3, 10}, []int{s.Train.Len(), s.Test.Len(), s.Test.Height, s.Test.Width, s.Test.Classes})
		assert.False(t, s.TestHalfOnly)
		assert.Equal(t, "mnist: 12 to train, 10 to test, as published", s.Note)
		assert.Equal(t, []float64{0, .2, .4, .6, .8, 1}, s.Train.X.RawRowView(0))

		for name := range fsys {
			if strings.HasPrefix(name, "train") {
				delete(fsys, name)
			}
		}
		s, err = data.LoadMNISTFS(fsys, "m")
		require.NoError(t, err)
		assert.True(t, s.TestHalfOnly)
		assert.Equal(t, "mnist: only the test half was found: its first 8 images to train, its last 2 to test", s.Note)
		assert.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7}, s.Train.Labels)
		assert.Equal(t, []int{8, 9}, s.Test.Labels)
	}
}

func TestLoadMNISTFromADirectory(t *testing.T) {
	fsys := fstest.MapFS{}
	mnist(fsys, "t10k", ".gz", 10, 2, 3)
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, fsys))
	s, err := data.LoadMNIST(dir)
	require.NoError(t, err)
	assert.Equal(t, 8, s.Train.Len())
}

func TestLoadMNISTRefuses(t *testing.T) {
	var out strings.Builder
	for _, c := range []struct {
		name   string
		change func(fstest.MapFS)
	}{
		{"nothing there", func(f fstest.MapFS) { clear(f) }},
		{"only the training half", func(f fstest.MapFS) { delete(f, "t10k-images-idx3-ubyte"); delete(f, "t10k-labels-idx1-ubyte") }},
		{"test labels missing", func(f fstest.MapFS) { delete(f, "t10k-labels-idx1-ubyte") }},
		{"training labels missing", func(f fstest.MapFS) { delete(f, "train-labels-idx1-ubyte") }},
		{"training images missing", func(f fstest.MapFS) { delete(f, "train-images-idx3-ubyte") }},
		{"a label too few", func(f fstest.MapFS) { f["t10k-labels-idx1-ubyte"].Data = idx(make([]byte, 9), 9) }},
		{"a label of 10", func(f fstest.MapFS) {
			f["train-labels-idx1-ubyte"].Data = idx([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1}, 12)
		}},
		{"labels for images", func(f fstest.MapFS) { f["t10k-images-idx3-ubyte"].Data = f["t10k-labels-idx1-ubyte"].Data }},
		{"cut images", func(f fstest.MapFS) {
			d := f["t10k-images-idx3-ubyte"].Data
			f["t10k-images-idx3-ubyte"].Data = d[:len(d)-1]
		}},
		{"a billion images promised", func(f fstest.MapFS) { f["t10k-images-idx3-ubyte"].Data = idx(make([]byte, 60), 1<<30, 1, 1) }},
		{"four billion labels promised", func(f fstest.MapFS) { f["train-labels-idx1-ubyte"].Data = idx(make([]byte, 12), 1<<32-1) }},
		{"one image as wide as the limit", func(f fstest.MapFS) { f["t10k-images-idx3-ubyte"].Data = idx(make([]byte, 60), 1, 1, 1<<30) }},
		{"images of no pixels", func(f fstest.MapFS) { f["t10k-images-idx3-ubyte"].Data = idx(nil, 10, 0, 5) }},
		{"gzip cut in the images", func(f fstest.MapFS) {
			whole := zipped(f["train-images-idx3-ubyte"].Data)
			delete(f, "train-images-idx3-ubyte")
			f["train-images-idx3-ubyte.gz"] = &fstest.MapFile{Data: whole[:len(whole)-9]}
		}},
		{"a file in the place of labels", func(f fstest.MapFS) { f["t10k-labels-idx1-ubyte"].Data = []byte("<html>") }},
		{"no images", func(f fstest.MapFS) { mnist(f, "t10k", "", 0, 2, 3) }},
		{"halves of different sizes", func(f fstest.MapFS) { mnist(f, "t10k", "", 10, 3, 2) }},
	} {
		fsys := fstest.MapFS{}
		mnist(fsys, "train", "", 12, 2, 3)
		mnist(fsys, "t10k", "", 10, 2, 3)
		c.change(fsys)
		_, err := data.LoadMNISTFS(fsys, "m")
		require.ErrorAs(t, err, new(*data.IDXError), c.name)
		fmt.Fprintf(&out, "%s\n\t%v\n", c.name, filepath.ToSlash(err.Error()))
	}
	golden.Check(t, "mnist_errors.txt", out.String())
}
