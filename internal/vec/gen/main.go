// Command gen writes the assembly of package vec: go generate ./internal/vec.
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: gen directory")
	}
	out := os.Args[1]
	complete()
	for _, single := range []bool{false, true} {
		for _, z := range []bool{false, true} {
			write(out, z, single)
		}
	}
	dispatch(out)
	kinds(out)
}

// write makes the files of one level and precision.
func write(dir string, z, single bool) {
	c := build.NewContext()
	m := &machine{Context: c, z: z, single: single, series: newSeries(single)}
	level := map[bool]string{false: "avx2", true: "avx512"}[z]
	name := fmt.Sprintf("%s_%s", level, map[bool]string{false: "float64", true: "float32"}[single])
	m.consts = &table{name: "consts" + m.suffix(), at: map[uint64]int{}}
	c.ConstraintExpr("amd64,!purego")
	all := kernels
	if z && !single {
		all = slices.Concat(all, woven)
	}
	for _, k := range all {
		m.begin(k.name, k.params)
		k.emit(m)
		m.VZEROUPPER()
		m.RET()
	}
	m.data()
	m.maskData()
	f, err := c.Result()
	if err != nil {
		log.Fatal(name, ": ", err)
	}
	if err := pass.Compile.Execute(f); err != nil {
		log.Fatal(name, ": ", culprit(f), err)
	}
	cfg := printer.Config{Name: "avo", Pkg: "vec", Argv: []string{"gen"}}
	asm, err := printer.NewGoAsm(cfg).Print(f)
	if err != nil {
		log.Fatal(err)
	}
	if bad := regexp.MustCompile(`\b[YX](1[6-9]|2\d|3[01])\b`).Find(asm); !z && bad != nil {
		at := bytes.Index(asm, bad)
		fn := regexp.MustCompile(`TEXT ·(\w+)`).FindAllSubmatch(asm[:at], -1)
		log.Fatalf("%s: %s: AVX2 has no register %s", name, fn[len(fn)-1][1], bad)
	}
	stubs, err := printer.NewStubs(cfg).Print(f)
	if err != nil {
		log.Fatal(err)
	}
	save(filepath.Join(dir, name+"_amd64.s"), asm)
	save(filepath.Join(dir, name+"_amd64.go"), stubs)
}

func save(name string, b []byte) {
	if err := os.WriteFile(name, bytes.TrimLeft(b, "\n"), 0o644); err != nil {
		log.Fatal(err)
	}
}

// culprit names the first function without registers: they ran out there, or in the one before it.
func culprit(f *ir.File) string {
	for _, fn := range f.Functions() {
		if len(fn.Allocation) == 0 {
			return fn.Name + ": "
		}
	}
	return ""
}
