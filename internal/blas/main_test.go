package blas

import (
	"os"
	"testing"
)

// library is what the machine has; the tests themselves run without it.
var library Library

func TestMain(m *testing.M) {
	library = Registered()
	Register(nil)
	os.Exit(m.Run())
}
