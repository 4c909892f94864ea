package store_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/golden"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/store"
)

// small returns a network with a tensor of each kind.
func small(t testing.TB) *quiver.Rep {
	layers.RegisterLambda("onenorm", layers.OneNorm{})
	q, err := quiver.New(
		quiver.Input("x", 2),
		quiver.Hidden("h", 2, quiver.Restricted(layers.Rescaling("onenorm", layers.OneNorm{}), frame(3, 2))),
		quiver.Output("y", 1, layers.Trainable(layers.Tanh, 0, 1)),
		quiver.Connect("x", "h"), quiver.Connect("h", "y"),
		quiver.Connect("x", "y", quiver.Frozen(random(1, 2, 4))),
	)
	require.NoError(t, err)
	return quiver.Random(q, nil, rand.NewPCG(1, 2))
}

// file joins a header and contents.
func file(header string, contents []byte) []byte {
	return append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...), contents...)
}

// split is the opposite of file.
func split(f []byte) (header string, contents []byte) {
	n := binary.LittleEndian.Uint64(f)
	return string(f[8 : 8+n]), f[8+n:]
}

var sum = regexp.MustCompile(`"quivernet.sha256":"[0-9a-f]*"`)

// forged returns the small network's file with its header changed and no checksum, so
// that what is behind the checksum is tested.
func forged(t testing.TB, change func(header string) string) []byte {
	header, contents := split(save(t, small(t)))
	return file(change(sum.ReplaceAllString(header, `"quivernet.sha256":"none"`)), contents)
}

type hostile struct {
	name string
	file []byte
}

