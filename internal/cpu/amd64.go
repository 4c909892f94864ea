//go:build amd64 && !purego

package cpu

import "golang.org/x/sys/cpu"

// detect reads the processor's flags; the operating system must save the registers too,
// which the flags of this package include.
func detect() Level {
	switch x := &cpu.X86; {
	case !x.HasAVX2 || !x.HasFMA:
		return Go
	case x.HasAVX512F && x.HasAVX512DQ && x.HasAVX512VL && x.HasAVX512BW:
		return AVX512
	}
	return AVX2
}
