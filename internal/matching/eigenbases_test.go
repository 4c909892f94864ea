package matching

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/quivernet/quivernet/internal/linalg"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// turnedBy lets factors act on a network of radial vertices.
func turnedBy(t *testing.T, f []linalg.Factor, w *quiver.Rep) *quiver.Rep {
	v := w.Clone()
	for i, a := range w.Quiver().Arrows() {
		m := linalg.Of(w.Matrix(i), a.Rows, a.Cols).Clone()
		if f[a.Source] != nil {
			f[a.Source].Right(m, true)
		}
		if f[a.Target] != nil {
			f[a.Target].Left(m, false)
		}
		require.NoError(t, v.Set(a.Name, m.Dense()))
	}
	return v
}

// rotations draws a rotation for each hidden vertex.
func rotations(q *quiver.Quiver, seed uint64) []linalg.Factor {
	rng := rand.New(rand.NewPCG(seed, 2))
	f := make([]linalg.Factor, q.NumVertices())
	for v, vertex := range q.Vertices() {
		if vertex.Kind == quiver.KindHidden {
			f[v] = linalg.Haar(vertex.Dim, rng)
		}
	}
	return f
}

// turned returns a radial network and a copy on its orbit.
func turned(t *testing.T, seed uint64, dims ...int) (w, v *quiver.Rep) {
	q, err := layers.MLP(layers.Radial(layers.Tanh), dims...)
	require.NoError(t, err)
	w = quiver.Random(q, quiver.He, rand.NewPCG(seed, 1))
	return w, turnedBy(t, rotations(q, seed), w)
}

// grade multiplies row i of an n×n arrow by 10^(−decades·i/n).
func grade(w *quiver.Rep, arrow string, decades float64) {
	m := w.Arrow(arrow)
	r, _ := m.Dims()
	for i := range r {
		row := m.RawRowView(i)
		for j := range row {
			row[j] *= math.Pow(10, -decades*float64(i)/float64(r))
		}
	}
}

// TestEigenbasesSolveInFewSteps: in the coordinates of eigenbases the system for a copy on the orbit is solved
// to rounding in a number of steps that in the coordinates of the weights leads nowhere near; the
// more so where matrices are graded.
func TestEigenbasesSolveInFewSteps(t *testing.T) {
	for _, decades := range []float64{0, 2} {
		w, _ := turned(t, 3, 10, 32, 32, 4)
		grade(w, "h1->h2", decades)
		v := turnedBy(t, rotations(w.Quiver(), 5), w)
		const steps = 140
		s := New(context.Background(), w.Quiver(), nil).Intertwiner(w, v)
		residual, converged := s.Solve(steps)
		assert.True(t, converged)
		assert.LessOrEqual(t, residual, 1e-11*Norm(v))
		g, _ := s.Polar()
		moved := turnedBy(t, g, w)
		assert.LessOrEqual(t, Distance(moved, v), 1e-11*Norm(v))

		plain := New(context.Background(), w.Quiver(), nil).Intertwiner(w, v)
		_, converged = plain.descend(nil, steps)
		assert.False(t, converged)
		g, _ = plain.Polar()
		moved = turnedBy(t, g, w)
		assert.Greater(t, Distance(moved, v), 1e-8*Norm(v))
	}
}

// TestEigenbasesChangeCoordinates: what the system says of X it says of Y in the other coordinates, the way
// there and back is the identity, and the part of the normal equations at one class is diagonal.
func TestEigenbasesChangeCoordinates(t *testing.T) {
	w, v := turned(t, 7, 3, 6, 5, 2)
	v.AddScaled(0.3, quiver.Random(v.Quiver(), quiver.He, rand.NewPCG(8, 1)))
	s := New(context.Background(), w.Quiver(), nil).Intertwiner(w, v)
	b := s.eigenbases()
	in := b.within(s)
	assert.InEpsilon(t, squares(s.apply(s.x)), squares(in.apply(in.x)), 1e-12)
	for k, x := range b.back(in.x) {
		assert.InDeltaSlice(t, s.x[k].Data, x.Data, 1e-12)
	}
	tried := 0
	for k := range in.x {
		if !in.Free[k] {
			continue
		}
		for i := range in.x[k].Data {
			unit := make([]linalg.Matrix, len(in.x))
			for c, x := range in.x {
				unit[c] = linalg.New(x.Rows, x.Cols)
			}
			unit[k].Data[i] = 1
			own := in.adjoint(in.apply(unit))[k]
			want := linalg.New(own.Rows, own.Cols)
			want.Data[i] = b.d[k].Data[i]
			assert.InDeltaSlice(t, want.Data, own.Data, 1e-12)
			tried++
		}
	}
	assert.Equal(t, 36+25, tried)

	unit := make([]linalg.Matrix, len(s.x)) // in the coordinates of the weights it is not
	for c, x := range s.x {
		unit[c] = linalg.New(x.Rows, x.Cols)
	}
	for k := range s.x {
		if s.Free[k] {
			unit[k].Data[0] = 1
			own := s.adjoint(s.apply(unit))[k]
			own.Data[0] = 0
			assert.Greater(t, math.Sqrt(squares([]linalg.Matrix{own})), 1e-3)
			break
		}
	}
}
