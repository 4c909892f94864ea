package store_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/store"
)

func TestSaveAndLoad(t *testing.T) {
	w := small(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "a model.safetensors")
	require.NoError(t, store.Save(path, w, store.WithMetadata(map[string]string{"accuracy": "0.97", "by": "λ"})))
	meta := map[string]string{}
	got, err := store.Load(path, store.MetadataInto(meta))
	require.NoError(t, err)
	requireSame(t, w, got)
	assert.Equal(t, map[string]string{"accuracy": "0.97", "by": "λ"}, meta)

	w.Arrow("x->h").Set(0, 0, 42)
	require.NoError(t, store.Save(path, w))
	got, err = store.Load(path)
	require.NoError(t, err)
	assert.Equal(t, 42.0, got.Arrow("x->h").At(0, 0))
	got, err = store.LoadFS(os.DirFS(dir), "a model.safetensors")
	require.NoError(t, err)
	requireSame(t, w, got)
	assert.Len(t, entriesOf(t, dir), 1, "no temporary file is left")
}

func entriesOf(t *testing.T, dir string) (names []string) {
	es, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range es {
		names = append(names, e.Name())
	}
	return names
}

func TestErrorsNameTheFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "m.safetensors")
	_, err := store.Load(path)
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = store.LoadFS(fstest.MapFS{}, "m.safetensors")
	require.ErrorIs(t, err, fs.ErrNotExist)

	require.NoError(t, os.WriteFile(path, []byte("no such thing"), 0o644))
	_, err = store.Load(path)
	assert.EqualError(t, err, "store: "+path+": header: does not start with {; this is not a safetensors file; copy the file again from its source")
	var e *store.FormatError
	_, err = store.LoadFS(os.DirFS(dir), "m.safetensors")
	require.ErrorAs(t, err, &e)
	assert.Equal(t, "m.safetensors", e.Path)
	_, err = store.Load(dir)
	require.Error(t, err, "a directory")

	err = store.Save(path, small(t), store.WithMetadata(map[string]string{"quivernet.mine": "1"}))
	assert.EqualError(t, err, "store: "+path+`: metadata "quivernet.mine": keys that start with "quivernet" are taken; choose another key`)
	err = store.Save(path, small(t), store.WithMetadata(map[string]string{"mine": "\xff"}))
	require.ErrorAs(t, err, &e)
	require.ErrorIs(t, store.Save(filepath.Join(dir, "no", "m"), small(t)), fs.ErrNotExist)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "no such thing", string(text), "a file stays as it was where saving fails")
	assert.Equal(t, []string{"m.safetensors"}, entriesOf(t, dir))
}

func TestSaveRefusesWhatCannotBeLoaded(t *testing.T) {
	tanh := layers.Radial(layers.Tanh)
	hidden := func(dim int, act quiver.Activation) *quiver.Rep {
		q, err := quiver.New(quiver.Input("x", 2), quiver.Hidden("h", dim, act), quiver.Connect("x", "h"))
		require.NoError(t, err)
		return quiver.Zero(q)
	}
	for reason, w := range map[string]*quiver.Rep{
		"nil":                                nil,
		"a restriction to another dimension": hidden(3, quiver.Restricted(tanh, frame(4, 2))),
		"an activation that panics":          hidden(2, layers.Rescaling("third", third{})),
		"a string that is not UTF-8":         hidden(2, named{tanh, "tanh\xff"}),
		"a basis that cannot be reached":     hidden(2, named{tanh, "wrapped(restrict(tanh,#0123456789abcdef))"}),
	} {
		var b bytes.Buffer
		assert.Error(t, store.Write(&b, w), reason)
		assert.Empty(t, b.Bytes(), reason)
	}
}

// third is a factor that panics where there is no third entry.
type third struct{}

func (third) Value(v []float64) float64 { return v[2] }
func (third) Gradient(dst, v []float64) { clear(dst); dst[2] = 1 }

// named is an activation under another string.
type named struct {
	quiver.Activation
	string
}

func (a named) String() string { return a.string }

