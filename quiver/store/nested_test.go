package store_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/store"
)

// TestNestedRestrictionsInFiles: a file that restricts a restriction is refused, and a basis inside
// that is empty does not keep the reader busy for ever.
func TestNestedRestrictionsInFiles(t *testing.T) {
	mirror, first := mat.NewDense(3, 3, []float64{1, 0, 0, 0, 1, 0, 0, 0, -1}), mat.NewDense(3, 2, []float64{1, 0, 0, 1, 0, 0})
	act := layers.Radial(layers.Tanh)
	for what, inside := range map[string]*mat.Dense{"fitting": mirror, "empty": {}, "of another size": first} {
		in, out := quiver.Restricted(act, inside).(quiver.Restriction), quiver.Restricted(act, first).(quiver.Restriction)
		text := `{"format":"` + quiver.Format + `","vertices":[{"name":"h","kind":"hidden","dim":2,"act":"` +
			fmt.Sprintf("restrict(%s,#%s)", in, out.Hash()) + `"}],"arrows":[]}`
		meta, err := json.Marshal(map[string]string{"quivernet": "1", "quivernet.quiver": text, "quivernet.fixed": "", "quivernet.sha256": "none"})
		require.NoError(t, err)
		header, contents := `{"__metadata__":`+string(meta), []byte(nil)
		bases := []*mat.Dense{inside, first}
		if what == "of another size" {
			bases = bases[:1]
		}
		for i, b := range bases {
			r, c := b.Dims()
			at := len(contents)
			for k := range r * c {
				contents = binary.LittleEndian.AppendUint64(contents, math.Float64bits(b.At(k/c, k%c)))
			}
			header += fmt.Sprintf(`,"basis #%s":{"dtype":"F64","shape":[%d,%d],"data_offsets":[%d,%d]}`, []quiver.Restriction{in, out}[i].Hash(), r, c, at, len(contents))
		}
		_, err = store.Read(bytes.NewReader(file(header+"}", contents)))
		var fe *store.FormatError
		require.ErrorAs(t, err, &fe, what)
		assert.Contains(t, err.Error(), "it restricts a restriction", what)
	}
}
