package identify

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
	phi, err := PathEmbedding(w, 0)
	require.NoError(t, err)
	unsigned := quiver.Zero(w.Quiver())
	query := oracle(t, w)

	var (
		nf *quiver.NonFiniteError
		in *quiver.InputError
		sh *quiver.ShapeError
		la *quiver.LayoutError
		be *pieces.BoundaryError
		ae *pieces.ActivationError
		le *pieces.LimitError
		ce *ChainError
		se *StructureError
		de *DegenerateError
		oe *pieces.OverflowError
		em *EmbeddingError
		bx *BoxError
		pe *ParameterError
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
		{"nil representation", second(Jacobian(nil, xs, Options{})), &in},
		{"zero representation", second(Jacobian(new(quiver.Rep), xs, Options{})), &in},
		{"equality with zero", second(EqualModRescaling(w, new(quiver.Rep), 1e-9)), &in},
		{"NaN weight", second(Jacobian(nan, xs, Options{})), &nf},
		{"NaN sample", second(Jacobian(w, piecestest.Batch(piecestest.RowsOf([]float64{1, math.NaN()})), Options{})), &nf},
		{"no samples", second(Jacobian(w, piecestest.Batch(&mat.Dense{}), Options{})), &ee},
		{"wrong width of samples", second(Jacobian(w, piecestest.Batch(piecestest.Column(1, 2)), Options{})), &sh},
		{"no inputs", second(Jacobian(w, nil, Options{})), &in},
		{"samples on kinks", second(Jacobian(w, grid, Options{})), &be},
		{"all samples on kinks", second(BatchDimension(w, piecestest.Batch(piecestest.RowsOf([]float64{-1, 0}, []float64{0, 0})), Options{Drop: true})), &be},
		{"too large", second(Jacobian(huge, piecestest.Batch(piecestest.Normal(rand.New(rand.NewPCG(1, 1)), 100, 784)), Options{})), &le},
		{"lines in a smooth network", second(Dimension(gelu, Search{Lines: 0.5})), &ae},
		{"share of lines", second(Dimension(w, Search{Lines: 2})), &pe},
		{"exact rank of a smooth network", second(ExactRank(gelu, xs, Options{})), &ae},
		{"exact on two inputs", second(ExactDimension(w)), &pe},
		{"exact on twelve inputs", second(ExactDimensionOn(piecestest.HeChain(t, piecestest.ReLU, 1, 12, 2, 1), Cube(12, 1))), &le},
		{"zero on an interval", second(ExactDimension(deaf)), &ns},
		{"too many paths", second(PathEmbedding(huge, 0)), &le},
		{"paths of GELU", second(PathEmbedding(gelu, 0)), &ae},
		{"paths of radial", second(PathNorm(radial, 1)), &ae},
		{"paths to a ReLU output", second(PathEmbedding(reluOut, 0)), &ae},
		{"overflow", second(PathEmbedding(over, 0)), &oe},
		{"values overflow", second(BatchDimension(beyond, xs, Options{Drop: true})), &oe},
		{"values overflow, sampled", second(Dimension(beyond, Search{Points: 10})), &oe},
		{"values overflow, local", second(LocalIdentifiability(beyond, xs, LocalOptions{Options: Options{Drop: true}})), &oe},
		{"derivatives overflow", second(Jacobian(steep, piecestest.Batch(piecestest.Column(1e-250)), Options{})), &oe},
		{"exponent", second(PathNorm(w, 0)), &pe},
		{"exponent NaN", second(PathNorm(w, math.NaN())), &pe},
		{"metric with nil", second(PathMetric(w, nil)), &in},
		{"equality with nil", second(EqualModRescaling(nil, w, 1e-9)), &in},
		{"infinite samples", second(Dimension(w, Search{Sampler: Uniform(Whole(2))})), &nf},
		{"box of the sampler", second(Dimension(w, Search{Sampler: Uniform(Cube(1, 1))})), &nf},
		{"tolerance", second(BatchDimension(w, xs, Options{Tolerance: math.NaN()})), &pe},
		{"tolerance, sampled", second(Dimension(w, Search{Options: Options{Tolerance: -1}})), &pe},
		{"tolerance of equality", second(EqualModPermutation(w, w, -1)), &pe},
		{"tolerance of rescaling", second(EqualModRescaling(w, w, math.NaN())), &pe},
		{"tolerance of reconstruction", second(FromPathEmbedding(phi, w, -1)), &pe},
		{"normal form overflows", second(NormalizeIncoming(beyond)), &oe},
		{"direction", second(Follow(w, xs, FollowOptions{Direction: -1})), &pe},
		{"steps", second(Follow(w, xs, FollowOptions{Steps: -1})), &pe},
		{"metric of two quivers", second(PathMetric(w, piecestest.NetT1(t))), &la},
		{"fraction", func() error { _, _, err := PruneByPaths(w, 1.5, PruneOptions{}); return err }(), &pe},
		{"shape of the embedding", second(FromPathEmbedding(mat.NewDense(6, 1, nil), w, 0)), &sh},
		{"no embedding", second(FromPathEmbedding(nil, w, 0)), &em},
		{"no signs", second(FromPathEmbedding(phi, unsigned, 0)), &em},
		{"zero embedding", second(FromPathEmbedding(mat.NewDense(7, 1, nil), w, 0)), &em},
		{"embedding with fixed arrows", second(FromPathEmbedding(phi, residual, 0)), &se},
		{"rescaling fixed arrows", second(NormalizeOutgoing(residual)), &se},
		{"rescaling GELU", second(NormalizeOutgoing(gelu)), &ae},
		{"nothing leaves", second(NormalizeOutgoing(mute)), &de},
		{"nothing enters", second(NormalizeIncoming(deaf)), &de},
		{"local, nothing leaves", second(LocalIdentifiability(mute, piecestest.Batch(piecestest.Column(1)), LocalOptions{})), &de},
		{"local, nothing enters", second(LocalIdentifiability(deaf, piecestest.Batch(piecestest.Column(1)), LocalOptions{})), &de},
		{"local, GELU", second(LocalIdentifiability(gelu, xs, LocalOptions{})), &ae},
		{"local, on kinks", second(LocalIdentifiability(w, grid, LocalOptions{})), &be},
		{"free coordinates, fixed arrows", func() error { _, _, err := FreeCoordinates(residual); return err }(), &se},
		{"follow without hidden directions", second(Follow(w, xs, FollowOptions{})), &pe},
		{"P of a dense network", second(CheckP(dense, Cube(2, 1), POptions{})), &ce},
		{"P of a residual network", second(CheckP(residual, Cube(2, 1), POptions{})), &ce},
		{"P without hidden layer", second(CheckP(affine, Cube(2, 1), POptions{})), &ce},
		{"P of GELU", second(CheckP(gelu, Cube(2, 1), POptions{})), &ae},
		{"P of leaky ReLU", second(CheckP(piecestest.HeChain(t, piecestest.Leaky, 1, 2, 2, 1), Cube(2, 1), POptions{})), &ae},
		{"P on an empty box", second(CheckP(w, Box{Lo: []float64{1, 0}, Hi: []float64{0, 1}}, POptions{})), &bx},
		{"P on a flat box", second(CheckP(w, Box{Lo: []float64{0, 0}, Hi: []float64{0, 1}}, POptions{})), &bx},
		{"P on a NaN box", second(CheckP(w, Box{Lo: []float64{0, math.NaN()}, Hi: []float64{1, 1}}, POptions{})), &bx},
		{"P on a half line", second(CheckP(w, Box{Lo: []float64{0, 0}, Hi: []float64{1, math.Inf(1)}}, POptions{})), &bx},
		{"P on a box of three sides", second(CheckP(w, Cube(3, 1), POptions{})), &bx},
		{"shallow, two hidden layers", second(Shallow(piecestest.NetT1(t), Cube(2, 1))), &ce},
		{"shallow, slopes 1 and −1", second(Shallow(piecestest.HeChain(t, layers.Pointwise(layers.Abs), 1, 2, 2, 1), Cube(2, 1))), &ae},
		{"shallow, GELU", second(Shallow(gelu, Cube(2, 1))), &ae},
		{"recover, unbounded", second(RecoverShallow(query, 2, 2, Whole(2), RecoverOptions{})), &bx},
		{"recover, no units", second(RecoverShallow(query, 2, 0, Cube(2, 1), RecoverOptions{})), &pe},
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
	phi, err := PathEmbedding(affine, 0)
	require.NoError(t, err)
	r, c := phi.Dims()
	require.Equal(t, []int{3, 3}, []int{r, c})
	back, err := FromPathEmbedding(phi, affine, 0)
	require.NoError(t, err)
	require.Equal(t, affine.Data(), back.Data())
	// duplicate samples bring no rank
	twice := append(append([][]float64(nil), piecestest.X7[:4]...), piecestest.X7[:4]...)
	l, err := LocalIdentifiability(piecestest.NetA1(t), piecestest.Batch(piecestest.RowsOf(twice...)), LocalOptions{})
	require.NoError(t, err)
	require.Equal(t, 4, l.RankJ)
	require.Equal(t, NotIdentifiable, l.Verdict)
	// twin units: P.a refuted, no error
	twin := netQ1(t)
	twin.Arrow("x->h1").SetRow(1, twin.Arrow("x->h1").RawRowView(0))
	require.Equal(t, Refuted, checkP(t, twin, Cube(2, 4)).Overall)
	// a path norm of a network of zeros
	n, err := PathNorm(quiver.Zero(affine.Quiver()), 2)
	require.NoError(t, err)
	v, ok := n.Value()
	require.True(t, ok)
	require.Zero(t, v)
	// vertices of dimension 0
	q, err := quiver.New(append([]quiver.Part{quiver.Input("x", 2), quiver.Input("none", 0), quiver.Bias("one"), quiver.Hidden("h", 0, piecestest.ReLU), quiver.Output("y", 1, nil), quiver.Connect("none", "y")}, append(layers.Affine("x", "h"), layers.Affine("h", "y")...)...)...)
	require.NoError(t, err)
	zero := quiver.Random(q, piecestest.Gauss, rand.NewPCG(1, 1))
	d, err := BatchDimension(zero, []*mat.Dense{mat.NewDense(3, 2, nil), {}}, Options{})
	require.NoError(t, err)
	require.Equal(t, 1, d.Dimension)
	_, err = PathNorm(zero, 1)
	require.NoError(t, err)
	_, err = PathSaliency(zero)
	require.NoError(t, err)
	e, err := ExactRank(zero, []*mat.Dense{mat.NewDense(3, 2, nil), {}}, Options{})
	require.NoError(t, err)
	require.Equal(t, 1, e.Rank)
	// a quiver without inputs
	q, err = quiver.New(quiver.Bias("one"), quiver.Output("y", 2, nil), quiver.Connect("one", "y"))
	require.NoError(t, err)
	free := quiver.Random(q, piecestest.Gauss, rand.NewPCG(1, 1))
	d, err = BatchDimension(free, nil, Options{})
	require.NoError(t, err)
	require.Equal(t, 2, d.Dimension)
	// a numerical rank on the brink: the verdict stays open, with both candidates
	thin := piecestest.Chain(t, []int{1, 1, 1}, []float64{1}, []float64{0}, []float64{1}, []float64{0})
	l, err = LocalIdentifiability(thin, piecestest.Batch(piecestest.Column(-1, 1, 1+1e-14)), LocalOptions{})
	require.NoError(t, err)
	require.Equal(t, Undetermined, l.Verdict, "%v", l)
	require.NotEmpty(t, l.Candidates)
	l, err = LocalIdentifiability(thin, piecestest.Batch(piecestest.Column(-1, 1, 1+1e-14)), LocalOptions{Exact: true})
	require.NoError(t, err)
	require.Equal(t, Identifiable, l.Verdict)
}

