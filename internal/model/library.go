package model

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"github.com/quivernet/quivernet/internal/formula"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/internal/vec"
)

// The losses of the library; package graph says what each is.
var (
	SumSquares = Loss{Name: "sumsquares", Build: op.SumSquares, Share: whole, Value: squares, Slope: squaresSlope, Rounding: squaresRounding, Stage: squaresStage}
	MSE        = Loss{Name: "mse", Build: op.SumSquares, Share: perNumber, Value: squares, Slope: squaresSlope, Rounding: squaresRounding, Stage: squaresStage}
	SoftmaxCE  = Loss{Name: "softmaxce", Labels: true, Build: op.CrossEntropy, Share: perSample, Value: softmax, Slope: softmaxSlope, Rounding: softmaxRounding, Stage: softmaxStage}
	BCE        = Loss{Name: "bce", Probabilities: true, Build: op.BinaryCrossEntropy, Share: perNumber, Value: binary, Slope: binarySlope, Rounding: binaryRounding, Stage: binaryStage}
)

// Catalogue returns the losses of the library. What holds of every loss is tested over it.
func Catalogue() []Loss { return []Loss{SumSquares, MSE, SoftmaxCE, BCE} }

// Stages returns the stages of the catalogue, each once.
func Stages() []*Stage { return stages }

var stages = func() (all []*Stage) {
	for _, l := range Catalogue() {
		if !slices.Contains(all, l.Stage) {
			all = append(all, l.Stage)
		}
	}
	return all
}()

var (
	squaresStage = &Stage{Text: "Σ(y−t)²", Work: 4, Residual: true, Float64: vec.SquaredError[float64], Float32: vec.SquaredError[float32]}
	softmaxStage = &Stage{Text: "CE(softmax(y), t)", Work: 20, Sum: op.KindCrossEntropy, Difference: op.KindSoftmaxDifference, Float64: vec.SoftmaxCE[float64], Float32: vec.SoftmaxCE[float32],
		Symbol: "CE", Words: "the cross entropy of softmax(y) with t, summed over the samples",
		Slope: func(y, t *formula.Formula) *formula.Formula {
			return formula.Sum([]float64{1, -1}, 0, formula.Call("softmax", `\operatorname{softmax}`, y), t)
		}}
	binaryStage = &Stage{Text: "CE(sigmoid(y), t)", Work: 20, Sum: op.KindBinaryCrossEntropy, Difference: op.KindSigmoidDifference, Each: op.BinaryLoss,
		Symbol: "BCE", Words: "the cross entropy of sigmoid(y) with the probabilities t, summed over the samples and the columns",
		Slope: func(y, t *formula.Formula) *formula.Formula {
			return formula.Sum([]float64{1, -1}, 0, formula.Call("sigmoid", `\operatorname{sigmoid}`, y).Means("function", "sigmoid"), t)
		}}
)

// The shares: of a sum, of a mean over the samples, and of a mean over samples and coordinates.
func whole(_, _ int) float64     { return 1 }
func perSample(n, _ int) float64 { return 1 / float64(n) }
func perNumber(n, d int) float64 { return 1 / float64(n*d) }

// squares is Σ(y−t)².
func squares(y, t []float64) float64 {
	d := floats.Distance(y, t, 2)
	return d * d
}

func squaresSlope(g, y, t []float64) {
	for k := range g {
		g[k] = 2 * (y[k] - t[k])
	}
}

func squaresRounding(y, t []float64) float64 {
	return 0x1p-51 * floats.Norm(y, 2) * floats.Distance(y, t, 2)
}

// softmax is log Σ exp(y_k) − Σ t_k y_k with all y relative to the largest, whose term is taken out of the logarithm: it neither
// overflows nor cancels.
func softmax(y, t []float64) float64 {
	top := floats.MaxIdx(y)
	var others, dot float64
	for k, v := range y {
		if k != top {
			others += math.Exp(v - y[top])
		}
		if t[k] != 0 {
			dot += t[k] * (v - y[top])
		}
	}
	return math.Log1p(others) - dot
}

func softmaxSlope(g, y, t []float64) {
	top := floats.Max(y)
	for k, v := range y {
		g[k] = math.Exp(v - top)
	}
	floats.Scale(1/floats.Sum(g), g)
	floats.Sub(g, t)
}

func softmaxRounding(y, _ []float64) float64 { return 0x1p-51 * floats.Norm(y, 1) }

// binary is −Σ t·log σ(y) + (1−t)·log σ(−y).
func binary(y, t []float64) float64 {
	var sum float64
	for k, z := range y {
		sum += t[k]*softplus(-z) + (1-t[k])*softplus(z)
	}
	return sum
}

func binarySlope(g, y, t []float64) {
	for k, z := range y {
		g[k] = (1-t[k])/(1+math.Exp(-z)) - t[k]/(1+math.Exp(z))
	}
}

// binaryRounding is 0, since the terms are positive.
func binaryRounding(_, _ []float64) float64 { return 0 }

// softplus is log(1+eˣ).
func softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }
