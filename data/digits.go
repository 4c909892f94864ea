package data

import (
	"bytes"
	"compress/gzip"
	_ "embed" // the digits
	"encoding/csv"
	"fmt"
	"strconv"
	"sync"

	"gonum.org/v1/gonum/mat"
)

//go:embed digits/digits.csv.gz
var digitsFile []byte

var digits = sync.OnceValue(func() *Set {
	s, err := readDigits(digitsFile)
	if err != nil {
		panic(fmt.Errorf("data: the embedded digits: %w", err))
	}
	return s
})

// Digits returns 1,797 real images of handwritten digits, 8×8 pixels scaled from
// 0..16 to 0..1, with their classes 0..9. They are embedded in the package:
// nothing is read or downloaded.
//
// Source: the test set of "Optical Recognition of Handwritten Digits", E. Alpaydin and
// C. Kaynak, UCI Machine Learning Repository (1998), doi 10.24432/C50P49, licence
// CC BY 4.0. Three of the 64 pixels are the same in every image.
func Digits() *Set {
	s := *digits()
	s.X = mat.DenseCopyOf(s.X)
	s.Labels = append([]int(nil), s.Labels...)
	return &s
}

// DigitsSplit returns the digits cut into 1,437 to train and 360 to test, by class, the same
// rows every time; see Stratified.
func DigitsSplit() *Split { return digits().Stratified(360) }

func readDigits(file []byte) (*Set, error) {
	const n, pixels, top, classes = 1797, 64, 16, 10
	z, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(z)
	r.FieldsPerRecord = pixels + 1
	rows, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) != n {
		return nil, fmt.Errorf("%d rows, want %d", len(rows), n)
	}
	s := &Set{Name: "digits", X: mat.NewDense(n, pixels, nil), Labels: make([]int, n), Classes: classes, Height: 8, Width: 8}
	for i, row := range rows {
		for j, field := range row {
			v, err := strconv.Atoi(field)
			limit := top
			if j == pixels {
				limit = classes - 1
			}
			if err != nil || v < 0 || v > limit {
				return nil, fmt.Errorf("row %d, field %d: %q, want 0 to %d", i+1, j+1, field, limit)
			}
			if j == pixels {
				s.Labels[i] = v
			} else {
				s.X.Set(i, j, float64(v)/top)
			}
		}
	}
	return s, nil
}
