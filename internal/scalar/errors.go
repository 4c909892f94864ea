package scalar

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
)

// ConstantError reports a constant that a maker of functions, activations or networks cannot take.
// Makers of functions and activations panic with it, makers of networks return it.
type ConstantError struct {
	What, Value, Want string
}

func (e *ConstantError) Error() string {
	return fmt.Sprintf("layers: %s: %s; %s", e.What, e.Value, e.Want)
}

// MustFinite panics with *ConstantError where a constant is NaN or infinite.
func MustFinite(what string, xs ...float64) {
	for _, x := range xs {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			panic(&ConstantError{what, Number(x), "want finite constants"})
		}
	}
}

// MustFunc panics with *ConstantError for a nil function.
func MustFunc(what string, h Func) {
	if v := reflect.ValueOf(h); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		panic(&ConstantError{what, "a nil function", "give one such as layers.Tanh"})
	}
}

// Number prints a constant so that it reads back with the same bits.
func Number(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
