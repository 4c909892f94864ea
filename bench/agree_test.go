package main

import (
	"bytes"
	"math"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
)

func TestAgree(t *testing.T) {
	c := benchCase{full, 121, training}
	say := func(losses ...float64) (out []answer) {
		for i, l := range losses {
			out = append(out, answer{Variant: []string{"a", "b", "c"}[i], Loss100: l})
		}
		return out
	}
	assert.NoError(t, agree(c, say(0.5)))
	assert.NoError(t, agree(c, say(0.5, 0.5+1e-10, 0.5)))
	assert.EqualError(t, agree(c, say(0.5, 0.5+1e-8, 0.5)), `case full/121: the losses after 100 steps differ by more than 1e-09 of their size, so the times are of different computations:
  a                  0.5
  b                  0.50000001000000005  differs by 2.0e-08 from the median
  c                  0.5`)
	assert.Error(t, agree(c, say(0.5, 0.6)))
	assert.Error(t, agree(c, say(0.5, math.NaN())))
	assert.Error(t, agree(c, say(math.NaN())))
	assert.Error(t, agree(c, say(0, 1e-300)))
	assert.Error(t, agree(c, say(0.5, math.Inf(1))))
}

// The tolerance tells a step more or less, and a rate that is a little off: a loss that agrees means the same training.
func TestToleranceIsTight(t *testing.T) {
	after := func(in *instance, steps int) float64 {
		h := newHand(in)
		require.NoError(t, h.run(steps))
		l, err := h.loss()
		require.NoError(t, err)
		return l
	}
	for _, c := range allCases {
		n, other := 100, 1.001
		if c.kind == arrows || c.batch == 1024 {
			continue
		}
		if c.float32 {
			n, other = 10, 1.01 // to be quick: later the loss changes faster
		}
		in, err := c.instance()
		require.NoError(t, err)
		loss := after(in, n)
		assert.Greater(t, math.Abs(after(in, n+1)-loss)/loss, 10*c.tolerance(), "%s: a step more", c)
		in.rate *= other
		assert.Greater(t, math.Abs(after(in, n)-loss)/loss, 2*c.tolerance(), "%s: another rate", c)
	}
}

// All variants in Go compute the same on the small cases; the others are checked at each run.
func TestVariantsAgree(t *testing.T) {
	for _, c := range allCases {
		if c.float32 || c.batch == 1024 {
			continue
		}
		var answers []answer
		for _, v := range goVariants {
			if !v.does(c) || v.plain {
				continue
			}
			s, err := setUp(c, v)
			require.NoError(t, err)
			require.NoError(t, s.run(20))
			l, err := s.loss()
			require.NoError(t, err)
			require.NoError(t, s.reset())
			require.NoError(t, s.run(20))
			again, err := s.loss()
			require.NoError(t, err)
			assert.Equal(t, l, again, "%s, %s: the same after a reset", c, v)
			answers = append(answers, answer{Variant: v.name, Loss100: l})
		}
		assert.Greater(t, len(answers), 1)
		assert.NoError(t, agree(c, answers))
	}
}

// The yardstick handles batches that fill no block, in both precisions and with both losses.
func TestHandOnOddSizes(t *testing.T) {
	for _, n := range []network{
		{"", []int{3, 5, 2}, "radial-sigmoid", "mse", false, 0.1}, {"", []int{3, 70, 2}, "radial-sigmoid", "mse", false, 0.1},
		{"", []int{7, 20, 4}, "relu", "softmaxce", false, 0.1}, {"", []int{7, 20, 4}, "relu", "softmaxce", true, 0.1},
	} {
		for _, batch := range []int{1, 15, 16, 17, 150, 257} {
			in, err := benchCase{n, batch, training}.instance()
			require.NoError(t, err)
			if n.loss == "mse" { // the grid has 1024 samples of two numbers
				in.x, _ = classes(batch, n.dims[0], 2)
				in.y = mat.DenseCopyOf(in.x.Slice(0, batch, 0, 2))
			}
			h := newHand(in)
			o, err := newOurs(in)
			require.NoError(t, err)
			require.NoError(t, h.run(20))
			require.NoError(t, o.run(20))
			got, err := h.loss()
			require.NoError(t, err)
			want, err := o.loss()
			require.NoError(t, err)
			tol := 1e-11
			if n.float32 {
				tol = 1e-5
			}
			assert.InEpsilon(t, want, got, tol, "%v, %d samples", n, batch)
		}
	}
}

func TestInstanceFile(t *testing.T) {
	for _, c := range allCases {
		if c.kind == arrows || c.batch == 1024 {
			continue
		}
		in, err := c.instance()
		require.NoError(t, err)
		again, err := c.instance()
		require.NoError(t, err)
		assert.Equal(t, in, again, "always the same")
		file := filepath.Join(t.TempDir(), "case")
		require.NoError(t, in.save(file))
		got, err := load(file)
		require.NoError(t, err)
		got.name = in.name
		assert.Equal(t, in, got)
	}
	_, err := load(filepath.Join(t.TempDir(), "none"))
	assert.Error(t, err)
}

func FuzzRead(f *testing.F) {
	in, err := benchCase{network{"", []int{2, 3, 1}, "relu", "mse", false, 0.1}, 1, training}.instance()
	if err != nil {
		f.Fatal(err)
	}
	in.x, in.y = mat.NewDense(1, 2, nil), mat.NewDense(1, 1, nil)
	file := filepath.Join(f.TempDir(), "case")
	if err := in.save(file); err != nil {
		f.Fatal(err)
	}
	f.Add(bytesOf(f, file))
	f.Add([]byte{})
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x00{}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		in, err := read(bytes.NewReader(text))
		if err != nil {
			return
		}
		assert.Len(t, in.ws, len(in.dims)-1)
		assert.NotNil(t, in.x)
		assert.NotNil(t, in.y)
	})
}
