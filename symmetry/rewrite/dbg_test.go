package rewrite
import ("testing";"fmt";"gorgonia.org/tensor")
func TestDbg(t *testing.T){
	w := grow(t, 1776, tensor.Float64)
	r := Rewriter{Weights: w.weights, Data: w.data, Fixed: w.fixed, Fused: 1776%5==1}
	res, _ := r.Rewrite(w.roots...)
	fmt.Println(drawing(w.roots))
	fmt.Println(res)
	r.Weights, r.Data, r.Fixed = res.Weights, nil, res.Fixed
	fmt.Println(drawing(res.Roots))
	res, _ = r.Rewrite(res.Roots...)
	fmt.Println(res)
}
