package identify_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/pieces/piecestest"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
	"github.com/quivernet/quivernet/symmetry/local"
	"github.com/quivernet/quivernet/symmetry/paths"
	"github.com/quivernet/quivernet/symmetry/recovery"
)

// TestErrors checks the type and the text of what bad input gives.
func TestErrors(t *testing.T) {
	w := piecestest.NetA1(t)
	xs := piecestest.Batch(piecestest.RowsOf(piecestest.X7...))
	grid := piecestest.Batch(piecestest.IntegerGrid())
	gelu := piecestest.HeChain(t, layers.Pointwise(layers.GELU), 1, 2, 3, 1)
	radial := piecestest.HeChain(t, layers.Radial(layers.Squash), 1, 2, 3, 1)
	nan := w.Clone()
	nan.Data()[2] = math.NaN()
	huge := piecestest.HeChain(t, piecestest.ReLU, 1, 784, 100, 100, 10)
	over := piecestest.Chain(t, []int{1, 1, 1}, []float64{1e200}, []float64{0}, []float64{1e200}, []float64{0})
	beyond := piecestest.HeChain(t, piecestest.ReLU, 1, 2, 3, 3, 1)
	beyond.Scale(1e160)
	steep := piecestest.Chain(t, []int{1, 1, 1, 1}, []float64{1}, []float64{0}, []float64{1e200}, []float64{0}, []float64{1e200}, []float64{0})
	mute := piecestest.Chain(t, []int{1, 1, 1}, []float64{1}, []float64{1}, []float64{0}, []float64{0})
	deaf := piecestest.Chain(t, []int{1, 1, 1}, []float64{0}, []float64{0}, []float64{1}, []float64{0})
	skip, err := layers.DenseNet(piecestest.ReLU, 2, 2, 2, 1)
	require.NoError(t, err)
	dense := quiver.Random(skip, nil, rand.NewPCG(1, 1))
	res, err := layers.Residual(piecestest.ReLU, 2, 2, 2, 1, 1)
	require.NoError(t, err)
	residual := quiver.Random(res, nil, rand.NewPCG(1, 1))
	affine := piecestest.HeChain(t, piecestest.ReLU, 1, 2, 1)
	reluOut := func() *quiver.Rep {
		q, err := quiver.New(append([]quiver.Part{quiver.Input("x", 2), quiver.Bias("one"), quiver.Output("y", 1, piecestest.ReLU)}, layers.Affine("x", "y")...)...)
		require.NoError(t, err)
		return quiver.Random(q, nil, rand.NewPCG(1, 1))
	}()
	phi, err := paths.PathEmbedding(w, 0)
	require.NoError(t, err)
	unsigned := quiver.Zero(w.Quiver())
	query := piecestest.Oracle(t, w)

	var (
		nf *quiver.NonFiniteError
		in *quiver.InputError
		sh *quiver.ShapeError
		la *quiver.LayoutError
		be *pieces.BoundaryError
		ae *pieces.ActivationError
		le *pieces.LimitError
		ce *recovery.ChainError
		se *identify.StructureError
		de *identify.DegenerateError
		oe *pieces.OverflowError
		em *paths.EmbeddingError
		bx *identify.BoxError
		pe *identify.ParameterError
		ee *pieces.EmptyError
		ns *pieces.NotSmoothError
	)
	second := func(_ any, err error) error { return err }
	text := ""
	for _, c := range []struct {
		name   string
		err    error
		target any
	}{
		{"nil representation", second(identify.Jacobian(nil, xs, identify.Options{})), &in},
		{"zero representation", second(identify.Jacobian(new(quiver.Rep), xs, identify.Options{})), &in},
		{"equality with zero", second(identify.EqualModRescaling(w, new(quiver.Rep), 1e-9)), &in},
		{"NaN weight", second(identify.Jacobian(nan, xs, identify.Options{})), &nf},
		{"NaN sample", second(identify.Jacobian(w, piecestest.Batch(piecestest.RowsOf([]float64{1, math.NaN()})), identify.Options{})), &nf},
		{"no samples", second(identify.Jacobian(w, piecestest.Batch(&mat.Dense{}), identify.Options{})), &ee},
		{"wrong width of samples", second(identify.Jacobian(w, piecestest.Batch(piecestest.Column(1, 2)), identify.Options{})), &sh},
		{"no inputs", second(identify.Jacobian(w, nil, identify.Options{})), &in},
		{"samples on kinks", second(identify.Jacobian(w, grid, identify.Options{})), &be},
		{"all samples on kinks", second(identify.BatchDimension(w, piecestest.Batch(piecestest.RowsOf([]float64{-1, 0}, []float64{0, 0})), identify.Options{Drop: true})), &be},
		{"too large", second(identify.Jacobian(huge, piecestest.Batch(piecestest.Normal(rand.New(rand.NewPCG(1, 1)), 100, 784)), identify.Options{})), &le},
		{"lines in a smooth network", second(identify.Dimension(gelu, identify.Search{Lines: 0.5})), &ae},
		{"share of lines", second(identify.Dimension(w, identify.Search{Lines: 2})), &pe},
		{"exact rank of a smooth network", second(identify.ExactRank(gelu, xs, identify.Options{})), &ae},
		{"exact on two inputs", second(identify.ExactDimension(w)), &pe},
		{"exact on twelve inputs", second(identify.ExactDimensionOn(piecestest.HeChain(t, piecestest.ReLU, 1, 12, 2, 1), identify.Cube(12, 1))), &le},
		{"zero on an interval", second(identify.ExactDimension(deaf)), &ns},
		{"too many paths", second(paths.PathEmbedding(huge, 0)), &le},
		{"paths of GELU", second(paths.PathEmbedding(gelu, 0)), &ae},
		{"paths of radial", second(paths.PathNorm(radial, 1)), &ae},
		{"paths to a ReLU output", second(paths.PathEmbedding(reluOut, 0)), &ae},
		{"overflow", second(paths.PathEmbedding(over, 0)), &oe},
		{"values overflow", second(identify.BatchDimension(beyond, xs, identify.Options{Drop: true})), &oe},
		{"values overflow, sampled", second(identify.Dimension(beyond, identify.Search{Points: 10})), &oe},
		{"values overflow, local", second(local.Identifiability(beyond, xs, local.Options{Options: identify.Options{Drop: true}})), &oe},
		{"derivatives overflow", second(identify.Jacobian(steep, piecestest.Batch(piecestest.Column(1e-250)), identify.Options{})), &oe},
		{"exponent", second(paths.PathNorm(w, 0)), &pe},
		{"exponent NaN", second(paths.PathNorm(w, math.NaN())), &pe},
		{"metric with nil", second(paths.PathMetric(w, nil)), &in},
		{"equality with nil", second(identify.EqualModRescaling(nil, w, 1e-9)), &in},
		{"infinite samples", second(identify.Dimension(w, identify.Search{Sampler: identify.Uniform(identify.Whole(2))})), &nf},
		{"box of the sampler", second(identify.Dimension(w, identify.Search{Sampler: identify.Uniform(identify.Cube(1, 1))})), &nf},
		{"tolerance", second(identify.BatchDimension(w, xs, identify.Options{Tolerance: math.NaN()})), &pe},
		{"tolerance, sampled", second(identify.Dimension(w, identify.Search{Options: identify.Options{Tolerance: -1}})), &pe},
		{"tolerance of equality", second(identify.EqualModPermutation(w, w, -1)), &pe},
		{"tolerance of rescaling", second(identify.EqualModRescaling(w, w, math.NaN())), &pe},
		{"tolerance of reconstruction", second(paths.FromPathEmbedding(phi, w, -1)), &pe},
		{"normal form overflows", second(identify.NormalizeIncoming(beyond)), &oe},
		{"direction", second(local.Follow(w, xs, local.FollowOptions{Direction: -1})), &pe},
		{"steps", second(local.Follow(w, xs, local.FollowOptions{Steps: -1})), &pe},
		{"metric of two quivers", second(paths.PathMetric(w, piecestest.NetT1(t))), &la},
		{"fraction", func() error { _, _, err := paths.PruneByPaths(w, 1.5, paths.PruneOptions{}); return err }(), &pe},
		{"shape of the embedding", second(paths.FromPathEmbedding(mat.NewDense(6, 1, nil), w, 0)), &sh},
		{"no embedding", second(paths.FromPathEmbedding(nil, w, 0)), &em},
		{"no signs", second(paths.FromPathEmbedding(phi, unsigned, 0)), &em},
		{"zero embedding", second(paths.FromPathEmbedding(mat.NewDense(7, 1, nil), w, 0)), &em},
		{"embedding with fixed arrows", second(paths.FromPathEmbedding(phi, residual, 0)), &se},
		{"rescaling fixed arrows", second(identify.NormalizeOutgoing(residual)), &se},
		{"rescaling GELU", second(identify.NormalizeOutgoing(gelu)), &ae},
		{"nothing leaves", second(identify.NormalizeOutgoing(mute)), &de},
		{"nothing enters", second(identify.NormalizeIncoming(deaf)), &de},
		{"local, nothing leaves", second(local.Identifiability(mute, piecestest.Batch(piecestest.Column(1)), local.Options{})), &de},
		{"local, nothing enters", second(local.Identifiability(deaf, piecestest.Batch(piecestest.Column(1)), local.Options{})), &de},
		{"local, GELU", second(local.Identifiability(gelu, xs, local.Options{})), &ae},
		{"local, on kinks", second(local.Identifiability(w, grid, local.Options{})), &be},
		{"free coordinates, fixed arrows", func() error { _, _, err := identify.FreeCoordinates(residual); return err }(), &se},
		{"follow without hidden directions", second(local.Follow(w, xs, local.FollowOptions{})), &pe},
		{"P of a dense network", second(recovery.CheckP(dense, identify.Cube(2, 1), recovery.POptions{})), &ce},
		{"P of a residual network", second(recovery.CheckP(residual, identify.Cube(2, 1), recovery.POptions{})), &ce},
		{"P without hidden layer", second(recovery.CheckP(affine, identify.Cube(2, 1), recovery.POptions{})), &ce},
		{"P of GELU", second(recovery.CheckP(gelu, identify.Cube(2, 1), recovery.POptions{})), &ae},
		{"P of leaky ReLU", second(recovery.CheckP(piecestest.HeChain(t, piecestest.Leaky, 1, 2, 2, 1), identify.Cube(2, 1), recovery.POptions{})), &ae},
		{"P on an empty box", second(recovery.CheckP(w, identify.Box{Lo: []float64{1, 0}, Hi: []float64{0, 1}}, recovery.POptions{})), &bx},
		{"P on a flat box", second(recovery.CheckP(w, identify.Box{Lo: []float64{0, 0}, Hi: []float64{0, 1}}, recovery.POptions{})), &bx},
		{"P on a NaN box", second(recovery.CheckP(w, identify.Box{Lo: []float64{0, math.NaN()}, Hi: []float64{1, 1}}, recovery.POptions{})), &bx},
		{"P on a half line", second(recovery.CheckP(w, identify.Box{Lo: []float64{0, 0}, Hi: []float64{1, math.Inf(1)}}, recovery.POptions{})), &bx},
		{"P on a box of three sides", second(recovery.CheckP(w, identify.Cube(3, 1), recovery.POptions{})), &bx},
		{"shallow, two hidden layers", second(recovery.Shallow(piecestest.NetT1(t), identify.Cube(2, 1))), &ce},
		{"shallow, slopes 1 and −1", second(recovery.Shallow(piecestest.HeChain(t, layers.Pointwise(layers.Abs), 1, 2, 2, 1), identify.Cube(2, 1))), &ae},
		{"shallow, GELU", second(recovery.Shallow(gelu, identify.Cube(2, 1))), &ae},
		{"recover, unbounded", second(recovery.RecoverShallow(query, 2, 2, identify.Whole(2), recovery.RecoverOptions{})), &bx},
		{"recover, no units", second(recovery.RecoverShallow(query, 2, 0, identify.Cube(2, 1), recovery.RecoverOptions{})), &pe},
	} {
		require.Error(t, c.err, c.name)
		require.True(t, errors.As(c.err, c.target), "%s: %T %v", c.name, c.err, c.err)
		text += c.name + ":\n  " + c.err.Error() + "\n"
	}
	piecestest.Golden(t, "errors.txt", text)
}

