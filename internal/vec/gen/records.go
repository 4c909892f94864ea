package main

import (
	"cmp"
	"log"
	"maps"
	"slices"

	"github.com/quivernet/quivernet/internal/scalar"
)

// record holds the kernels that the functions of package scalar ask for, by name.
var record = func() (r struct {
	entries []*scalar.EntryKernel
	ratios  []*scalar.RatioKernel
}) {
	for _, f := range scalar.Samples() {
		if k := f.Entry; k != nil && !slices.Contains(r.entries, k) {
			r.entries = append(r.entries, k)
		}
		if k := f.Ratio; k != nil && !slices.Contains(r.ratios, k) {
			r.ratios = append(r.ratios, k)
		}
	}
	slices.SortFunc(r.entries, func(a, b *scalar.EntryKernel) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(r.ratios, func(a, b *scalar.RatioKernel) int { return cmp.Compare(a.Name, b.Name) })
	return r
}()

// ratioNames are the names of the instructions of all ratios.
func ratioNames() (names []string) {
	for _, k := range record.ratios {
		names = append(names, k.Name)
		if k.Unshifted {
			names = append(names, k.Name+"0")
		}
	}
	return names
}

// complete ends the program where a function of package scalar asks for a kernel that has no instructions here, or instructions
// stand here that none asks for.
func complete() {
	left := maps.Clone(entries)
	for _, k := range record.entries {
		h, ok := left[k.Name]
		switch {
		case !ok:
			log.Fatalf("package scalar asks for the entry kernel %s twice, or entries in activations.go has no instructions for it", k.Name)
		case h.value == nil || (h.withSlope != nil) != k.KeepsSlope || (h.vjp != nil) == k.KeepsSlope:
			log.Fatalf("the entry kernel %s wants value and, as it says by KeepsSlope, either withSlope or vjp", k.Name)
		}
		delete(left, k.Name)
	}
	rest := maps.Clone(ratios)
	for _, name := range ratioNames() {
		if _, ok := rest[name]; !ok {
			log.Fatalf("package scalar asks for the ratio kernel %s twice, or ratios in activations.go has no instructions for it", name)
		}
		delete(rest, name)
	}
	if len(left)+len(rest) > 0 {
		log.Fatalf("no function of package scalar asks for the instructions of %v, %v", slices.Sorted(maps.Keys(left)), slices.Sorted(maps.Keys(rest)))
	}
}
