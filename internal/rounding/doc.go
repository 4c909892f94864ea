// Package rounding bounds the rounding errors of an evaluation, coordinate by coordinate, while it is made: a running error
// analysis of a network on given inputs.
//
// The law: the errors of [Of] are upper bounds where every activation knows its Lipschitz constants, and estimates of first
// order where one does not. They depend neither on the units of a coordinate nor on what multiplies it.
//
//	rounding.go  Running: the values of each vertex, and a bound of the error of each
package rounding