// TestAllowed lists degenerate input that is no error.
func TestAllowed(t *testing.T) {
	affine := piecestest.HeChain(t, piecestest.ReLU, 1, 2, 3)
	phi, err := paths.PathEmbedding(affine, 0)
	require.NoError(t, err)
	r, c := phi.Dims()
	require.Equal(t, []int{3, 3}, []int{r, c})
	back, err := paths.FromPathEmbedding(phi, affine, 0)
	require.NoError(t, err)
	require.Equal(t, affine.Data(), back.Data())
	// duplicate samples bring no rank
	twice := append(append([][]float64(nil), piecestest.X7[:4]...), piecestest.X7[:4]...)
	l, err := local.Identifiability(piecestest.NetA1(t), piecestest.Batch(piecestest.RowsOf(twice...)), local.Options{})
	require.NoError(t, err)
	require.Equal(t, 4, l.RankJ)
	require.Equal(t, identify.NotIdentifiable, l.Verdict)
	// twin units: P.a refuted, no error
	twin := piecestest.NetQ1(t)
	twin.Arrow("x->h1").SetRow(1, twin.Arrow("x->h1").RawRowView(0))
	require.Equal(t, recovery.Refuted, piecestest.Must(recovery.CheckP(twin, identify.Cube(2, 4), recovery.POptions{}))(t).Overall)
	// a path norm of a network of zeros
	n, err := paths.PathNorm(quiver.Zero(affine.Quiver()), 2)
	require.NoError(t, err)
	v, ok := n.Value()
	require.True(t, ok)
	require.Zero(t, v)
	// vertices of dimension 0
	q, err := quiver.New(append([]quiver.Part{quiver.Input("x", 2), quiver.Input("none", 0), quiver.Bias("one"), quiver.Hidden("h", 0, piecestest.ReLU), quiver.Output("y", 1, nil), quiver.Connect("none", "y")}, append(layers.Affine("x", "h"), layers.Affine("h", "y")...)...)...)
	require.NoError(t, err)
	zero := quiver.Random(q, piecestest.Gauss, rand.NewPCG(1, 1))
	d, err := identify.BatchDimension(zero, []*mat.Dense{mat.NewDense(3, 2, nil), {}}, identify.Options{})
	require.NoError(t, err)
	require.Equal(t, 1, d.Dimension)
	_, err = paths.PathNorm(zero, 1)
	require.NoError(t, err)
	_, err = paths.PathSaliency(zero)
	require.NoError(t, err)
	e, err := identify.ExactRank(zero, []*mat.Dense{mat.NewDense(3, 2, nil), {}}, identify.Options{})
	require.NoError(t, err)
	require.Equal(t, 1, e.Rank)
	// a quiver without inputs
	q, err = quiver.New(quiver.Bias("one"), quiver.Output("y", 2, nil), quiver.Connect("one", "y"))
	require.NoError(t, err)
	free := quiver.Random(q, piecestest.Gauss, rand.NewPCG(1, 1))
	d, err = identify.BatchDimension(free, nil, identify.Options{})
	require.NoError(t, err)
	require.Equal(t, 2, d.Dimension)
	// a numerical rank on the brink: the verdict stays open, with both candidates
	thin := piecestest.Chain(t, []int{1, 1, 1}, []float64{1}, []float64{0}, []float64{1}, []float64{0})
	l, err = local.Identifiability(thin, piecestest.Batch(piecestest.Column(-1, 1, 1+1e-14)), local.Options{})
	require.NoError(t, err)
	require.Equal(t, identify.Undetermined, l.Verdict, "%v", l)
	require.NotEmpty(t, l.Candidates)
	l, err = local.Identifiability(thin, piecestest.Batch(piecestest.Column(-1, 1, 1+1e-14)), local.Options{Exact: true})
	require.NoError(t, err)
	require.Equal(t, identify.Identifiable, l.Verdict)
}