// TestNothingIsChanged: no function writes to its arguments.
func TestNothingIsChanged(t *testing.T) {
	w := piecestest.NetAlwaysOn(t)
	x := piecestest.IntegerGrid()
	data, in := append([]float64(nil), w.Data()...), mat.DenseCopyOf(x)
	drop := Options{Drop: true}
	_, err := LocalIdentifiability(w, piecestest.Batch(x), LocalOptions{Options: drop})
	require.NoError(t, err)
	_, err = NormalizeIncoming(w)
	require.NoError(t, err)
	_, err = NormalizeOutgoing(w)
	require.NoError(t, err)
	_, err = EqualModPermutation(w, w, 1e-9)
	require.NoError(t, err)
	_, err = Follow(w, piecestest.Batch(x), FollowOptions{Options: drop, Steps: 2})
	require.NoError(t, err)
	_, _, err = PruneByPaths(w, 0.5, PruneOptions{})
	require.NoError(t, err)
	phi, err := PathEmbedding(w, 0)
	require.NoError(t, err)
	_, err = FromPathEmbedding(phi, w, 0)
	require.NoError(t, err)
	_, err = BatchDimension(w, piecestest.Batch(x), drop)
	require.NoError(t, err)
	require.Equal(t, data, w.Data())
	require.True(t, mat.Equal(in, x))
}

