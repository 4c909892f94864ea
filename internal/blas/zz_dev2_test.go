package blas

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
)

func TestDev2(t *testing.T) {
	if os.Getenv("DEV2") == "" {
		t.Skip()
	}
	rng := rand.New(rand.NewPCG(1, 2))
	var cs []devCase
	for _, n := range []int{128, 1024} {
		for _, pad := range []int{0, 8, 16, 24, 32, 48} {
			for _, off := range []int{0, 8, 16, 32, 64, 256 + 8} {
				ld := n + pad
				x := aligned[float64](rng, 16*ld+1024)
				z := aligned[float64](rng, 64*ld+1024)[off:]
				w := aligned[float64](rng, 1024)
				cs = append(cs, devCase{fmt.Sprintf("16-64/%d pad %d off %d", n, pad, off), 2 * 1024 * float64(n), func() {
					Gemm(64, n, 16, w, 16, 1, x, ld, false, z, ld)
				}})
			}
		}
	}
	for i, d := range minTimes(cs, 25) {
		fmt.Printf("%-36s %10.1f ns %8.1f GF/s\n", cs[i].name, d, cs[i].flops/d)
	}
}
