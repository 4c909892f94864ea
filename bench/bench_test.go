package main

import (
	"strings"
	"testing"
)

// BenchmarkStep times each case with each variant in Go that needs no process of its own; compare
// lines of one run only. What stands beside the peers is `go run ./bench -peers`.
func BenchmarkStep(b *testing.B) {
	for _, c := range allCases {
		for _, v := range goVariants {
			if !v.does(c) || v.plain {
				continue
			}
			b.Run(strings.ReplaceAll(c.String(), "/", "-")+"/"+v.name, func(b *testing.B) {
				s, err := setUp(c, v)
				if err != nil {
					b.Fatal(err)
				}
				if err := s.run(2); err != nil { // makes what is made at first use
					b.Fatal(err)
				}
				b.ReportAllocs()
				for b.Loop() {
					if err := s.run(1); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// setUp makes a case for a variant without a file between them.
func setUp(c benchCase, v variant) (stepper, error) {
	if c.kind == arrows {
		return v.make(c, nil)
	}
	in, err := c.instance()
	if err != nil {
		return nil, err
	}
	return v.make(c, in)
}
