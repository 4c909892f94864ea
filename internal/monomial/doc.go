// Package monomial has the monomial matrices of package group as factors that act on matrices in one pass.
//
// The law: what [Of] finds in a product or an inverse of factors is found without forming a matrix, and [Orthogonal]
// says yes only of what is orthogonal by construction.
//
//	factor.go  Factor: a monomial matrix that acts; Of: a factor as a monomial matrix; General: any invertible matrix
package monomial
