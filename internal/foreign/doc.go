// Package foreign carries numbers between our memory and the operations of Gorgonia, which a user's loss may be made of: these take and
// return values of their own, in shapes that are not always those of their nodes.
//
//	value.go   numbers, shapes and values
package foreign
