package op

import "fmt"

// Kind says what an operation computes. The zero Kind is that of no operation.
type Kind uint8

// The kinds.
const (
	_                      Kind = iota
	KindSum                     // Σ xWᵀ
	KindVertex                  // ρ(Σ xWᵀ)
	KindAct                     // ρ(z)
	KindActVJP                  // Dρ(z)ᵀg
	KindActVJPParams            // the derivative by the parameters, transposed, times g
	KindActJVP                  // Dρ(z)u
	KindActVJP2                 // the gradient of ⟨u, Dρ(z)ᵀg⟩
	KindActVJP2Params           // its parts for an activation with parameters
	KindRadialJet               // λ_k of the norms of rows
	KindPointJet                // σ⁽ᵏ⁾ of entries
	KindArrowDW                 // δᵀx
	KindArrowDX                 // δW
	KindCombine                 // Σ cᵢxᵢ
	KindAffine                  // a·x + b
	KindHadamard                // a∘b
	KindRowDot                  // inner products of rows
	KindRowScale                // rows times numbers
	KindDot                     // ⟨a, b⟩
	KindScale                   // a number times a matrix
	KindFunction                // f⁽ᵏ⁾ of entries
	KindPower                   // xᵖ of entries
	KindExponential             // xʸ of entries, and its derivatives
	KindRowNorm                 // norms of rows
	KindProfile                 // λ_k(r)
	KindSlope                   // λ′(r)
	KindRatio                   // a/b
	KindGreater                 // 1 where a is larger
	KindMatMul                  // a·b
	KindTranspose               // aᵀ
	KindContract                // a Contraction
	KindColumns                 // some columns
	KindJoin                    // columns side by side
	KindColScale                // columns times numbers
	KindAddRow                  // a row added to each row
	KindColSum                  // sums of columns
	KindBasis                   // x times a constant matrix
	KindRowFunction             // a function of each row
	KindUnit                    // a matrix with a single 1
	KindFlat                    // one row of all entries
	KindStack                   // rows below each other
	KindGather                  // entries at places
	KindScatter                 // sums at places
	KindPick                    // entries at the maxima
	KindPlace                   // the adjoint of KindPick
	KindTotal                   // the sum of all entries
	KindSpread                  // a number everywhere
	KindCrossEntropy            // the cross entropy of a softmax
	KindBinaryCrossEntropy      // that of a sigmoid
	KindSoftmax                 // the softmax of rows
	KindSoftmaxDifference       // softmax(y) − t
	KindSoftmaxDerivative       // the derivative of the softmax, times u
	KindSigmoidDifference       // sigmoid(y) − t
)

// kindNames are the names of the kinds, which errors and drawings show.
var kindNames = [...]string{
	KindSum:                "sum",
	KindVertex:             "vertex",
	KindAct:                "act",
	KindActVJP:             "actvjp",
	KindActVJPParams:       "actvjpparams",
	KindActJVP:             "actjvp",
	KindActVJP2:            "actvjp2",
	KindActVJP2Params:      "actvjp2params",
	KindRadialJet:          "radialjet",
	KindPointJet:           "pointjet",
	KindArrowDW:            "arrowdw",
	KindArrowDX:            "arrowdx",
	KindCombine:            "combine",
	KindAffine:             "affine",
	KindHadamard:           "hadamard",
	KindRowDot:             "rowdot",
	KindRowScale:           "rowscale",
	KindDot:                "dot",
	KindScale:              "scale",
	KindFunction:           "function",
	KindPower:              "power",
	KindExponential:        "exponential",
	KindRowNorm:            "rownorm",
	KindProfile:            "profile",
	KindSlope:              "slope",
	KindRatio:              "ratio",
	KindGreater:            "greater",
	KindMatMul:             "matmul",
	KindTranspose:          "transpose",
	KindContract:           "contract",
	KindColumns:            "columns",
	KindJoin:               "join",
	KindColScale:           "colscale",
	KindAddRow:             "addrow",
	KindColSum:             "colsum",
	KindBasis:              "basis",
	KindRowFunction:        "rowfunction",
	KindUnit:               "unit",
	KindFlat:               "flat",
	KindStack:              "stack",
	KindGather:             "gather",
	KindScatter:            "scatter",
	KindPick:               "pick",
	KindPlace:              "place",
	KindTotal:              "total",
	KindSpread:             "spread",
	KindCrossEntropy:       "crossentropy",
	KindBinaryCrossEntropy: "bce",
	KindSoftmax:            "softmax",
	KindSoftmaxDifference:  "softmaxdiff",
	KindSoftmaxDerivative:  "softmaxback",
	KindSigmoidDifference:  "sigmoiddiff",
}

// String returns the name, "" for that of no operation.
func (k Kind) String() string {
	if int(k) >= len(kindNames) {
		return fmt.Sprintf("Kind(%d)", uint8(k))
	}
	return kindNames[k]
}
