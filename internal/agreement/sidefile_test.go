package agreement

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/quivertest"
	"github.com/quivernet/quivernet/quiver/store"
	"github.com/quivernet/quivernet/symmetry"
)

// TestSideFile: a network, its reduced and its rotated form, saved and loaded, give the same bits; and a
// small network trained elsewhere is lifted by the original's file alone, because compressing the loaded
// original gives the bases and the free part of the first time, bit for bit.
func TestSideFile(t *testing.T) {
	reload := func(w *quiver.Rep) *quiver.Rep {
		var b bytes.Buffer
		require.NoError(t, store.Write(&b, w))
		r, err := store.Read(&b)
		require.NoError(t, err)
		return r
	}
	each(t, func(t *testing.T, in quivertest.Instance) {
		c, err := symmetry.Compress(in.Rep)
		require.NoError(t, err, in.Name)
		r, err := c.Rotated()
		require.NoError(t, err, in.Name)
		for _, w := range []*quiver.Rep{in.Rep, c.Reduced, r} {
			want, err := w.Eval(in.Inputs...)
			require.NoError(t, err, in.Name)
			got, err := reload(w).Eval(in.Inputs...)
			require.NoError(t, err, in.Name)
			for k := range want {
				assert.Equal(t, want[k].RawMatrix(), got[k].RawMatrix(), in.Name)
			}
		}
		small := reload(c.Reduced)
		small.Scale(1.01) // trained
		want, err := c.Lift(small)
		require.NoError(t, err, in.Name)
		again, err := symmetry.Compress(reload(in.Rep))
		require.NoError(t, err, in.Name)
		assert.Equal(t, c.Reduced.Data(), again.Reduced.Data(), in.Name)
		got, err := again.Lift(small)
		require.NoError(t, err, in.Name)
		assert.Equal(t, want.Data(), got.Data(), in.Name)
	})
}
