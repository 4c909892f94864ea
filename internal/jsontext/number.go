package jsontext

import (
	"encoding/json"
	"math"
	"strconv"
)

// Number is a float64 that prints with three digits and whose JSON is a number where JSON
// has one, else the string "+Inf", "-Inf" or "NaN".
type Number float64

// String returns the number with three significant digits.
func (x Number) String() string { return strconv.FormatFloat(float64(x), 'g', 3, 64) }

// MarshalJSON returns a number or a string.
func (x Number) MarshalJSON() ([]byte, error) {
	if f := float64(x); math.IsInf(f, 0) || math.IsNaN(f) {
		return json.Marshal(strconv.FormatFloat(f, 'g', -1, 64))
	}
	return json.Marshal(float64(x))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (x *Number) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		f, err := strconv.ParseFloat(s, 64)
		*x = Number(f)
		return err
	}
	return json.Unmarshal(b, (*float64)(x))
}
