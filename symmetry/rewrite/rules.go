package rewrite

import (
	"slices"

	"github.com/quivernet/quivernet/internal/ir"
	"github.com/quivernet/quivernet/internal/regions"
	"github.com/quivernet/quivernet/internal/simplify"
)

// Rule is one way in which the rewriter changes a graph.
type Rule struct{ Name, Doc string }

// rule is a row of the table: a name, what it does, and one function.
type rule struct {
	Rule
	always bool // it cannot be switched off

	simplify  func(*ir.Graph, *ir.Node) *ir.Node                      // a simpler expression of the value of a node, or nil
	fold      func(*ir.Graph)                                         // a change of the whole graph
	recognise func(*regions.Scanner, *ir.Node) regions.Form           // a node as a part of a quiver, or nil
	bias      func(e *ir.Node, l regions.Layout, d int) *regions.Bias // an operand of a sum as a bias of d features, or nil
}

// table holds the rules, a row for each. The order of the rows means nothing: of two simplifications at most one applies to a
// node, and of what a node can be recognised as that with the most nodes is taken.
var table = []rule{
	{Rule: Rule{"identity", "the identity operation, a linear combination 1·x, and a dropout that does not train are their input"}, simplify: simplify.Identity},
	{Rule: Rule{"reshape", "a reshape to the shape that is there already, also after another reshape, is dropped"}, simplify: simplify.Reshape},
	{Rule: Rule{"transpose", "a transposition that undoes the one before it is dropped"}, simplify: simplify.Transpose},
	{Rule: Rule{"neutral", "x+0, x−0, x∘1, x÷1, x^1 and −(−x) are x"}, simplify: simplify.Neutral},
	{Rule: Rule{"slice", "a slice of the whole axis is its input"}, simplify: simplify.WholeSlice},
	{Rule: Rule{"concat", "a concatenation of one value is that value"}, simplify: simplify.SingleConcat},
	{Rule: Rule{"fixed", "products and transposes of fixed matrices are computed now; (x·F)·G becomes x·(F·G) where that is no more work"}, simplify: simplify.FixedProduct},
	{Rule: Rule{"gain", "a number for each feature times that feature is an arrow with a diagonal matrix, which may become full; switch it off for trainings that are to be equal"}, recognise: regions.RecogniseGain},
	{Rule: Rule{"decay", "the sum of the squares of a weight in a cost is that of the smaller weight plus a constant"}, recognise: regions.RecogniseDecay},
	{Rule: Rule{"sample bias", "a weight with a bias for each sample has as many directions as samples"}, bias: regions.MatchSampleBias},
	{Rule: Rule{"power", "x∘x and x^k with a whole constant k ≥ 2 are elementwise activations, as the operations square and cube are"}, recognise: regions.RecognisePower},
	{Rule: Rule{"batch norm", "a batch normalisation that does not train is taken into the gain and the shift behind it, or into the weight and the bias before it"}, fold: simplify.FoldBatchNorms},
	{Rule: Rule{"dead", "what no root needs is not carried over"}},
	{Rule: Rule{"compress", "hidden vertices of quiver regions shrink as symmetry.Compress decides"}},

	{Rule: Rule{"product", "x·W, x·Wᵀ, W·x, W·v and x·(A·B), with constants and trained numbers beside W, are arrows"}, recognise: regions.RecogniseProduct, always: true},
	{Rule: Rule{"sum", "a sum or a difference of features, or of features and a bias, is the sum of a vertex"}, recognise: regions.RecogniseSum, always: true},
	{Rule: Rule{"bias", "a weight of d numbers, repeated over the samples or for one sample, is an arrow from the bias"}, bias: regions.MatchBias, always: true},
	{Rule: Rule{"scaling", "c·x, x÷c and −x with a constant c multiply the matrices of the arrows"}, recognise: regions.RecogniseScaling, always: true},
	{Rule: Rule{"concatenation", "features side by side are a vertex with inclusions for arrows"}, recognise: regions.RecogniseConcat, always: true},
	{Rule: Rule{"part", "a slice of the features is a vertex with a projection for its arrow"}, recognise: regions.RecogniseSlice, always: true},
	{Rule: Rule{"centring", "v less its mean is the arrow αI + β·11ᵀ/d"}, recognise: regions.RecogniseCentring, always: true},
	{Rule: Rule{"operation", "vertices and sums of this library are vertices"}, recognise: regions.RecogniseOperation, always: true},
	{Rule: Rule{"elementwise", "Gorgonia's elementwise functions that the catalogue of layers has are activations"}, recognise: regions.RecogniseElementwise, always: true},
	{Rule: Rule{"relu", "x∘(x ≥ 0) is the activation ReLU"}, recognise: regions.RecogniseReLU, always: true},
	{Rule: Rule{"leaky relu", "x∘(x ≥ 0) + a·(x∘(x < 0)) is the activation LeakyReLU(a)"}, recognise: regions.RecogniseLeakyReLU, always: true},
	{Rule: Rule{"silu", "x∘sigmoid(x) is the activation SiLU"}, recognise: regions.RecogniseSiLU, always: true},
	{Rule: Rule{"radial", "v∘s and v÷s with a function s of the norm of v are a radial activation"}, recognise: regions.RecogniseRadial, always: true},
}

// Rules lists the rules that can be switched off by name, in Rewriter.Disable.
func Rules() []Rule {
	var rs []Rule
	for _, r := range table {
		if !r.always {
			rs = append(rs, r.Rule)
		}
	}
	return rs
}

// off says whether a rule is switched off.
func (r Rewriter) off(rule string) bool { return slices.Contains(r.Disable, rule) }

// rules returns what the table has for the reading of a graph and for the recognition of quivers in it, without what is off.
func (r Rewriter) rules() (simple []ir.Rule, parts []regions.Rule) {
	for _, row := range table {
		switch {
		case r.off(row.Name):
		case row.simplify != nil || row.fold != nil:
			simple = append(simple, ir.Rule{Name: row.Name, Simplify: row.simplify, Fold: row.fold})
		case row.recognise != nil || row.bias != nil:
			parts = append(parts, regions.Rule{Recognise: row.recognise, Bias: row.bias})
		}
	}
	return simple, parts
}