func TestOwnActivations(t *testing.T) {
	w := quiver.Random(zoo(t)["own activation"], nil, rand.NewPCG(1, 2))
	f := save(t, w)
	var unknown *layers.UnknownActivationError
	_, err := store.Read(bytes.NewReader(f))
	require.ErrorAs(t, err, &unknown)
	assert.ErrorContains(t, err, "store.WithParser")

	own := errors.New("never heard of it")
	_, err = store.Read(bytes.NewReader(f), store.WithParser(func(string) (quiver.Activation, error) { return nil, own }))
	require.ErrorIs(t, err, own)
	require.ErrorAs(t, err, &unknown, "the catalogue was asked too")
	_, err = store.Read(bytes.NewReader(f), store.WithParser(func(string) (quiver.Activation, error) { return nil, nil }))
	require.Error(t, err)
	_, err = store.Read(bytes.NewReader(f), store.WithParser(func(string) (quiver.Activation, error) { return layers.Radial(layers.Tanh), nil }))
	require.ErrorContains(t, err, `the parser made the activation "radial(tanh)" of`)
	got, err := store.Read(bytes.NewReader(f), store.WithParser(parseLopsided))
	require.NoError(t, err)
	requireSame(t, w, got)
}

func TestInspect(t *testing.T) {
	w := small(t)
	f := save(t, w, store.WithMetadata(map[string]string{"a": "b"}))
	_, contents := split(f)
	info, err := store.Inspect(bytes.NewReader(f[:len(f)-len(contents)])) // the header is enough
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"a": "b"}, info.Metadata)
	assert.Contains(t, info.Quiver, "trainable(tanh,0,1)")
	assert.NotContains(t, info.Quiver, "bases", "they are tensors")
	assert.Equal(t, []store.TensorInfo{
		{"x->h", []int{2, 2}}, {"h->y", []int{1, 2}}, {"params y", []int{2}}, {"x->y", []int{1, 2}},
		{"basis #" + w.Quiver().Vertices()[1].Act.(quiver.Restriction).Hash(), []int{3, 2}},
	}, info.Tensors)
	_, err = store.Inspect(bytes.NewReader(f[:100]))
	require.ErrorAs(t, err, new(*store.FormatError))
}

func TestSaveKeepsPermissionsAndLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("permissions and links are a matter of Unix")
	}
	dir := t.TempDir()
	path, link := filepath.Join(dir, "m"), filepath.Join(dir, "latest")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	require.NoError(t, os.Symlink("m", link))
	require.NoError(t, store.Save(link, small(t)))
	info, err := os.Lstat(path)
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o600), info.Mode())
	info, err = os.Lstat(link)
	require.NoError(t, err)
	assert.NotZero(t, info.Mode()&fs.ModeSymlink)
	_, err = store.Load(path)
	require.NoError(t, err)
}

func TestSaveOntoADirectory(t *testing.T) {
	dir := t.TempDir()
	require.Error(t, store.Save(dir, small(t)))
	assert.Empty(t, entriesOf(t, dir))
	assert.Len(t, entriesOf(t, filepath.Dir(dir)), 1, "nothing is left beside it")
}

// Whoever loads while others save finds one of the files, whole.
func TestSaveIsAtomic(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m")
	var ws []*quiver.Rep
	for seed := range uint64(3) {
		w := small(t)
		w.Arrow("x->h").Copy(random(2, 2, seed))
		ws = append(ws, w)
	}
	require.NoError(t, store.Save(path, ws[0]))
	var wg sync.WaitGroup
	for _, w := range ws {
		wg.Go(func() {
			for range 10 {
				assert.NoError(t, store.Save(path, w))
			}
		})
		wg.Go(func() {
			for range 20 {
				got, err := store.Load(path)
				if !assert.NoError(t, err) {
					return
				}
				known := false
				for _, w := range ws {
					known = known || mat.Equal(w.Arrow("x->h"), got.Arrow("x->h"))
				}
				assert.True(t, known)
			}
		})
	}
	wg.Wait()
	assert.Len(t, entriesOf(t, filepath.Dir(path)), 1)
}

func TestWriteReportsTheWriter(t *testing.T) {
	full := errors.New("disk full")
	w := small(t)
	n := len(save(t, w))
	for _, takes := range []int{0, 10, n - 1} {
		require.ErrorIs(t, store.Write(&failing{takes, full}, w), full)
	}
	require.NoError(t, store.Write(&failing{n, full}, w))
}

// failing takes n bytes and then fails.
type failing struct {
	n   int
	err error
}

func (f *failing) Write(p []byte) (int, error) {
	if len(p) > f.n {
		return f.n, f.err
	}
	f.n -= len(p)
	return len(p), nil
}

var _ io.Writer = (*failing)(nil)
