// Package rank finds numerical ranks, and says what they rest on.
//
// The rank of a matrix that is known only to rounding is a matter of judgement: it is the number of
// singular values above a tolerance, and the gap between those kept and those dropped says how clear
// it was. The laws:
//
//   - no Gram matrix is formed, which would square the condition number: matrices are reduced by
//     Householder QR, which keeps the singular values to rounding;
//   - a matrix with a NaN or an Inf has rank 0, ambiguous, and is no panic;
//   - the same rows in the same order give the same bits.
//
// In reading order:
//
//	report.go   Report: a rank with its gap; Of a matrix, OfSingular values
//	reducer.go  Reducer: rank and kernel of a matrix given row by row and never held
package rank
