//go:build (amd64 || arm64) && ((linux && !android) || (darwin && !ios) || windows || (freebsd && cgo))

package auto

import (
	"os"

	"golang.org/x/sys/cpu"
)

// coreWish is the value of OPENBLAS_CORETYPE and who chose it.
type coreWish struct{ name, by string }

const (
	coreVariable = "OPENBLAS_CORETYPE"
	byUser       = "as the user's environment says"
	byFlags      = "from the processor's flags"
	byItself     = "the library's own choice"
)

// detectCore is OpenBLAS's name for the newest processor whose kernels this one runs, by its flags alone,
// or "" to leave the choice to the library.
func detectCore() string {
	switch x := &cpu.X86; {
	case x.HasAVX512F && x.HasAVX512DQ && x.HasAVX512BW && x.HasAVX512VL && x.HasAVX512CD && x.HasFMA:
		return "SkylakeX"
	case x.HasAVX2 && x.HasFMA:
		return "Haswell"
	}
	return ""
}

// prepare sets what libraries read while they load: one thread, and kernels for this processor. restore puts all back.
//
// Setenv reaches C as well: package purego gives the runtime the C library's setenv, with and without cgo.
// What the user's environment says of kernels counts if heed is true.
func prepare(core string, heed bool) (w coreWish, restore func()) {
	set := map[string]string{
		"OPENBLAS_NUM_THREADS":   "1",
		"MKL_NUM_THREADS":        "1",
		"MKL_THREADING_LAYER":    "SEQUENTIAL",
		"BLIS_NUM_THREADS":       "1",
		"VECLIB_MAXIMUM_THREADS": "1",
	}
	switch user := os.Getenv(coreVariable); {
	case heed && user != "":
		w = coreWish{user, byUser}
	case core != "":
		w = coreWish{core, byFlags}
		set[coreVariable] = core
	default:
		w = coreWish{"", byItself}
	}
	before := map[string]string{}
	for name, value := range set {
		if v, ok := os.LookupEnv(name); ok {
			before[name] = v
		}
		os.Setenv(name, value)
	}
	return w, func() {
		for name := range set {
			if v, ok := before[name]; ok {
				os.Setenv(name, v)
			} else {
				os.Unsetenv(name)
			}
		}
	}
}