// bent is a pointwise activation of a user's own.
type bent struct{ up, down float64 }

func (b bent) String() string { return "bent" }
func (b bent) Apply(dst, z []float64) {
	for i, x := range z {
		dst[i] = b.PointJet(1, x) * x
	}
}
func (b bent) VJP(dst, z, g []float64) {
	for i, x := range z {
		dst[i] = b.PointJet(1, x) * g[i]
	}
}
func (b bent) Restrict(*mat.Dense) (quiver.Activation, bool) { return nil, false }
func (b bent) PointJet(k int, x float64) float64 {
	s := b.down
	if x > 0 {
		s = b.up
	}
	switch k {
	case 0:
		return s * x
	case 1:
		return s
	}
	return 0
}

// TestRecognition: which activations are taken for linear on each side, of which degree,
// and where their kinks are.
func TestRecognition(t *testing.T) {
	type want struct {
		up, down float64
		pieces   bool
		degree   float64
		kinks    int
	}
	for _, c := range []struct {
		act  quiver.Activation
		want want
	}{
		{piecestest.ReLU, want{1, 0, true, 1, 1}},
		{piecestest.Leaky, want{1, 0.25, true, 1, 1}},
		{layers.Pointwise(layers.Abs), want{1, -1, true, 1, 1}},
		{quiver.Identity, want{1, 1, true, 1, 0}},
		{bent{2, -0.5}, want{2, -0.5, true, 1, 1}},
		{layers.Pointwise(layers.Square), want{0, 0, false, 2, 0}},
		{layers.Pointwise(layers.Power(3)), want{0, 0, false, 3, 0}},
		{layers.Pointwise(layers.Tanh), want{0, 0, false, 0, 0}},
		{layers.Pointwise(layers.GELU), want{0, 0, false, 0, 0}},
		{layers.Pointwise(layers.StepReLU), want{0, 0, false, 0, 1}},
		{layers.Pointwise(layers.Shift(layers.ReLU, 0.5)), want{0, 0, false, 0, 1}},
		{layers.Radial(layers.ReLU), want{0, 0, false, 0, 0}},
	} {
		s, ok := pieces.SlopesOf(c.act)
		require.Equal(t, c.want.pieces, ok, c.act)
		if ok {
			require.Equal(t, pieces.Slopes{Up: c.want.up, Down: c.want.down}, s)
		}
		d, _ := pieces.DegreeOf(c.act)
		require.Equal(t, c.want.degree, d, c.act)
		require.Len(t, pieces.KinksOf(c.act), c.want.kinks, c.act)
	}
	q, err := layers.MLP(bent{2, -0.5}, 2, 3, 1)
	require.NoError(t, err)
	w := quiver.Random(q, piecestest.Gauss, rand.NewPCG(1, 1))
	r, err := Dimension(w, Search{})
	require.NoError(t, err)
	require.Equal(t, q.NumParams()-3, r.Max)
}
