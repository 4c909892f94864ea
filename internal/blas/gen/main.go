// Command gen writes the assembly of package blas. It is a module of its own, so that its
// generator library reaches no user of the package: see the go:generate lines of the package.
package main

import (
	"flag"
	"log"

	. "github.com/mmcloughlin/avo/build"
)

func main() {
	log.SetFlags(0)
	kernel := flag.String("kernel", "", "which kernels to write: gemm, dots, transpose or convert")
	flag.Parse()
	ConstraintExpr("amd64,!purego")
	write, ok := map[string]func(isa){"gemm": gemm, "dots": dots, "convert": convert, "transpose": transpose}[*kernel]
	if !ok {
		log.Fatalf("gen: no kernel %q", *kernel)
	}
	for _, i := range isas {
		write(i)
	}
	Generate()
}
