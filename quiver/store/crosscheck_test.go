package store_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/nlpodyssey/safetensors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/store"
)

// Another reader of the format finds in our files what we put there.
func TestAnotherReaderAgrees(t *testing.T) {
	for name, q := range zoo(t) {
		w := quiver.Random(q, nil, rand.NewPCG(1, 2))
		f := save(t, w)
		theirs, err := safetensors.Deserialize(f)
		require.NoError(t, err, name)
		info, err := store.Inspect(bytes.NewReader(f))
		require.NoError(t, err)
		require.Equal(t, len(info.Tensors), theirs.Len(), name)
		header, _ := split(f)
		assert.Zero(t, len(header)%8, "the contents are aligned")
		for _, x := range info.Tensors {
			view, ok := theirs.Tensor(x.Name)
			require.True(t, ok, "%s: %s", name, x.Name)
			require.Equal(t, safetensors.F64, view.DType())
			for i, d := range x.Shape {
				require.Equal(t, uint64(d), view.Shape()[i])
			}
		}
		for seg, data := range w.Segments() {
			if seg.Arrow == "" || seg.Arrow == "__metadata__" {
				continue
			}
			view, _ := theirs.Tensor(seg.Arrow)
			var want []byte
			for _, b := range bits(data) {
				want = binary.LittleEndian.AppendUint64(want, b)
			}
			require.True(t, bytes.Equal(want, view.Data()), "%s: %s", name, seg.Arrow)
		}
	}
}

// We read what another writer wrote, in its own order of tensors and keys.
func TestAnotherWriterAgrees(t *testing.T) {
	for name, q := range zoo(t) {
		w := quiver.Random(q, nil, rand.NewPCG(1, 2))
		f := save(t, w)
		theirs, err := safetensors.Deserialize(f)
		require.NoError(t, err)
		_, header, err := safetensors.ReadMetadata(f)
		require.NoError(t, err)
		tensors := make(map[string]safetensors.TensorView)
		for _, n := range theirs.Names() {
			tensors[n], _ = theirs.Tensor(n)
		}
		again, err := safetensors.Serialize(tensors, header.Metadata())
		require.NoError(t, err)
		got, err := store.Read(bytes.NewReader(again), store.WithParser(parseLopsided))
		require.NoError(t, err, name)
		requireSame(t, w, got)
	}
}

// Why this package has a reader of its own: the other one takes files that say two
// things at once.
func TestTheOtherReaderTakesAmbiguousFiles(t *testing.T) {
	for _, header := range []string{
		`{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"a":{"dtype":"F64","shape":[1,1],"data_offsets":[0,8]}}`,
		`{"a":{"dtype":"F64","shape":[2],"shape":[1],"data_offsets":[0,8]}}`,
		"{\"a\xff\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}}",
	} {
		f := file(header, make([]byte, 8))
		_, err := safetensors.Deserialize(f)
		assert.NoError(t, err)
		_, err = store.Read(bytes.NewReader(f))
		assert.ErrorAs(t, err, new(*store.FormatError))
		assert.ErrorContains(t, err, "header")
	}
}