// TestNothingIsChanged: no function writes to its arguments.
func TestNothingIsChanged(t *testing.T) {
	w := piecestest.NetAlwaysOn(t)
	x := piecestest.IntegerGrid()
	data, in := append([]float64(nil), w.Data()...), mat.DenseCopyOf(x)
	drop := identify.Options{Drop: true}
	_, err := local.Identifiability(w, piecestest.Batch(x), local.Options{Options: drop})
	require.NoError(t, err)
	_, err = identify.NormalizeIncoming(w)
	require.NoError(t, err)
	_, err = identify.NormalizeOutgoing(w)
	require.NoError(t, err)
	_, err = identify.EqualModPermutation(w, w, 1e-9)
	require.NoError(t, err)
	_, err = local.Follow(w, piecestest.Batch(x), local.FollowOptions{Options: drop, Steps: 2})
	require.NoError(t, err)
	_, _, err = paths.PruneByPaths(w, 0.5, paths.PruneOptions{})
	require.NoError(t, err)
	phi, err := paths.PathEmbedding(w, 0)
	require.NoError(t, err)
	_, err = paths.FromPathEmbedding(phi, w, 0)
	require.NoError(t, err)
	_, err = identify.BatchDimension(w, piecestest.Batch(x), drop)
	require.NoError(t, err)
	require.Equal(t, data, w.Data())
	require.True(t, mat.Equal(in, x))
}
