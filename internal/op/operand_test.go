package op

import (
	"testing"

	"github.com/chewxy/hm"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// precision counts how often it is compared.
type precision struct {
	tensor.Dtype
	comparisons *int
}

func (p precision) Apply(hm.Subs) hm.Substitutable { return p }
func (p precision) Eq(other hm.Type) bool {
	*p.comparisons++
	_, same := other.(precision)
	return same
}

// TestUnifyIsLinear: to find the type of an operation of n inputs takes a number of comparisons that grows with n, and not, as
// it does with Gorgonia's own type of a matrix (the control), with n².
func TestUnifyIsLinear(t *testing.T) {
	const n = 200
	count := func(of hm.Type) int {
		k := 0
		var inputs []hm.Type
		for range n {
			inputs = append(inputs, gorgonia.TensorType{Dims: 2, Of: precision{tensor.Float64, &k}})
		}
		b := hm.TypeVariable('b')
		sub, err := hm.Unify(hm.NewFnType(append(inputs, b)...), of)
		require.NoError(t, err)
		result, ok := sub.Get(b)
		require.True(t, ok)
		assert.IsType(t, gorgonia.TensorType{}, result)
		return k
	}
	o := newOp(&both{is: KindSum}, "y", "y", n)
	assert.LessOrEqual(t, count(o.Type()), 4*n)
	var plain []hm.Type
	for range n + 1 {
		plain = append(plain, gorgonia.TensorType{Dims: 2, Of: hm.TypeVariable('a')})
	}
	assert.Greater(t, count(hm.NewFnType(plain...)), n*n/4)
}

// TestOnePrecision: inputs of two precisions are an error still.
func TestOnePrecision(t *testing.T) {
	g := gorgonia.NewGraph()
	a := gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithShape(2, 3), gorgonia.WithName("a"))
	b := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(2, 3), gorgonia.WithName("b"))
	c := gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithShape(2, 3), gorgonia.WithName("c"))
	_, err := Add("y", "y", a, b)
	require.Error(t, err)
	sum, err := Add("y", "y", a, c)
	require.NoError(t, err)
	assert.Equal(t, tensor.Float64, sum.Dtype())
	assert.Equal(t, 2, sum.Dims())
}
