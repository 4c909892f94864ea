package main

import (
	"bytes"
	"errors"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/golden"
)

// TestDoctorText is the shape of the text, on a machine that never changes.
func TestDoctorText(t *testing.T) {
	d := diagnosis{
		version: "v1.2.3", toolchain: "go1.26.0", platform: "linux/amd64", processors: 8, procs: 4,
		engine: "kernels avx2\nlarge products: OpenBLAS 0.3.21, kernels Haswell, 1 thread\n",
		blas:   "BLAS: OpenBLAS 0.3.21, kernels Haswell, 1 thread\n  path      /usr/lib/libopenblas.so.0\n",
	}
	var s bytes.Buffer
	require.NoError(t, d.write(&s))
	golden.Check(t, "doctor.golden", s.String())
}

// TestDoctor runs the command here: the same shape, with what this machine has.
func TestDoctor(t *testing.T) {
	var out, errs bytes.Buffer
	assert.Zero(t, run([]string{"doctor"}, &out, &errs))
	assert.Empty(t, errs.String())
	assert.Regexp(t, `^github\.com/quivernet/quivernet \S+
`+runtime.Version()+` `+runtime.GOOS+`/`+runtime.GOARCH+`, \d+ processors, GOMAXPROCS \d+
kernels .*
large products: .*
BLAS: .*
(  [a-z]+ +.*
)*$`, out.String())
}

func TestHelp(t *testing.T) {
	var out, errs bytes.Buffer
	assert.Zero(t, run([]string{"doctor", "--help"}, &out, &errs))
	golden.Check(t, "doctor-help.golden", out.String())
	out.Reset()
	assert.Zero(t, run(nil, &out, &errs))
	assert.Contains(t, out.String(), "doctor")
	assert.Empty(t, errs.String())
}

func TestWrongUse(t *testing.T) {
	for _, args := range [][]string{{"nonsense"}, {"doctor", "me"}, {"doctor", "--fast"}} {
		var out, errs bytes.Buffer
		assert.Equal(t, 1, run(args, &out, &errs), "%v", args)
		assert.Empty(t, out.String())
		assert.Regexp(t, `^quivernet: .*\(quivernet help lists the commands\)\n$`, errs.String())
	}
}

func TestVersion(t *testing.T) {
	assert.Equal(t, "v1.0.0", version(&debug.BuildInfo{Main: debug.Module{Path: module, Version: "v1.0.0"}}))
	assert.Equal(t, "v1.1.0", version(&debug.BuildInfo{Main: debug.Module{Path: "example.org/x", Version: "v9.0.0"}, Deps: []*debug.Module{{Path: module, Version: "v1.1.0"}}}))
	assert.Equal(t, "(unknown)", version(&debug.BuildInfo{}))
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestAFailedWriteIsAFailure(t *testing.T) {
	var errs bytes.Buffer
	assert.Equal(t, 1, run([]string{"doctor"}, full{}, &errs))
	assert.Contains(t, errs.String(), "no space left")
}
