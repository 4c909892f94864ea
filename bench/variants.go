package main

import (
	"cmp"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/internal/blas"
)

// variant is a way to do a case, in Go.
type variant struct {
	name  string
	plain bool // without a library for products
	cores int  // how many it may use
	does  func(benchCase) bool
	make  func(benchCase, *instance) (stepper, error)
}

// String returns the name.
func (v variant) String() string { return v.name }

func steps(c benchCase) bool   { return c.kind == training }
func both(benchCase) bool      { return true }
func scaling(c benchCase) bool { return c.kind == training && c.name == wide.name && c.batch == 1024 }

func makeOurs(opts ...graph.Option) func(benchCase, *instance) (stepper, error) {
	return func(c benchCase, in *instance) (stepper, error) {
		if c.kind == arrows {
			return newOursArrows(c.batch)
		}
		return newOurs(in, opts...)
	}
}

func makeHandStep(_ benchCase, in *instance) (stepper, error) { return newHand(in), nil }

// makeStock makes stock Gorgonia; with shared it runs on this library's products.
func makeStock(shared bool) func(benchCase, *instance) (stepper, error) {
	return func(c benchCase, in *instance) (stepper, error) {
		if shared {
			shareProducts()
		}
		if c.kind == arrows {
			return newBuiltinArrows(c.batch)
		}
		return newStock(in)
	}
}

// goVariants are the variants of this binary. The names with -go run without a library for products,
// the others use one where package blas/auto finds it.
var goVariants = []variant{
	{"quivernet", false, 1, both, makeOurs()},
	{"quivernet-go", true, 1, both, makeOurs()},
	{"hand", false, 1, steps, makeHandStep},
	{"hand-go", true, 1, steps, makeHandStep},
	{"gorgonia", false, 1, both, makeStock(true)},
	{"gorgonia-gonum", true, 1, both, makeStock(false)},
	{"workers-1", false, 2, scaling, makeOurs(graph.Workers(1))},
	{"workers-2", false, 2, scaling, makeOurs(graph.Workers(2))},
}

func findVariant(name string) (variant, error) {
	for _, v := range goVariants {
		if v.name == name {
			return v, nil
		}
	}
	return variant{}, &UnknownError{"variant", name, names(goVariants)}
}

// noLibrary is what a variant says of its products where no library is in use.
const noLibrary = "kernels of this module"

// about says what runs.
func (v variant) about() about {
	a := about{Version: runtime.Version(), Threads: runtime.GOMAXPROCS(0), BLAS: noLibrary}
	if info, ok := debug.ReadBuildInfo(); ok {
		a.Version += ", " + cmp.Or(info.Main.Version, "(devel)")
		for _, d := range info.Deps {
			if d.Path == "gorgonia.org/gorgonia" && (v.name == "gorgonia" || v.name == "gorgonia-gonum") {
				a.Version = runtime.Version() + ", gorgonia " + d.Version
			}
		}
	}
	if l := blas.Registered(); l != nil {
		a.BLAS = l.Name()
	}
	if v.name == "gorgonia-gonum" {
		a.BLAS = "gonum"
	}
	return a
}

// serveVariant is the child process.
func serveVariant(name string) error {
	v, err := findVariant(name)
	if err != nil {
		return err
	}
	if err := serve(os.Stdin, os.Stdout, v); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
