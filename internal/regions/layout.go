package regions

import "gorgonia.org/tensor"

// Layout says which axis of a value carries the features.
type Layout uint8

// The layouts.
const (
	None    Layout = iota // the value carries no features, or nobody knows where
	Rows                  // n×d, one sample per row
	Columns               // d×n, one sample per column
	Vector                // d, one sample
)

// Feature returns the axis of the features.
func (l Layout) Feature() int {
	if l == Rows {
		return 1
	}
	return 0
}

// Batch returns the axis of the samples, or −1.
func (l Layout) Batch() int {
	switch l {
	case Rows:
		return 0
	case Columns:
		return 1
	}
	return -1
}

// Fits says whether a value of a shape can have the layout.
func (l Layout) Fits(s tensor.Shape) bool {
	return l != None && (l == Vector) == (len(s) == 1) && (len(s) == 1 || len(s) == 2)
}
