package optim

import "math"

// Schedule multiplies the rate at step 0, 1, 2, …; nil is 1 throughout. Any function
// will do. A negative value, a NaN or an infinity is a *SettingError at its step. Equal steps
// on both sides keep every equality of projected and reduced training. The makers of schedules
// panic with a *SettingError for settings out of range.
type Schedule func(step int) float64

// Constant is factor at every step: 0 or a positive number.
func Constant(factor float64) Schedule {
	insist("Constant", argument{"factor", factor, &atLeast0})
	return func(int) float64 { return factor }
}

// Cosine falls from 1 to floor, 0 ≤ floor ≤ 1, along half a cosine over total ≥ 1 steps and stays
// there (Loshchilov and Hutter 2017).
func Cosine(total int, floor float64) Schedule {
	insist("Cosine", argument{"total", float64(total), &counts1}, argument{"floor", floor, &share})
	return func(step int) float64 {
		if step >= total {
			return floor
		}
		return floor + (1-floor)*(1+math.Cos(math.Pi*float64(step)/float64(total)))/2
	}
}

// Decay multiplies by factor > 0 every so many steps, 1 at least: factor^⌊step/every⌋.
func Decay(every int, factor float64) Schedule {
	insist("Decay", argument{"every", float64(every), &counts1}, argument{"factor", factor, &positive})
	return func(step int) float64 { return math.Pow(factor, float64(step/every)) }
}

// Warmup rises linearly over steps ≥ 0, 1/steps, 2/steps, …, 1, and goes on with then, from its
// step 0; nil is 1.
func Warmup(steps int, then Schedule) Schedule {
	insist("Warmup", argument{"steps", float64(steps), &counts})
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
