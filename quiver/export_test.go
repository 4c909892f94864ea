package quiver

// LimitJSON lowers the most that DecodeJSON reads, and returns what undoes it.
func LimitJSON(n int) (undo func()) {
	old := maxJSON
	maxJSON = n
	return func() { maxJSON = old }
}
