package optim

import "math"

// Schedule multiplies the rate at step 0, 1, 2, …; nil is 1 throughout. Any function
// will do. A negative value, a NaN or an infinity is a *SettingError at its step. Equal steps
// on both sides keep every equality of projected and reduced training.
type Schedule func(step int) float64

// Constant is factor at every step.
func Constant(factor float64) Schedule { return func(int) float64 { return factor } }

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

// Decay multiplies by factor every so many steps: factor^⌊step/every⌋.
func Decay(every int, factor float64) Schedule {
	return func(step int) float64 { return math.Pow(factor, float64(step/max(every, 1))) }
}

// Warmup rises linearly over steps, 1/steps, 2/steps, …, 1, and goes on with then, from its
// step 0; nil is 1.
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
