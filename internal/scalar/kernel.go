package scalar

// An EntryKernel is a function that package vec applies entry by entry with vector instructions. Its Name makes the kernels
// vec.Map<Name>; its functions are what those compute, in plain Go.
type EntryKernel struct {
	Name       string
	KeepsSlope bool    // a kernel of its own computes value and slope together, and the way back reads the slope
	Rectifies  bool    // h = max(0, x): the value tells the slope, and loops in plain Go need no call
	Units      float64 // of the last place, that the value may be off by

	// Those of the function where they are nil. With a constant, ValueAt and SlopeAt stand in their place.
	Value, Slope     func(x float64) float64
	ValueAt, SlopeAt func(x, c float64) float64
}

// A RatioKernel is a function h of which package vec computes λ(r) = h(r)/r and λ′(r)/r with vector instructions. Its Name makes
// the kernels vec.<Name>.
type RatioKernel struct {
	Name      string
	Shifts    bool // it computes (h(r−s))/r
	Unshifted bool // there is a faster one, Name0, for s = 0

	// At is λ(r) and λ′(r)/r for r > 0, for h(r−shift) with the constants c, in plain Go.
	At func(r, shift float64, c *[2]float64) (l, l1 float64)
}
