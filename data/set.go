package data

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Set is a set of labelled samples: row i of X is a sample and Labels[i] its class. NewSet and
// Check say whether X, Labels and Classes belong together; methods that return no error
// panic with the error of Check where they do not.
type Set struct {
	Name          string
	X             *mat.Dense // samples × features; &mat.Dense{} for a set without samples
	Labels        []int      // 0..Classes−1
	Classes       int
	Height, Width int // of the images: a row of X is Height×Width, row-major
}

// Split is a set cut in two. Note says in a sentence how; programs print it beside
// their figures.
type Split struct {
	Train, Test *Set
	Note        string

	// TestHalfOnly is true where the 60,000 training images of MNIST were not found, so
	// that both parts come from its test half.
	TestHalfOnly bool
}

// Len returns the number of samples; a nil set has none.
func (s *Set) Len() int {
	if s == nil {
		return 0
	}
	return len(s.Labels)
}

// OneHot returns the labels as a samples × Classes matrix: 1 at the class, 0
// elsewhere. Errors: those of Check.
func (s *Set) OneHot() (*mat.Dense, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	return OneHot(s.Labels, s.Classes)
}

// Counts returns the number of samples of each class. It panics with the error of Check.
func (s *Set) Counts() []int {
	s.whole()
	n := make([]int, s.Classes)
	for _, l := range s.Labels {
		n[l]++
	}
	return n
}

// Rows returns the set of the given samples, in the given order; a sample may occur
// more than once. It panics with a *RowError where a row is out of range, and with
// the error of Check where X and Labels differ in length.
func (s *Set) Rows(rows ...int) *Set {
	if err := s.sizes("Set.Rows"); err != nil {
		panic(err)
	}
	for _, r := range rows {
		if r < 0 || r >= s.Len() {
			panic(&RowError{r, s.Len()})
		}
	}
	t := *s
	t.X, t.Labels = &mat.Dense{}, make([]int, len(rows))
	if len(rows) > 0 {
		_, c := s.X.Dims()
		t.X = mat.NewDense(len(rows), c, nil)
	}
	for i, r := range rows {
		t.X.SetRow(i, s.X.RawRowView(r))
		t.Labels[i] = s.Labels[r]
	}
	return &t
}

// Stratified cuts off a test set of the given size that has each class in
// its proportion, to the nearest whole sample (largest remainders, ties to the
// smaller class). No dice: the test samples of a class stand at even distances in
// the order of the set, and both parts keep that order. A size outside 0..Len is
// clipped. It panics with the error of Check.
func (s *Set) Stratified(test int) *Split {
	s.whole()
	test = max(0, min(test, s.Len()))
	counts := s.Counts()
	quota := quotas(counts, test)
	seen := make([]int, s.Classes)
	var in, out []int
	for i, l := range s.Labels {
		j := seen[l]
		seen[l]++
		if (j+1)*quota[l]/counts[l] > j*quota[l]/counts[l] {
			out = append(out, i)
		} else {
			in = append(in, i)
		}
	}
	return &Split{
		Train: s.Rows(in...), Test: s.Rows(out...),
		Note: fmt.Sprintf("%s: %d to train, %d to test, fixed and stratified", s.Name, len(in), len(out)),
	}
}

// quotas shares test places among classes in proportion to counts.
func quotas(counts []int, test int) []int {
	total, left := 0, test
	for _, n := range counts {
		total += n
	}
	quota, rest := make([]int, len(counts)), make([]int, len(counts))
	for c, n := range counts {
		if total > 0 {
			quota[c], rest[c] = n*test/total, n*test%total
		}
		left -= quota[c]
	}
	for range left {
		best := -1
		for c := range rest {
			if rest[c] > 0 && (best < 0 || rest[c] > rest[best]) {
				best = c
			}
		}
		quota[best]++
		rest[best] = 0
	}
	return quota
}

// LabelError reports a label that is not a class.
type LabelError struct {
	Row, Label, Classes int
}

func (e *LabelError) Error() string {
	if e.Classes < 1 {
		return fmt.Sprintf("data: label %d of sample %d is not a class: there are %d classes; set their number", e.Label, e.Row, e.Classes)
	}
	return fmt.Sprintf("data: label %d of sample %d is not a class; want 0 to %d", e.Label, e.Row, e.Classes-1)
}

// OneHot returns a len(labels) × classes matrix: 1 at the class, 0 elsewhere;
// &mat.Dense{} when a side is 0. Errors: LabelError, and ArgumentError for a matrix of more than
// 2³¹ entries.
func OneHot(labels []int, classes int) (*mat.Dense, error) {
	if err := checkLabels(labels, classes); err != nil {
		return nil, err
	}
	if len(labels) == 0 {
		return &mat.Dense{}, nil
	}
	if classes > math.MaxInt32/len(labels) {
		return nil, &ArgumentError{"OneHot", fmt.Sprintf("%d labels of %d classes", len(labels), classes), "a matrix of 2³¹ entries at most"}
	}
	m := mat.NewDense(len(labels), classes, nil)
	for i, l := range labels {
		m.Set(i, l, 1)
	}
	return m, nil
}

// Accuracy returns the share of rows of scores, samples × classes, whose largest
// entry stands at the label; the first one where several are largest. A row with a NaN
// counts as wrong. No samples give 0. It panics with *ArgumentError where scores is
// nil, with *SizeError where the numbers of rows and labels differ, and with *LabelError for a label that
// is not a column of scores.
func Accuracy(scores mat.Matrix, labels []int) float64 {
	if isNil(scores) {
		panic(&ArgumentError{"Accuracy", "the scores are nil", "a matrix, samples × classes"})
	}
	r, c := scores.Dims()
	if r != len(labels) {
		panic(&SizeError{"labels", len(labels), "scores", r})
	}
	if err := checkLabels(labels, c); err != nil {
		panic(err)
	}
	if r == 0 {
		return 0
	}
	right := 0
	for i, l := range labels {
		best, nan := 0, false
		for j := range c {
			v := scores.At(i, j)
			nan = nan || v != v
			if v > scores.At(i, best) {
				best = j
			}
		}
		if best == l && !nan {
			right++
		}
	}
	return float64(right) / float64(r)
}
