package agreement

import (
	"context"
	"io"
	"iter"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/store"
	"github.com/quivernet/quivernet/symmetry"
	"github.com/quivernet/quivernet/symmetry/rewrite"
)

// The names on which programs of others rest, each with its signature: what does not compile here breaks them.
var (
	_ func(...quiver.Part) (*quiver.Quiver, error)                                                              = quiver.New
	_ func(string, int) quiver.Part                                                                             = quiver.Input
	_ func(string) quiver.Part                                                                                  = quiver.Bias
	_ func(string, int, quiver.Activation) quiver.Part                                                          = quiver.Hidden
	_ func(string, int, quiver.Activation) quiver.Part                                                          = quiver.Output
	_ func(string, string, ...quiver.ArrowOption) quiver.Part                                                   = quiver.Connect
	_ func(string) quiver.ArrowOption                                                                           = quiver.Named
	_ func(mat.Matrix) quiver.ArrowOption                                                                       = quiver.Frozen
	_ func(string) quiver.ArrowOption                                                                           = quiver.Tied
	_ func(io.Reader, func(string) (quiver.Activation, error)) (*quiver.Quiver, error)                          = quiver.DecodeJSON
	_ func(*quiver.Quiver) map[string]int                                                                       = (*quiver.Quiver).Dims
	_ func(*quiver.Quiver) int                                                                                  = (*quiver.Quiver).NumParams
	_ func(*quiver.Quiver) []string                                                                             = (*quiver.Quiver).Inputs
	_ func(*quiver.Quiver) []string                                                                             = (*quiver.Quiver).Outputs
	_ func(*quiver.Quiver) []string                                                                             = (*quiver.Quiver).Hidden
	_ func(*quiver.Quiver) []quiver.Arrow                                                                       = (*quiver.Quiver).Arrows
	_ func(*quiver.Quiver) string                                                                               = (*quiver.Quiver).DOT
	_ func(*quiver.Quiver) string                                                                               = (*quiver.Quiver).Layout
	_ quiver.Activation                                                                                         = quiver.Identity
	_ func(*quiver.Quiver) *quiver.Rep                                                                          = quiver.Zero
	_ func(*quiver.Quiver, quiver.Init, rand.Source) *quiver.Rep                                                = quiver.Random
	_ func(*quiver.Rep, string) *mat.Dense                                                                      = (*quiver.Rep).Arrow
	_ func(*quiver.Rep, string) (*mat.Dense, bool)                                                              = (*quiver.Rep).Lookup
	_ func(*quiver.Rep, string) []float64                                                                       = (*quiver.Rep).Params
	_ func(*quiver.Rep) iter.Seq2[string, *mat.Dense]                                                           = (*quiver.Rep).All
	_ func(*quiver.Rep) *quiver.Rep                                                                             = (*quiver.Rep).Clone
	_ func(*quiver.Rep) []float64                                                                               = (*quiver.Rep).Data
	_ func(*quiver.Rep, float64, *quiver.Rep)                                                                   = (*quiver.Rep).AddScaled
	_ func(*quiver.Rep, *quiver.Rep) float64                                                                    = (*quiver.Rep).Dot
	_ func(*quiver.Rep) *quiver.Quiver                                                                          = (*quiver.Rep).Quiver
	_ func(*quiver.Rep, ...*mat.Dense) ([]*mat.Dense, error)                                                    = (*quiver.Rep).Eval
	_ func(*quiver.Rep, []*mat.Dense, []*mat.Dense) (*quiver.Rep, []*mat.Dense, error)                          = (*quiver.Rep).VJP
	_ quiver.Lipschitz                                                                                          = nil
	_ quiver.Parametric                                                                                         = nil
	_ func(string, *quiver.Rep, ...store.Option) error                                                          = store.Save
	_ func(string, ...store.Option) (*quiver.Rep, error)                                                        = store.Load
	_ func(io.Reader, ...store.Option) (*quiver.Rep, error)                                                     = store.Read
	_                                                                                                           = store.WithParser
	_ func(quiver.Activation, ...int) (*quiver.Quiver, error)                                                   = layers.MLP
	_ func(layers.Func) quiver.Activation                                                                       = layers.Radial
	_ func(layers.Func) quiver.Activation                                                                       = layers.Pointwise
	_ func(int, float64) quiver.Activation                                                                      = layers.RMSNorm
	_ func(string, layers.Lambda) quiver.Activation                                                             = layers.Rescaling
	_ func(string) (quiver.Activation, error)                                                                   = layers.Parse
	_                                                                                                           = layers.RegisterLambda
	_                                                                                                           = []layers.Func{layers.ReLU, layers.StepReLU, layers.Tanh, layers.Sigmoid, layers.Softplus, layers.Arctan, layers.Squash, layers.Exp, layers.Unit, layers.GELU, layers.SiLU, layers.ELU, layers.Sin, layers.Square, layers.Abs, layers.Shift(layers.ReLU, 1), layers.LeakyReLU(0.1), layers.Power(2)}
	_ func(*quiver.Quiver, rand.Source) symmetry.Element                                                        = symmetry.RandomElement
	_ func(symmetry.Element, *quiver.Rep) (*quiver.Rep, error)                                                  = symmetry.Act
	_ func(*quiver.Rep, ...symmetry.Option) (*symmetry.Compression, error)                                      = symmetry.Compress
	_                                                                                                           = []symmetry.Option{symmetry.Rank(1e-9), symmetry.Tolerance(1e-9), symmetry.Data(), symmetry.MergeParallel, symmetry.Keep("h1")}
	_                                                                                                           = symmetry.Compression{Reduced: nil, Widths: []symmetry.WidthChange{}, Certificate: symmetry.Certificate{Exact: false, Gap: 0, Bound: 0, On: ""}}
	_ func(*symmetry.Compression) (*quiver.Rep, error)                                                          = (*symmetry.Compression).Rotated
	_ func(*symmetry.Compression) (*symmetry.Subspace, error)                                                   = (*symmetry.Compression).Subspace
	_ func(*symmetry.Compression, *quiver.Rep) (*quiver.Rep, error)                                             = (*symmetry.Compression).Lift
	_ func(*symmetry.Compression) string                                                                        = (*symmetry.Compression).String
	_ func(*quiver.Rep, *quiver.Rep, ...*mat.Dense) (float64, error)                                            = symmetry.Equivalent
	_ func(*quiver.Rep) (*quiver.Rep, error)                                                                    = symmetry.Canonical
	_ func(*quiver.Rep, *quiver.Rep, float64) (symmetry.Orbit, error)                                           = symmetry.SameOrbit
	_                                                                                                           = symmetry.Orbit{Reduced: symmetry.Yes, Full: symmetry.No, Distance: 0}
	_ symmetry.Verdict                                                                                          = symmetry.Undecided
	_ func(*quiver.Rep) (string, error)                                                                         = symmetry.Fingerprint
	_                                                                                                           = []optim.Method{&optim.SGD{Rate: 0.01}, &optim.Momentum{}, &optim.Nesterov{}, &optim.Adam{}, &optim.AdamW{}, &optim.Muon{}}
	_ optim.Stateful                                                                                            = nil
	_                                                                                                           = optim.State{Step: 0, Reps: map[string]*quiver.Rep{}, Scalars: nil}
	_ optim.Searcher                                                                                            = (*optim.LBFGS)(nil)
	_ optim.Projector                                                                                           = (*symmetry.Subspace)(nil)
	_ func(optim.Method, optim.Projector) optim.Method                                                          = optim.Projected
	_ optim.Objective                                                                                           = (*graph.Problem)(nil)
	_ optim.Learner                                                                                             = (*graph.Program)(nil)
	_ func(context.Context, optim.Objective, *quiver.Rep, optim.Method, *optim.Settings) (*optim.Result, error) = optim.Minimize
	_ func(*quiver.Quiver, ...graph.Option) (*graph.Program, error)                                             = graph.Compile
	_ func(string, graph.LossFunc, float64) graph.Option                                                        = graph.Loss
	_                                                                                                           = []graph.LossFunc{graph.MSE, graph.SumSquares, graph.SoftmaxCE, graph.BCE, graph.Custom(nil)}
	_                                                                                                           = []graph.Option{graph.Float32, graph.Workers(1), graph.Precompile(2)}
	_ func(*graph.Program, *quiver.Rep, ...*mat.Dense) ([]*mat.Dense, error)                                    = (*graph.Program).Forward
	_ func(*graph.Program, []*mat.Dense, *quiver.Rep, ...*mat.Dense) error                                      = (*graph.Program).ForwardTo
	_ func(*graph.Program, []*mat.Dense, []*mat.Dense) *graph.Problem                                           = (*graph.Program).Problem
	_ func(*graph.Program) *gorgonia.ExprGraph                                                                  = (*graph.Program).Expr
	_                                                                                                           = (*graph.Program).ExprFor
	_ func(*graph.Program, string) (*graph.Expr, error)                                                         = (*graph.Program).Gradient
	_ func(*graph.Expr) string                                                                                  = (*graph.Expr).String
	_ func(*graph.Expr) string                                                                                  = (*graph.Expr).LaTeX
	_ func(*graph.Expr) *gorgonia.Node                                                                          = (*graph.Expr).Node
	_                                                                                                           = (*graph.Expr).DOT
	_                                                                                                           = rewrite.Rewriter{Weights: gorgonia.Nodes{}, Data: gorgonia.Nodes{}, Options: []symmetry.Option{}, Disable: []string{}, Fused: false}
	_ func(rewrite.Rewriter, ...*gorgonia.Node) (*rewrite.Result, error)                                        = rewrite.Rewriter.Rewrite
	_                                                                                                           = func(r rewrite.Result) []any { return []any{r.Roots, r.Map, r.Certificate, r.Report} }
)
