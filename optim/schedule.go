package optim

import "math"

// Cosine falls from 1 to floor along half a cosine over total steps and stays there
// (Loshchilov and Hutter 2017).
func Cosine(total int, floor float64) Schedule {
	return func(step int) float64 {
		if step >= total {
			return floor
		}
		return floor + (1-floor)*(1+math.Cos(math.Pi*float64(step)/float64(total)))/2
	}
}

// Decay multiplies by factor every so many steps.
func Decay(every int, factor float64) Schedule {
	return func(step int) float64 { return math.Pow(factor, float64(step/max(every, 1))) }
}

// Warmup rises linearly over steps and goes on with then, from its step 0; nil is 1.
func Warmup(steps int, then Schedule) Schedule {
	return func(step int) float64 {
		switch {
		case step < steps:
			return float64(step+1) / float64(steps)
		case then != nil:
			return then(step - steps)
		}
		return 1
	}
}
