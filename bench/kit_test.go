package main

import (
	"encoding/json"
	"os"
	"strconv"
	"testing"
)

func jsonUnmarshal(line []byte, a *answer) error { return json.Unmarshal(line, a) }

func itoa(i int) string { return strconv.Itoa(i) }

func bytesOf(f *testing.F, file string) []byte {
	text, err := os.ReadFile(file)
	if err != nil {
		f.Fatal(err)
	}
	return text
}
