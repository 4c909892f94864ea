package simplify

import (
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/ir"
)

// FixedProduct computes products and transposes of fixed matrices now, and makes x·(F·G) of (x·F)·G where that is no more work.
func FixedProduct(a *ir.Graph, e *ir.Node) *ir.Node {
	constants := inspect.IsFloat(e.Dtype) && len(e.In) > 0
	for _, c := range e.In {
		constants = constants && c.Role == ir.Fixed && c.Value != nil && len(c.Shape) > 0
	}
	switch {
	case constants && (e.Kind.Name == "matmul" || e.Kind.Name == "transpose" && !ordered(e.Kind.Axes)):
		v, err := do(e.Op, e.In)
		if err != nil {
			return nil
		}
		return a.Add(&ir.Node{Shape: e.Shape, Dtype: e.Dtype, Role: ir.Fixed, Value: v, Kind: inspect.Kind{Name: "input"}, Label: e.Old})
	case e.Kind.Name != "matmul" || e.Kind.TransA || e.Kind.TransB || e.In[1].Role != ir.Fixed:
		return nil
	}
	p := e.In[0]
	if p.Kind.Name != "matmul" || p.Kind.TransA || p.Kind.TransB || p.In[1].Role != ir.Fixed || p.Reads != 1 {
		return nil
	}
	f, g := p.In[1], e.In[1]
	n, i, j, k := p.Shape[0], f.Shape[0], f.Shape[1], g.Shape[1]
	if n*i*k > n*j*(i+k) {
		return nil
	}
	v, err := do(e.Op, []*ir.Node{f, g})
	if err != nil {
		return nil
	}
	fg := a.Add(&ir.Node{Shape: []int{i, k}, Dtype: e.Dtype, Role: ir.Fixed, Value: v, Kind: inspect.Kind{Name: "input"}, Label: e.Old})
	return a.Add(&ir.Node{Op: e.Op, Kind: e.Kind, In: []*ir.Node{p.In[0], fg}, Shape: e.Shape, Dtype: e.Dtype, Label: e.Old, Reads: e.Reads})
}

// do runs an operation on copies of its inputs' values.
func do(o gorgonia.Op, in []*ir.Node) (gorgonia.Value, error) {
	var vs []gorgonia.Value
	for _, c := range in {
		v, err := inspect.Copy(c.Value)
		if err != nil {
			return nil, err
		}
		vs = append(vs, v)
	}
	return inspect.Run(o, vs)
}
