package inspect

import (
	"math"
	"reflect"

	"gorgonia.org/gorgonia"
)

// BatchNorm reads a batch normalisation that does not train, as gorgonia.EvalMode or SetTraining(false)
// leave it: y = α∘x + β with fixed numbers for each feature, α = 1/√(variance+ε), β = −mean·α.
func BatchNorm(o gorgonia.Op) (alpha, beta []float64, ok bool) {
	bn, ok := o.(*gorgonia.BatchNormOp)
	if !ok || bn == nil {
		return nil, nil, false
	}
	v := reflect.ValueOf(bn).Elem()
	training, epsilon := v.FieldByName("training"), v.FieldByName("epsilon")
	if training.Kind() != reflect.Bool || training.Bool() || epsilon.Kind() != reflect.Float64 {
		return nil, nil, false
	}
	m, s := bn.Stats()
	mean, ok1 := m.(gorgonia.Value)
	variance, ok2 := s.(gorgonia.Value)
	if !ok1 || !ok2 {
		return nil, nil, false
	}
	mu, ok1 := Numbers(mean)
	va, ok2 := Numbers(variance)
	if !ok1 || !ok2 || len(mu) != len(va) {
		return nil, nil, false
	}
	for i := range mu {
		alpha = append(alpha, 1/math.Sqrt(va[i]+epsilon.Float()))
		beta = append(beta, -mu[i]*alpha[i])
		if !IsFinite(alpha[i]) || !IsFinite(beta[i]) {
			return nil, nil, false
		}
	}
	return alpha, beta, true
}

// PassesThrough says that an operation is a dropout that does not drop: one that does not train, or of probability 0.
func PassesThrough(o gorgonia.Op) bool {
	if typeOf(o) != "dropoutOp" {
		return false
	}
	v := reflect.Indirect(reflect.ValueOf(o))
	training, p := v.FieldByName("isTraining"), v.FieldByName("probability")
	return training.Kind() == reflect.Bool && !training.Bool() || p.Kind() == reflect.Float64 && p.Float() == 0
}

// Unknowable says that the value of an operation cannot be computed for a comparison.
func Unknowable(o gorgonia.Op) bool {
	_, _, ok := BatchNorm(o)
	return Stateful(o) && !ok && !PassesThrough(o)
}

// affinely returns α∘x + β, row by row.
func affinely(alpha, beta []float64, v gorgonia.Value) (gorgonia.Value, bool) {
	if v == nil {
		return nil, false
	}
	x, ok := Numbers(v)
	if !ok || len(v.Shape()) != 2 || v.Shape()[1] != len(alpha) {
		return nil, false
	}
	for i := range x {
		x[i] = x[i]*alpha[i%len(alpha)] + beta[i%len(beta)]
	}
	return NewValue(v.Dtype(), v.Shape(), x), true
}
