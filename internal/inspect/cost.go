package inspect

import (
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/quiver"
)

// Operations counts the multiplications and additions of a node; one per number for what
// is not a product.
func Operations(n *gorgonia.Node, in gorgonia.Nodes) int {
	size := max(n.Shape().TotalSize(), 1)
	switch k := KindOf(n.Op()); k.Name {
	case "input", "constant", "size", "reshape", "":
		if k.Name == "" {
			return size
		}
		return 0
	case "matmul", "matvec":
		return 2 * in[0].Shape().TotalSize() * size / max(outer(k, in), 1)
	case "own":
		total, terms := size, k.Own.Terms()
		if len(terms) > 0 { // the products and their sum, and one for each number of an activation
			total = (len(terms) - 1) * size
			if a := k.Own.Activation(); a != nil && a != quiver.Identity {
				total += size
			}
		}
		for _, t := range terms {
			if t.W != nil {
				total += 2 * t.X.Shape().TotalSize() * t.W.Shape()[0]
			}
		}
		return total
	}
	return size
}

// outer returns the size of the left factor that the result keeps.
func outer(k Kind, in gorgonia.Nodes) int {
	if k.TransA {
		return in[0].Shape()[1]
	}
	return in[0].Shape()[0]
}
