package rewrite

import "gorgonia.org/tensor"

// layout says which axis of a value carries the features.
type layout uint8

const (
	none    layout = iota
	rows           // n×d, one sample per row
	columns        // d×n, one sample per column
	vector         // d, one sample
)

// feature returns the axis of the features, batch that of the samples or −1.
func (l layout) feature() int {
	if l == rows {
		return 1
	}
	return 0
}

func (l layout) batch() int {
	switch l {
	case rows:
		return 0
	case columns:
		return 1
	}
	return -1
}

func (l layout) fits(s tensor.Shape) bool {
	return l != none && (l == vector) == (len(s) == 1) && (len(s) == 1 || len(s) == 2)
}
