package op

import (
	"fmt"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
)

// operand is the type of an input: a matrix or a vector of one precision. It is [gorgonia.TensorType], but equal to nothing.
// Gorgonia unifies the type of an operation with those of its inputs one input after the other, and compares
// all that is left of both at each; as long as what is left is equal so far, that takes the square of the number of inputs. Two
// types that are not equal are unified by their parts, with the same result.
type operand struct{ gorgonia.TensorType }

// Eq reports false.
func (operand) Eq(hm.Type) bool { return false }

// Apply substitutes type variables.
func (t operand) Apply(sub hm.Subs) hm.Substitutable {
	return operand{t.TensorType.Apply(sub).(gorgonia.TensorType)}
}

// Normalize renames type variables.
func (t operand) Normalize(k, v hm.TypeVarSet) (hm.Type, error) {
	n, err := t.TensorType.Normalize(k, v)
	if err != nil {
		return nil, err
	}
	m, ok := n.(gorgonia.TensorType)
	if !ok {
		return nil, fmt.Errorf("graph: a type %v, want that of a tensor", n)
	}
	return operand{m}, nil
}