// hostiles lists files that are cut, changed or made up.
func hostiles(t testing.TB) (hs []hostile) {
	good := save(t, small(t))
	header, contents := split(good)
	add := func(name string, file []byte) { hs = append(hs, hostile{name, file}) }
	swap := func(name, old, with string) {
		add(name, forged(t, func(h string) string {
			require.Contains(t, h, old, name)
			return strings.Replace(h, old, with, 1)
		}))
	}
	flip := func(at int) []byte {
		f := bytes.Clone(good)
		f[at] ^= 1
		return f
	}
	add("empty", nil)
	add("cut in the length", good[:5])
	add("cut in the header", file(`{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}`, nil)[:30])
	add("cut in a tensor", good[:len(good)-50])
	add("cut by a byte", good[:len(good)-1])
	add("a byte too many", append(bytes.Clone(good), 0))
	add("one flipped bit in a weight", flip(len(good)-3))
	add("a length of 2⁶³", append([]byte{0, 0, 0, 0, 0, 0, 0, 0x80}, good[8:]...))
	add("a length beyond the end", append(binary.LittleEndian.AppendUint64(nil, 1<<25), `{"a":{"dtype":"F64","shape":[1]`...))
	add("a length of 0", make([]byte, 64))
	add("not safetensors", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR and so on and so forth"))
	add("header is a list", file("[]", nil))
	add("header is not JSON", file("{safetensors}", nil))
	add("header ends early", file(`{"a":{"dtype":`, nil))
	add("header is not UTF-8", file("{\"\xff\":1}", nil))
	add("two headers", file("{} {}", nil))
	add("deep JSON", file(`{"a":`+strings.Repeat("[", 100000)+strings.Repeat("]", 100000)+`}`, nil))
	add("deep JSON in a shape", file(`{"a":{"shape":[`+strings.Repeat("[", 100000), nil))
	add("deep JSON in the metadata", file(`{"__metadata__":{"a":{"b":{"c":1}}}}`, nil))
	add("a tensor twice", file(`{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}`, make([]byte, 8)))
	add("a field twice", file(`{"a":{"dtype":"F64","shape":[1],"shape":[1],"data_offsets":[0,8]}}`, make([]byte, 8)))
	add("metadata twice", file(`{"__metadata__":{},"__metadata__":{}}`, nil))
	add("a key of the metadata twice", file(`{"__metadata__":{"quivernet":"1","quivernet":"2"}}`, nil))
	swap("an unknown field", `"dtype":"F64",`, `"dtype":"F64","stride":1,`)
	swap("a field missing", `"dtype":"F64",`, ``)
	swap("a field with another case", `"shape"`, `"Shape"`)
	swap("32-bit floats", `"F64"`, `"F32"`)
	add("weights from PyTorch", file(`{"__metadata__":{"format":"pt"},"fc1.weight":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}`, make([]byte, 8)))
	add("weights from PyTorch in double precision", file(`{"fc1.weight":{"dtype":"F64","shape":[1,1],"data_offsets":[0,8]}}`, make([]byte, 8)))
	add("weights in half precision", file(`{"fc1.weight":{"dtype":"BF16","shape":[4],"data_offsets":[0,8]},"fc1.bias":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}`, make([]byte, 12)))
	add("a file of torch.save", []byte("PK\x03\x04\x00\x00\x08\x08\x00\x00\x00\x00\x00\x00archive/data.pkl"))
	add("an old file of torch.save", []byte("\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."))
	swap("a number as element type", `"F64"`, `64`)
	swap("a shape that is no list", `"shape":[2,2]`, `"shape":4`)
	swap("a shape of ninety dimensions", `"shape":[2,2]`, `"shape":[2,2`+strings.Repeat(",1", 88)+`]`)
	swap("a negative size", `"shape":[2,2]`, `"shape":[-2,-2]`)
	swap("a broken size", `"shape":[2,2]`, `"shape":[2,2.0]`)
	swap("a size with an exponent", `"shape":[2,2]`, `"shape":[2,2e0]`)
	swap("a size beyond 64 bits", `"shape":[2,2]`, `"shape":[2,99999999999999999999]`)
	swap("a product that overflows", `"shape":[2,2]`, `"shape":[4611686018427387904,4]`)
	swap("a shape larger than its bytes", `"shape":[2,2]`, `"shape":[2,3]`)
	swap("three offsets", `"data_offsets":[0,32]`, `"data_offsets":[0,32,32]`)
	swap("one offset", `"data_offsets":[0,32]`, `"data_offsets":[0]`)
	swap("an end before the beginning", `"data_offsets":[32,48]`, `"data_offsets":[48,32]`)
	swap("overlapping tensors", `"data_offsets":[32,48]`, `"data_offsets":[24,40]`)
	swap("a gap", `"data_offsets":[32,48]`, `"data_offsets":[40,56]`)
	add("a gap at the front", file(`{"__metadata__":{"quivernet":"1"},"a":{"dtype":"F64","shape":[1],"data_offsets":[8,16]}}`, make([]byte, 16)))
	add("a terabyte of tensors", file(`{"__metadata__":{"quivernet":"1"},"a":{"dtype":"F64","shape":[137438953472],"data_offsets":[0,1099511627776]}}`, make([]byte, 24)))
	add("a gigabyte of tensors", file(`{"__metadata__":{"quivernet":"1"},"a":{"dtype":"F64","shape":[134217728],"data_offsets":[0,1073741824]}}`, make([]byte, 24)))
	swap("a tensor under another name", `"x->h"`, `"x->g"`)
	swap("a matrix that is transposed", `"shape":[1,2]`, `"shape":[2,1]`)
	swap("parameters under another name", `"params y"`, `"params z"`)
	swap("a fixed matrix under another name", `"x->y":{`, `"x->z":{`)
	swap("a fixed matrix that nothing names", `"quivernet.fixed":"x->y"`, `"quivernet.fixed":""`)
	swap("a trainable arrow named as fixed", `"quivernet.fixed":"x->y"`, `"quivernet.fixed":"x->y x->h"`)
	swap("a fixed arrow that is none", `"quivernet.fixed":"x->y"`, `"quivernet.fixed":"x->y x->z"`)
	swap("a fixed arrow named twice", `"quivernet.fixed":"x->y"`, `"quivernet.fixed":"x->y x->y"`)
	swap("a basis under another name", `"basis #`, `"basis #0`)
	swap("a basis of another size", `"shape":[3,2]`, `"shape":[2,3]`)
	swap("no version", `"quivernet":"1",`, ``)
	swap("a later version", `"quivernet":"1"`, `"quivernet":"2"`)
	swap("an unknown entry of ours", `"quivernet":"1"`, `"quivernet":"1","quivernet.new":"?"`)
	swap("no checksum", `"quivernet.sha256":"none"`, `"a":"b"`)
	swap("no quiver", `"quivernet.quiver":`, `"quiver":`)
	swap("metadata that is no text", `"quivernet":"1"`, `"quivernet":1`)
	withBits := func(name string, at int, x float64) {
		f := forged(t, func(h string) string { return h })
		binary.LittleEndian.PutUint64(f[len(f)-len(contents)+8*at:], math.Float64bits(x))
		add(name, f)
	}
	withBits("a NaN among the weights", 3, math.NaN())
	withBits("an infinity among the parameters", 7, math.Inf(-1))
	withBits("a NaN in a fixed matrix", 8, math.NaN())
	withBits("a basis that is not orthonormal", 10, 1.5)
	withBits("a NaN in a basis", 11, math.NaN())
	withBits("another basis", 10, math.Nextafter(frame(3, 2).At(0, 0), 2))
	swap("a quiver that is not JSON", `"quivernet.quiver":"`, `"quivernet.quiver":"?`)
	swap("an activation that nobody knows", `restrict(onenorm,`, `restrict(twonorm,`)
	add("an activation restricted to another dimension", swapped(t))
	require.NotEmpty(t, header)
	return hs
}

// swapped returns a file whose two activations have changed places, and with them the
// dimensions 2 and 1 of their bases.
func swapped(t testing.TB) []byte {
	norm := layers.Rescaling("onenorm", layers.OneNorm{})
	g, h := quiver.Restricted(norm, frame(3, 2)), quiver.Restricted(norm, frame(3, 1))
	q, err := quiver.New(quiver.Input("x", 1), quiver.Hidden("g", 2, g), quiver.Output("y", 1, h), quiver.Connect("x", "g"), quiver.Connect("g", "y"))
	require.NoError(t, err)
	header, contents := split(save(t, quiver.Random(q, nil, rand.NewPCG(1, 2))))
	header = sum.ReplaceAllString(header, `"quivernet.sha256":"none"`)
	return file(strings.NewReplacer(g.String(), h.String(), h.String(), g.String()).Replace(header), contents)
}

// TestHostileFiles gives each error its golden text. What other packages say inside it
// is their own matter.
func TestHostileFiles(t *testing.T) {
	var out strings.Builder
	for _, h := range hostiles(t) {
		w, err := store.Read(bytes.NewReader(h.file))
		require.Error(t, err, h.name)
		require.Nil(t, w, h.name)
		var e *store.FormatError
		require.ErrorAs(t, err, &e, h.name)
		if e.Err != nil {
			e = &store.FormatError{At: e.At, Reason: e.Reason, Next: e.Next, Err: errors.New("…")}
		}
		assert.Less(t, len(err.Error()), 700, h.name)
		fmt.Fprintf(&out, "%s\n\t%v\n", h.name, e)
	}
	golden.Check(t, "hostile.txt", out.String())
}

// The forgeries fail for the reason that they name: without a change they load.
func TestAForgeryWithoutAChangeLoads(t *testing.T) {
	w, err := store.Read(bytes.NewReader(forged(t, func(h string) string { return h })))
	require.NoError(t, err)
	requireSame(t, small(t), w)
}

func TestEveryFlippedBitIsSeen(t *testing.T) {
	f := save(t, small(t), store.WithMetadata(map[string]string{"note": "a"}))
	for i := range f {
		for bit := range 8 {
			f[i] ^= 1 << bit
			_, err := store.Read(bytes.NewReader(f), store.WithLimits(store.Limits{Header: 1 << 20}))
			require.ErrorAs(t, err, new(*store.FormatError), "byte %d, bit %d", i, bit)
			f[i] ^= 1 << bit
		}
	}
	_, err := store.Read(bytes.NewReader(f))
	require.NoError(t, err)
}

func TestEveryCutIsSeen(t *testing.T) {
	f := save(t, small(t))
	broken := errors.New("the line went dead")
	for n := range f {
		_, err := store.Read(bytes.NewReader(f[:n]))
		require.ErrorAs(t, err, new(*store.FormatError), "after %d bytes", n)
		_, err = store.Read(io.MultiReader(bytes.NewReader(f[:n]), iotest.ErrReader(broken)))
		require.ErrorIs(t, err, broken)
		require.ErrorAs(t, err, new(*store.FormatError))
	}
	_, err := store.Read(io.MultiReader(bytes.NewReader(f), iotest.ErrReader(broken)))
	require.ErrorIs(t, err, broken)
	_, err = store.Read(iotest.OneByteReader(bytes.NewReader(f)))
	require.NoError(t, err)
}

// A file that promises gigabytes costs what it holds.
func TestMemoryIsBounded(t *testing.T) {
	cost := func(f []byte) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := store.Read(bytes.NewReader(f))
		runtime.ReadMemStats(&after)
		require.Error(t, err)
		return after.TotalAlloc - before.TotalAlloc
	}
	for _, h := range hostiles(t) {
		assert.Less(t, cost(h.file), uint64(1<<20)+32*uint64(len(h.file)), h.name)
	}
	// A quiver that claims a slab of 2⁵⁶ numbers.
	header, contents := split(save(t, small(t)))
	var parts map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(header), &parts))
	q, err := quiver.New(quiver.Input("x", 1<<28), quiver.Output("y", 1<<28, nil), quiver.Connect("x", "y"))
	require.NoError(t, err)
	text, err := json.Marshal(q)
	require.NoError(t, err)
	meta, err := json.Marshal(map[string]string{"quivernet": "1", "quivernet.quiver": string(text), "quivernet.sha256": "none"})
	require.NoError(t, err)
	parts["__metadata__"] = meta
	huge, err := json.Marshal(parts)
	require.NoError(t, err)
	assert.Less(t, cost(file(string(huge), contents)), uint64(1<<20))
}

func TestLimits(t *testing.T) {
	f := save(t, small(t))
	_, err := store.Read(bytes.NewReader(f), store.WithLimits(store.Limits{Header: 100}))
	require.ErrorAs(t, err, new(*store.FormatError))
	assert.ErrorContains(t, err, "more than the limit of 100; raise Limits.Header")
	_, err = store.Read(bytes.NewReader(f), store.WithLimits(store.Limits{Tensors: 100}))
	require.ErrorAs(t, err, new(*store.FormatError))
	assert.ErrorContains(t, err, "more than the limit of 100; raise Limits.Tensors")
	_, contents := split(f)
	_, err = store.Read(bytes.NewReader(f), store.WithLimits(store.Limits{Header: int64(len(f) - len(contents) - 8), Tensors: int64(len(contents))}))
	require.NoError(t, err)
}
