// Package joining writes a network in a smaller quiver that has joined arrows: parallel arrows become
// their sum, arrows from an input and a bias one arrow from the span of data, and arrows through a
// linear vertex their product.
//
// # Laws
//
//   - Sums and products compute the same function for every input, spans of data for inputs in the span;
//     up to rounding in each case.
//   - Arguments are not changed. What is returned shares no trainable numbers with them, but for WithFixed, which
//     returns its argument where there is nothing to replace.
//   - Sums take arrows that are all fixed or all trainable; tied arrows, and those that others are tied to, join none.
//   - Split gives back the arrows of the given network: with the matrices they had, where nothing was trained.
//
// # Files
//
//	file          what you find there
//	rebuild.go    Rebuild and WithFixed: the same quiver with other dimensions or fixed matrices
//	parallel.go   SumParallel and Sums: parallel arrows
//	span.go       SpanData and Spans: inputs in the span of data
//	basis.go      the directions of the data, in the units of each coordinate
//	distance.go   Spans.Off: how far inputs are from the span
//	product.go    Contract: linear vertices
package joining
