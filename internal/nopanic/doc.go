// Package nopanic holds no code: its test calls every exported function and method of the public
// packages with nil, zero, empty and absurd arguments. What comes out may be a value, an error, or
// a panic with an error of this module; never an untyped panic, and every call ends.
package nopanic
