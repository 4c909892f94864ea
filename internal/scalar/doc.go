// Package scalar knows the scalar functions of the catalogue.
package scalar
