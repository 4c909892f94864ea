// Package fault holds the errors that a compiled program returns: each a type that names the place and says what to do next.
// Package graph shows them under the same names.
//
//	errors.go   the errors; those of package op become errors of this package, for Typed and for errors.As
package fault
