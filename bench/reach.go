package main

import (
	"io"
)

func reach(out, log io.Writer, seeds int, quick, asJSON, markdown bool) error { return nil }
