//go:build (amd64 || arm64) && ((linux && !android) || (darwin && !ios) || windows || (freebsd && cgo))

package auto

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// childVariable makes this test binary print Status, and what is left of the environment, instead of its tests.
const childVariable = "QUIVERNET_TEST_STATUS"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		fmt.Print(Status())
		fmt.Printf("privileged: %v\n", privileged())
		fmt.Printf("after: %s=%q OPENBLAS_NUM_THREADS=%q\n", coreVariable, os.Getenv(coreVariable), os.Getenv("OPENBLAS_NUM_THREADS"))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child is the Status of a fresh process with these variables; "NAME=" removes one.
func child(t *testing.T, vars ...string) string {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self)
	for _, v := range append(os.Environ(), childVariable+"=1") {
		name, _, _ := strings.Cut(v, "=")
		keep := true
		for _, w := range vars {
			keep = keep && !strings.HasPrefix(w, name+"=")
		}
		if keep {
			cmd.Env = append(cmd.Env, v)
		}
	}
	for _, v := range vars {
		if !strings.HasSuffix(v, "=") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}

// fake compiles testdata/fake.c with these macros into a library of that name, or skips the test.
func fake(t *testing.T, name string, macros ...string) string {
	t.Helper()
	cc, err := exec.LookPath("cc")
	if err != nil || runtime.GOOS == "windows" {
		t.Skip("no C compiler to make a library with")
	}
	path := filepath.Join(t.TempDir(), name)
	args := []string{"-shared", "-fPIC", "-O1", "-o", path, filepath.Join("testdata", "fake.c")}
	for _, m := range macros {
		args = append(args, "-D"+m)
	}
	out, err := exec.Command(cc, args...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	real, err := filepath.EvalSymlinks(path)
	require.NoError(t, err)
	return real
}

func TestVariable(t *testing.T) {
	assert.Contains(t, child(t, "QUIVERNET_BLAS=go"), "BLAS: none, kernels of this module\n  reason    asked for\n  asked     QUIVERNET_BLAS=\"go\"\n")
	assert.Contains(t, child(t, "QUIVERNET_BLAS=fast"), `  reason    "fast" is none of go, auto and a path`)

	o, l := choose(system(), "", []string{"libnowhere.so"})
	assert.Nil(t, l)
	assert.False(t, o.failed)
	assert.Contains(t, o.String(), "  reason    no fast one was found; install OpenBLAS, or give the path of a library as QUIVERNET_BLAS\n  searched  ")

	missing := filepath.Join(t.TempDir(), "libnone.so")
	assert.Contains(t, child(t, "QUIVERNET_BLAS="+missing), "  reason    "+missing+": ")

	text := filepath.Join(t.TempDir(), "libtext.so")
	require.NoError(t, os.WriteFile(text, []byte("not a library"), 0o644))
	assert.Contains(t, child(t, "QUIVERNET_BLAS="+text), "  reason    "+text+": it cannot be loaded: ")

	right := fake(t, "libright.so")
	assert.Contains(t, child(t, "QUIVERNET_BLAS="+right), "BLAS: unrecognised BLAS\n  path      "+right+"\n  functions dgemm_, sgemm_, integers of 32 bits or more\n  threads   unknown\n")
}

// TestFakes has a library with each fault, and the right ones as controls.
func TestFakes(t *testing.T) {
	for _, c := range []struct {
		macros []string
		want   string // the reason, or "" for a library that is right
	}{
		{nil, ""},
		{[]string{"INT=long"}, ""}, // 64-bit integers without a sign of it
		{[]string{"DGEMM=dgemm_64_", "SGEMM=sgemm_64_", "INT=long"}, ""},
		{[]string{"DGEMM=scipy_dgemm_", "SGEMM=scipy_sgemm_"}, ""},
		{[]string{"DGEMM=scipy_dgemm_64_", "SGEMM=scipy_sgemm_64_", "INT=long"}, ""},
		{[]string{"DGEMM=other", "SGEMM=another"}, "it has no dgemm_, nor dgemm_64_, scipy_dgemm_ or scipy_dgemm_64_"},
		{[]string{"SGEMM=another"}, "it has dgemm_ and no sgemm_"},
		{[]string{"DGEMM=another"}, "it has sgemm_ and no dgemm_"},
		{[]string{"OFF=1"}, "its dgemm is wrong: entry 0,0 of a 1×1·1×1 product (transposed false false, beta 0) is "},
		{[]string{"NAN_STAYS"}, "(transposed false false, beta 0) is NaN and must be "},
		{[]string{"NO_BETA"}, "beta 1) is "},
		{[]string{"NO_TRANSPOSE"}, "(transposed true false, beta 0) is "},
		{[]string{"PADDING"}, "its dgemm is wrong: it writes between the rows of C"},
		{[]string{"SINGLE"}, "its dgemm is wrong: entry "},
		{[]string{"HALF"}, "its sgemm is wrong: entry "},
		{[]string{"BLOCKED=300"}, "of a 51×401·401×53 product"},
	} {
		name := strings.Join(append([]string{"lib"}, c.macros...), "-") + ".so"
		path := fake(t, name, c.macros...)
		o, l := choose(system(), path, nil)
		if c.want == "" {
			require.NotNil(t, l, "%v: %s", c.macros, o)
			assert.Equal(t, path, o.taken.path)
			assert.False(t, o.failed)

			// Found by the search, it is left alone: nothing says that it is fast.
			o, l = choose(system(), "auto", []string{path})
			assert.Nil(t, l)
			assert.Contains(t, o.String(), "  refused   "+path+": it is not known as OpenBLAS, MKL or BLIS")
			continue
		}
		assert.Nil(t, l, "%v", c.macros)
		assert.True(t, o.failed)
		assert.Contains(t, o.String(), "  reason    "+path+": ", "%v", c.macros)
		assert.Contains(t, o.String(), c.want, "%v", c.macros)
	}
}

// TestFakeOpenBLAS has libraries that call themselves OpenBLAS.
func TestFakeOpenBLAS(t *testing.T) {
	t.Setenv(coreVariable, "")
	fast := fake(t, "libfast.so", `CONFIG="OpenBLAS 9.8.7 USE64BITINT MAX_THREADS=1"`, `CORE="Future"`, "INT=long")
	o, l := choose(system(), "auto", []string{"libnowhere.so", fast, fast})
	require.NotNil(t, l)
	assert.Equal(t, "OpenBLAS 9.8.7, kernels Future, 1 thread", l.Name())
	assert.Equal(t, 64, l.bits)
	assert.Equal(t, 1, cap(l.calls), "MAX_THREADS bounds the calls at a time")
	assert.Contains(t, o.String(), "functions dgemm_, sgemm_, 64-bit integers")
	assert.NotContains(t, o.String(), "libnowhere", "a library that is not there is not worth a line")

	if detectCore() == "" {
		return
	}
	old := fake(t, "libold.so", `CONFIG="OpenBLAS 0.1.2 MAX_THREADS=64"`, `CORE="Prescott"`, "PARALLEL=0")
	o, l = choose(system(), "auto", []string{old, old, fast})
	require.NotNil(t, l)
	assert.Len(t, o.refused, 1, "the same file twice")
	assert.Equal(t, "9.8.7", l.version, "the next one is taken")
	assert.Contains(t, o.String(), "refused   "+old+": it runs its kernels for Prescott, and this processor could run those for "+detectCore())
	_, l = choose(system(), old, nil)
	require.NotNil(t, l, "a path is a command")
	assert.Equal(t, 1, cap(l.calls), "no threads, perhaps no locks")
	assert.Contains(t, l.Name(), "one call at a time")
	t.Setenv(coreVariable, "Nonsense")
	o, l = choose(system(), "auto", []string{old})
	assert.Nil(t, l, "a wish that the library did not follow excuses nothing")
	assert.Contains(t, o.String(), "(OPENBLAS_CORETYPE may choose others)")
	_, l = choose(system(), old, nil)
	require.NotNil(t, l)
	assert.Equal(t, "the library's own choice; it has none for Nonsense, as the user's environment says", l.coreBy)
	t.Setenv(coreVariable, "Prescott")
	_, l = choose(system(), "auto", []string{old})
	assert.NotNil(t, l, "so is the variable")
}

// TestCoreReachesTheLibrary shows that what Setenv sets is what OpenBLAS reads, that a user's choice stands, and that
// nothing of it is left behind.
func TestCoreReachesTheLibrary(t *testing.T) {
	if l := here(t); l.kind != "OpenBLAS" || detectCore() == "" || !strings.Contains(l.config, "DYNAMIC_ARCH") {
		t.Skip("needs OpenBLAS with kernels for several processors of this kind")
	}
	s := child(t, coreVariable+"=", "OPENBLAS_NUM_THREADS=7", "QUIVERNET_BLAS=")
	assert.Contains(t, s, "  kernels   "+detectCore()+", from the processor's flags\n")
	assert.Contains(t, s, "  threads   1 thread")
	assert.Contains(t, s, `after: OPENBLAS_CORETYPE="" OPENBLAS_NUM_THREADS="7"`)
	s = child(t, coreVariable+"=Nehalem", "QUIVERNET_BLAS=auto")
	assert.Contains(t, s, "  kernels   Nehalem, as the user's environment says\n")
	assert.Contains(t, s, `after: OPENBLAS_CORETYPE="Nehalem"`)
}

// A library of the search path is found there, and one in the working directory is not.
func TestCandidates(t *testing.T) {
	dir := t.TempDir()
	p := places{families: [][]string{{"libx.so.1", "libx.so"}, {"liby.so"}}, byName: true, pathList: "QUIVERNET_TEST_PATH", dirs: []string{dir, "."}}
	t.Setenv("QUIVERNET_TEST_PATH", dir+string(filepath.ListSeparator))
	t.Setenv("CONDA_PREFIX", "")
	t.Setenv("MKLROOT", "")
	t.Chdir(dir)
	x := filepath.Join(dir, "libx.so")
	require.NoError(t, os.WriteFile(x, nil, 0o644))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "liby.so"), 0o755))
	assert.Equal(t, []string{x}, p.candidates())
	p.dirs = []string{"."}
	assert.Equal(t, []string{x}, p.candidates())
	t.Setenv("QUIVERNET_TEST_PATH", ".:"+string(filepath.ListSeparator))
	assert.Empty(t, p.candidates())
	p.loader = []string{dir}
	assert.Equal(t, []string{x}, p.candidates())
	p.byName = false
	assert.Empty(t, p.candidates())
	assert.NotEmpty(t, slices.Concat(system().families...))
}

func TestNamed(t *testing.T) {
	for _, s := range []string{"/opt/lib/libx", "./x", `C:\blas\x.dll`, "libblas.so.3", "libopenblas.dylib", "mkl_rt.dll", "a.so"} {
		assert.True(t, named(s), s)
	}
	for _, s := range []string{"fast", "OpenBLAS", "Go", "so", "1"} {
		assert.False(t, named(s), s)
	}
}
