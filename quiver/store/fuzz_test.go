package store_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/store"
)

// readAny fails unless a file gives a FormatError or a network that can be checked and saved.
func readAny(t *testing.T, file []byte) {
	w, err := store.Read(bytes.NewReader(file), store.WithParser(parseLopsided))
	if err != nil {
		require.Nil(t, w)
		require.ErrorAs(t, err, new(*store.FormatError))
		return
	}
	require.NoError(t, w.Check())
	again, err := store.Read(bytes.NewReader(save(t, w)), store.WithParser(parseLopsided))
	require.NoError(t, err)
	require.Equal(t, w.Quiver().Layout(), again.Quiver().Layout())
	require.Equal(t, bits(w.Data()), bits(again.Data()))
}

func FuzzRead(f *testing.F) {
	for _, q := range zoo(f) {
		f.Add(save(f, quiver.Random(q, nil, rand.NewPCG(1, 2))))
	}
	for _, h := range hostiles(f) {
		if len(h.file) < 1<<13 {
			f.Add(h.file)
		}
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		readAny(t, file)
		readAny(t, store.Sealed(file))
	})
}

// Sealed makes a changed file one that the checksum does not catch: without it the fuzzer would
// see little but that one error.
func TestSealed(t *testing.T) {
	f := save(t, small(t))
	assert.Equal(t, f, store.Sealed(f), "a good file stays as it is")
	f[len(f)-3] ^= 1
	_, err := store.Read(bytes.NewReader(f))
	require.ErrorContains(t, err, "checksum")
	_, err = store.Read(bytes.NewReader(store.Sealed(f)))
	if err != nil {
		require.NotContains(t, err.Error(), "checksum")
	}
	assert.NotEqual(t, f, store.Sealed(f))
}

// FuzzForged gives files the right length of the header and no checksum, so that what
// is behind those two is reached.
func FuzzForged(f *testing.F) {
	add := func(w *quiver.Rep) {
		header, contents := split(save(f, w))
		f.Add(sum.ReplaceAllString(header, `"quivernet.sha256":"none"`), contents)
	}
	add(small(f))
	for _, q := range zoo(f) {
		add(quiver.Random(q, nil, rand.NewPCG(1, 2)))
	}
	f.Fuzz(func(t *testing.T, header string, contents []byte) {
		readAny(t, file(header, contents))
	})
}
