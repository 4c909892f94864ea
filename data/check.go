package data

import (
	"fmt"
	"reflect"

	"gonum.org/v1/gonum/mat"
)

// ArgumentError reports an argument that is nil or out of range. Functions that return no error
// panic with it.
type ArgumentError struct {
	In, What, Want string
}

func (e *ArgumentError) Error() string {
	return fmt.Sprintf("data: %s: %s; want %s", e.In, e.What, e.Want)
}

// RowError reports the index of a sample that a set does not have.
type RowError struct {
	Row, Samples int
}

func (e *RowError) Error() string {
	return fmt.Sprintf("data: row %d of a set of %d samples; want 0 to %d", e.Row, e.Samples, e.Samples-1)
}

// NewSet returns the set of the rows of x, samples × features, with their labels, 0..classes−1.
// It keeps x and labels. Errors: those of Check.
func NewSet(x *mat.Dense, labels []int, classes int) (*Set, error) {
	s := &Set{X: x, Labels: labels, Classes: classes}
	if err := s.Check(); err != nil {
		return nil, err
	}
	return s, nil
}

// Check returns an error unless the set is whole: *ArgumentError where the set or X is nil, or
// where Height×Width are given and are not the columns of X; *SizeError where X has not one row per
// label; *LabelError for a label that is not in 0..Classes−1.
func (s *Set) Check() error {
	if err := s.sizes("Set.Check"); err != nil {
		return err
	}
	if s.Classes < 0 {
		return &ArgumentError{"Set.Check", fmt.Sprintf("%d classes", s.Classes), "0 or more"}
	}
	if _, c := s.X.Dims(); s.Len() > 0 && (s.Height != 0 || s.Width != 0) && (s.Height < 0 || s.Width < 0 || s.Height*s.Width != c) {
		return &ArgumentError{"Set.Check", fmt.Sprintf("images of %d×%d in rows of %d numbers", s.Height, s.Width, c), "Height×Width numbers in a row, or Height and Width 0"}
	}
	return checkLabels(s.Labels, s.Classes)
}

// sizes checks that there is a matrix with a row for each label.
func (s *Set) sizes(in string) error {
	if s == nil {
		return &ArgumentError{in, "the set is nil", "a set, such as data.Digits()"}
	}
	if s.X == nil {
		return &ArgumentError{in, "X is nil", "a matrix with a row per sample, &mat.Dense{} for a set without samples"}
	}
	if r, _ := s.X.Dims(); r != len(s.Labels) {
		return &SizeError{"Labels", len(s.Labels), "X", r}
	}
	return nil
}

// whole panics with the error of Check.
func (s *Set) whole() {
	if err := s.Check(); err != nil {
		panic(err)
	}
}

func checkLabels(labels []int, classes int) error {
	for i, l := range labels {
		if l < 0 || l >= classes {
			return &LabelError{i, l, classes}
		}
	}
	return nil
}

// isNil says whether an interface holds nothing, or a nil pointer.
func isNil(x any) bool {
	if x == nil {
		return true
	}
	v := reflect.ValueOf(x)
	return v.Kind() == reflect.Pointer && v.IsNil()
}
